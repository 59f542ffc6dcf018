"""The bound is a threshold's largest change that does not fire."""

import pytest
from block_bench import pipelined

from thresh.gateware.encode.threshold_bound import ThresholdBound


@pytest.mark.parametrize("width", [1, 4, 7])
def test_every_threshold(width):
    unit, thresholds = ThresholdBound(width=width), list(range(1 << width))
    # A threshold must hold for the two cycles in which it is looked at.
    held = [value for value in thresholds for _ in range(2)]
    (bound,) = pipelined(unit, [(unit.threshold, 0, held)], [(unit.bound, 2)], 2)
    assert bound[::2].tolist() == [max(value - 1, 0) for value in thresholds]
