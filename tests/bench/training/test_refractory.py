"""The bench whose encoders rest after they have sent."""

import numpy as np
import pytest

from bench.cycles.activity import echoing_network
from thresh.sim.golden import GoldenModel


@pytest.fixture
def module(exam, one_pair, monkeypatch):
    """The bench, with a pair of seconds."""
    from bench.training import refractory

    monkeypatch.setattr(refractory, "pair", exam.pair)
    monkeypatch.setattr(refractory, "SCALES", (0.7, 1.0))
    return refractory


def test_an_encoder_sends_again_after_its_rest(module):
    """A ramp that moves by more than the threshold in every step."""
    network = echoing_network(8, 1, inputs=4)
    x = np.arange(1, 13)[:, None] * np.full((1, 4), 2 * network.layers[0].threshold_x)
    runs = [module.Resting(network, 1, rest_x=rest, rest_h=0).run(x[None]) for rest in (0, 1, 3)]
    assert [run.fired_x[0].tolist() for run in runs] == [
        [4] * 12, [4, 0] * 6, [4, 0, 0, 0] * 3,
    ]  # fmt: skip
    np.testing.assert_array_equal(runs[0].outputs, GoldenModel(network).run(x[None]).outputs)


def test_what_rests_sends_less(exam, module):
    from bench.pages import exam as page

    assert page.refractory() == "Not measured yet.\n"
    module.main(["sums", "--fold", "1"])
    rows = page.results.load("refractory-sums")["rows"]
    found = {(row["scale"], row["rest_x"], row["rest_h"]): row for row in rows}
    assert len(found) == 2 * len(module.RESTS)
    whole, inputs, states = (found[1.0, *rest] for rest in ((0, 0), (1, 0), (0, 1)))
    assert inputs["fired_x"] < whole["fired_x"] == states["fired_x"]
    assert states["fired_h"] < whole["fired_h"]
    assert "| sums, fold 1, seed 1 | 0.7 | 0 / 0 |" in page.refractory()
