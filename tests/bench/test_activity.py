"""Networks that fire as often as they are told to, and the peer's cycles."""

import numpy as np
import pytest

from bench.cycles.activity import changing_inputs, echoing_network, warm_up
from bench.cycles.edgedrnn import layer_cycles, step_cycles
from thresh.sim.golden import GoldenModel

FORMATS = [{}, {"weight_bits": 4, "value_bits": 8}]


@pytest.mark.parametrize("formats", FORMATS)
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("activity", [0.05, 0.5, 1])
def test_every_list_fires_at_the_wanted_rate(layers, activity, formats):
    network = echoing_network(96, layers, 32, **formats)
    warm = warm_up(network)
    x = changing_inputs(network, activity, warm + 200)
    trace = GoldenModel(network).run(x[None])
    assert trace.fired_x[0, warm:].mean() / 32 == pytest.approx(activity, rel=0.15)
    shares = trace.fired_h[0, warm:].mean(axis=0) / 96
    assert shares == pytest.approx([activity] * layers, rel=0.15)


@pytest.mark.parametrize("formats", FORMATS)
def test_nothing_fires_without_changes(formats):
    network = echoing_network(96, 2, 32, **formats)
    warm = warm_up(network)
    trace = GoldenModel(network).run(changing_inputs(network, 0, warm + 5)[None])
    assert not trace.fired_h[0, warm:].any()
    assert trace.skipped[0, warm:].all()


def test_edgedrnn_has_the_idle_step_that_was_simulated():
    lists = [np.zeros(16 + 128, bool), np.zeros(128 + 128, bool)]
    assert step_cycles(lists, [128, 128], 8) == 592


def test_edgedrnn_waits_for_its_encoder():
    early, late = np.zeros(272, bool), np.zeros(272, bool)
    early[0] = late[-1] = True
    sweep = 3 * 256 // 8
    assert layer_cycles(late, units=256, lanes=8) - layer_cycles(early, units=256, lanes=8) == (
        sweep - 1
    )
