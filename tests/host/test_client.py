import zlib

import numpy as np
import pytest
from link_bench import Noise, compare, geometry, golden, network, walk

from thresh.host.client import Client
from thresh.host.errors import LinkError, RefusedError
from thresh.host.transport import DirectTransport
from thresh.layout.image import build_image
from thresh.layout.layer_table import HASH_WORD
from thresh.layout.link import PROTOCOL, Region
from thresh.model.network import Network
from thresh.sim.device_twin import DeviceTwin
from thresh.sim.golden import GoldenModel

NET = network(5, 12, 3)
DEEP = network(5, 13, 6, 3, kinds=("lstm", "rnn_tanh", "linear"), shift=11)


def connected(shape=None, **options):
    twin = DeviceTwin(shape or geometry(), clock_khz=42_000)
    return Client(DirectTransport(twin), **options), twin


def test_identify_tells_geometry_clock_and_whether_a_network_is_loaded():
    shape = geometry(lanes=8, pointwise_lanes=2, value_bits=12)
    client, _ = connected(shape)
    identity = client.identify()
    assert identity.geometry == shape
    assert (identity.protocol, identity.clock_khz, identity.loaded) == (PROTOCOL, 42_000, False)
    client.load(build_image(network(5, 12, 3, value_bits=12), shape))
    assert client.identify().loaded


@pytest.mark.parametrize("net", [NET, DEEP], ids=["gru", "lstm-rnn"])
@pytest.mark.parametrize("pointwise_lanes", [1, 2])
def test_every_integer_equals_the_golden_model_over_two_sequences(net, pointwise_lanes):
    shape = geometry(lanes=8, pointwise_lanes=pointwise_lanes)
    client, _ = connected(shape)
    client.load(build_image(net, shape), verify=True)
    for seed in (1, 2):
        model = GoldenModel(net)
        client.new_sequence()
        compare(client, model)
        for values in walk(15, 5, seed):
            np.testing.assert_array_equal(client.step(values).outputs, model.step(values[None])[0])
        compare(client, model)


def test_a_host_learns_which_network_runs():
    (first, twin), image = connected(), build_image(NET, geometry())
    assert first.network_hash() is None
    first.load(image)
    second = Client(DirectTransport(twin))
    assert second.network_hash() == image.hash == zlib.crc32(image.body)
    for other in (build_image(DEEP, geometry()), build_image(NET, geometry(lanes=8))):
        assert other.hash != image.hash
    second.commit(False)
    assert first.identify()
    assert first.network_hash() is None


def test_a_network_that_came_without_a_hash_has_none():
    """In a bitstream, or from an older host."""
    client, twin = connected()
    client.load(build_image(NET, geometry()))
    twin.memories[Region.HEADER][HASH_WORD:] = 0
    assert client.network_hash() is None


def test_a_client_that_loaded_nothing_reads_the_network_from_the_device():
    first, twin = connected()
    first.load(build_image(NET, geometry()))
    second = Client(DirectTransport(twin))
    second.new_sequence()
    x = walk(3, 5)
    outputs = [second.step(values).outputs for values in x]
    np.testing.assert_array_equal(outputs, golden(NET, x)[0])


@pytest.mark.parametrize("rate", [0.0002, 0.001, 0.003])
def test_a_line_that_drops_repeats_and_corrupts_changes_no_integer(rate):
    x = walk(50, 5)
    wanted, model = golden(NET, x)
    twin = DeviceTwin(geometry())
    noise = Noise(twin, rate, seed=3)
    client = Client(DirectTransport(noise), attempts=100)
    client.load(build_image(NET, geometry()), verify=True)
    client.new_sequence()
    for values, outputs in zip(x, wanted, strict=True):
        np.testing.assert_array_equal(client.step(values).outputs, outputs)
    compare(client, model)
    assert noise.damaged > 0
    assert client.exchange.repeated > 0


def test_the_accelerator_recovers_from_garbage_without_a_reset():
    client, twin = connected()
    client.load(build_image(NET, geometry()))
    client.new_sequence()
    x = walk(20, 5)
    wanted, _ = golden(NET, x)
    random = np.random.default_rng(5)
    for values, outputs in zip(x, wanted, strict=True):
        client.exchange.transport.arrived += twin.receive(random.bytes(random.integers(1, 400)))
        np.testing.assert_array_equal(client.step(values).outputs, outputs)


def test_an_interrupted_load_leaves_the_network_incomplete():
    client, twin = connected()
    client.load(build_image(NET, geometry()))

    def stop(done, total):
        if done > 300:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        client.load(build_image(NET, geometry()), stop)
    assert not twin.loaded
    with pytest.raises(RefusedError, match=r"refused a new sequence: no network is loaded"):
        client.new_sequence()
    with pytest.raises(LinkError, match="No network is loaded"):
        client.step(np.zeros(5, int))
    client.load(build_image(NET, geometry()))
    client.new_sequence()


