"""Streams that take turns on one accelerator, each as if it were alone."""

import numpy as np
import pytest
from link_bench import Loop, geometry, golden, network, walk

from thresh.host.client import Client
from thresh.host.streams import Streams
from thresh.model.image import build_image
from thresh.sim.device_twin import DeviceTwin

NET = network(5, 13, 6, 3, kinds=("lstm", "li_gru", "linear"), shift=11)


@pytest.fixture
def streams():
    client = Client(Loop(DeviceTwin(geometry())))
    client.load(build_image(NET, geometry()))
    return Streams(client)


def test_every_stream_computes_what_it_would_compute_alone(streams):
    inputs = {name: walk(12, 5, seed, stride=2000) for seed, name in enumerate("abc")}
    outputs = {name: [] for name in inputs}
    turns = np.random.default_rng(0).permutation(list("abc") * 12)
    for name in turns:
        at = len(outputs[name])
        outputs[name].append(streams.step(name, inputs[name][at]).outputs)
    for name, x in inputs.items():
        np.testing.assert_array_equal(outputs[name], golden(NET, x)[0])
    assert streams.switches == np.count_nonzero(turns[1:] != turns[:-1])


def test_one_stream_alone_is_never_saved(streams):
    x = walk(8, 5)
    asked = streams.client.exchange
    streams.step("a", x[0])
    before = asked.repeated, streams.client.exchange.transport.device.executed
    for values in x[1:]:
        streams.step("a", values)
    device = streams.client.exchange.transport.device
    assert (asked.repeated, device.executed) == (before[0], before[1] + 7)
    assert streams.switches == 0


def test_a_stream_begins_anew_alone(streams):
    x = walk(6, 5, stride=2000)
    wanted, _ = golden(NET, x)
    for values in x:
        streams.step("a", values)
        streams.step("b", values)
    for name in ("b", "a"):
        streams.new_sequence(name)
        np.testing.assert_array_equal(streams.step(name, x[0]).outputs, wanted[0])


def test_a_stream_can_be_copied(streams):
    x = walk(9, 5, stride=2000)
    wanted, _ = golden(NET, x)
    for values in x[:5]:
        streams.step(1, values)
    streams.restore(2, streams.save(1))
    for values, outputs in zip(x[5:], wanted[5:], strict=True):
        np.testing.assert_array_equal(streams.step(2, values).outputs, outputs)
    np.testing.assert_array_equal(streams.step(1, x[5]).outputs, wanted[5])
    with pytest.raises(KeyError):
        streams.save(3)
