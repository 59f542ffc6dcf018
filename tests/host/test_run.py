import numpy as np
import pytest
from link_bench import geometry, network, walk

from thresh.host.client import Client
from thresh.host.run import run_utterance
from thresh.host.transport import DirectTransport
from thresh.layout.image import build_image
from thresh.sim.device_twin import DeviceTwin
from thresh.sim.golden import GoldenModel

NET = network(5, 12, 3)


def test_a_network_of_real_size_runs_a_whole_utterance():
    real = network(40, 128, 10, threshold=2000, decision="mean")
    shape = geometry(
        lanes=8, weight_depth=16384, accumulator_depth=1024, state_depth=256, value_depth=256
    )
    client = Client(DirectTransport(DeviceTwin(shape)))
    done = []
    client.load(build_image(real, shape), lambda now, total: done.append((now, total)))
    assert done[-1][0] == done[-1][1] == build_image(real, shape).weights.size + 256 + 12
    x = walk(60, 40)
    run = run_utterance(client, real, x)
    trace = GoldenModel(real).run(x[None])
    np.testing.assert_array_equal(run.outputs, trace.outputs[0])
    assert run.decision == str(trace.outputs[0].sum(axis=0).argmax())
    assert run.counters.fired_x == trace.fired_x.sum()
    assert run.counters.fired_h == tuple(trace.fired_h[0].sum(axis=0))
    assert run.counters.saturations == trace.saturations.sum()
    assert run.counters.skipped_layers == trace.skipped.sum()
    assert run.counters.step_cycles == run.cycles[-1]
    assert run.counters.busy_cycles + run.counters.idle_cycles == run.cycles.sum()


def test_an_utterance_of_another_network_is_refused():
    client = Client(DirectTransport(DeviceTwin(geometry())))
    client.load(build_image(NET, geometry()))
    with pytest.raises(ValueError, match="holds a network of 5 inputs and 3 outputs, not of 5 and"):
        run_utterance(client, network(5, 12, 2), walk(3, 5))
    with pytest.raises(ValueError, match=r"Inputs must have shape \(steps, 5\), not \(3, 4\)"):
        run_utterance(client, NET, walk(3, 4))