def test_thresholds_act_as_if_the_network_had_them():
    client, _ = connected()
    net = network(5, 8, 6, 3, kinds=("gru", "gru", "linear"))
    client.load(build_image(net, geometry()))
    client.set_thresholds(0, threshold_x=900, threshold_h=40)
    client.set_thresholds(2, threshold_x=123)
    first, second, third = net.layers

    def changed(layer, **fields):
        return type(layer)(**{n: getattr(layer, n) for n in layer.__dataclass_fields__} | fields)

    wanted = Network(
        layers=(
            changed(first, threshold_x=900, threshold_h=40),
            changed(second, threshold_x=40, threshold_h=123),
            changed(third, threshold_x=123),
        )
    )
    client.new_sequence()
    x = walk(20, 5)
    outputs = [client.step(values).outputs for values in x]
    trace, model = golden(wanted, x)
    np.testing.assert_array_equal(outputs, trace)
    assert not np.array_equal(trace, golden(net, x)[0])
    compare(client, model)


def test_thresholds_may_change_within_a_sequence():
    client, _ = connected()
    client.load(build_image(NET, geometry()))
    client.new_sequence()
    x = walk(20, 5)
    model = GoldenModel(NET)
    for values in x[:10]:
        client.step(values)
        model.step(values[None])
    client.set_thresholds(0, threshold_x=5000, threshold_h=9)
    layers = [
        type(layer)(**{n: getattr(layer, n) for n in layer.__dataclass_fields__} | fields)
        for layer, fields in zip(
            NET.layers, ({"threshold_x": 5000, "threshold_h": 9}, {"threshold_x": 9}), strict=True
        )
    ]
    model.network = Network(layers=tuple(layers))
    for values in x[10:]:
        np.testing.assert_array_equal(client.step(values).outputs, model.step(values[None])[0])
    compare(client, model)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"layer": 2}, "layer must be 0 to 1, not 2"),
        ({"layer": 0, "threshold_x": -1}, "threshold_x must be 0 to 32767, not -1"),
        ({"layer": 0, "threshold_h": 32768}, "threshold_h must be 0 to 32767, not 32768"),
        ({"layer": 1, "threshold_h": 5}, "Layer 1 sends no deltas"),
    ],
)
def test_refuses_thresholds_that_do_not_exist(arguments, sentence):
    client, _ = connected()
    client.load(build_image(NET, geometry()))
    with pytest.raises(ValueError, match=sentence):
        client.set_thresholds(**arguments)


@pytest.mark.parametrize(
    ("x", "sentence"),
    [
        (np.zeros(4, int), r"A step takes 5 integers, not int64 of shape \(4,\)"),
        (np.zeros(5), "A step takes 5 integers, not float64"),
        (np.full(5, 32768), "Inputs must lie in -32768 to 32767, not 32768 to 32768"),
    ],
)
def test_refuses_inputs_that_do_not_fit(x, sentence):
    client, _ = connected()
    client.load(build_image(NET, geometry()))
    with pytest.raises(ValueError, match=sentence):
        client.step(x)


@pytest.mark.parametrize(
    ("changes", "net", "sentence"),
    [
        ({"lanes": 8}, NET, "laid out for lanes 4, the accelerator has lanes 8"),
        ({"lanes": 8, "pointwise_lanes": 2}, NET, "lanes 4, the accelerator has lanes 8"),
        ({"weight_bits": 4, "lanes": 8}, NET, "lanes 4, the accelerator has lanes 8"),
        ({"value_bits": 12}, NET, "value_bits 16, the accelerator has value_bits 12"),
        ({"weight_depth": 128}, NET, "does not fit the weight memory: it needs 217"),
    ],
)
def test_refuses_an_image_for_another_accelerator_and_changes_nothing(changes, net, sentence):
    client, twin = connected(geometry(**changes))
    with pytest.raises(LinkError, match=sentence):
        client.load(build_image(net, geometry()))
    assert twin.executed == 1


def test_verify_notices_a_memory_that_does_not_hold():
    client, twin = connected()
    receive = twin.receive

    def stuck(data):
        answer = receive(data)
        twin.memories[Region.WEIGHTS][3, 1] = 0x55
        return answer

    twin.receive = stuck
    with pytest.raises(LinkError, match="differs from the image in 1 words, first in word 3 of"):
        client.load(build_image(NET, geometry()), verify=True)
    assert not twin.loaded
