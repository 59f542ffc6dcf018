"""Clocks of a simulated device: those that cannot be are refused."""

import pytest

from thresh.sim.device.clocks import Clocks


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"core_period": 10, "core_spread": 10}, "A period of 10 ps cannot deviate by 10 ps"),
        ({"audio_spread": -1}, "cannot deviate by -1 ps"),
        ({"start": (5, 4)}, r"two times in order, not \(5, 4\)"),
    ],
)
def test_refuses(changes, sentence):
    with pytest.raises(ValueError, match=sentence):
        Clocks(**changes)
