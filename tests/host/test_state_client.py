"""State over the link: saved, restored, and exchanged between accelerators and golden model."""

import numpy as np
import pytest
from link_bench import Noise, compare, geometry, golden, network, walk

from thresh.host.client import Client
from thresh.host.errors import LinkError
from thresh.host.transport import DirectTransport
from thresh.layout.image import build_image
from thresh.model.network import Network
from thresh.model.snapshot import read_snapshot
from thresh.sim import golden_snapshot
from thresh.sim.device_twin import DeviceTwin
from thresh.sim.golden import GoldenModel

NET = network(5, 12, 3)
DEEP = network(5, 13, 6, 9, 3, kinds=("lstm", "li_gru", "min_gru", "linear_sigmoid"), shift=11)


def loaded(net, **shape):
    client = Client(DirectTransport(DeviceTwin(geometry(**shape))))
    client.load(build_image(net, geometry(**shape)))
    client.new_sequence()
    return client


def run(client, x):
    return np.array([client.step(values).outputs for values in x])


@pytest.mark.parametrize("net", [NET, DEEP], ids=["gru", "deep"])
@pytest.mark.parametrize("pointwise_lanes", [1, 2])
@pytest.mark.parametrize("cut", [0, 1, 7, 8])
def test_a_restored_sequence_equals_one_that_was_never_interrupted(net, pointwise_lanes, cut):
    x, client = walk(15, 5, stride=2000), loaded(net, lanes=8, pointwise_lanes=pointwise_lanes)
    run(client, x[:cut])
    kept = client.save().to_bytes()
    client.new_sequence()
    run(client, walk(6, 5, seed=9))
    client.restore(read_snapshot(kept, net))
    wanted, model = golden(net, x)
    np.testing.assert_array_equal(run(client, x[cut:]), wanted[cut:])
    compare(client, model)


def test_saving_disturbs_nothing():
    x, client = walk(15, 5), loaded(NET)
    outputs = []
    for values in x:
        outputs.append(client.step(values).outputs)
        client.save()
    wanted, model = golden(NET, x)
    np.testing.assert_array_equal(outputs, wanted)
    compare(client, model)


def test_a_sequence_moves_from_one_accelerator_to_another_and_to_the_golden_model():
    x = walk(18, 5, stride=2000)
    wanted, model = golden(DEEP, x)
    small, large = loaded(DEEP), loaded(DEEP, lanes=16, pointwise_lanes=2)
    run(small, x[:6])
    large.restore(small.save())
    np.testing.assert_array_equal(run(large, x[6:12]), wanted[6:12])
    last = GoldenModel(DEEP)
    golden_snapshot.restore(last, large.save())
    np.testing.assert_array_equal(last.run(x[None, 12:]).outputs[0], wanted[12:])
    small.restore(golden_snapshot.save(last))
    assert small.save().to_bytes() == golden_snapshot.save(model).to_bytes()


def test_a_client_that_loaded_nothing_reads_the_network_from_the_device():
    x, first = walk(8, 5), loaded(DEEP)
    run(first, x[:4])
    saved = first.save()
    second = Client(DirectTransport(first.exchange.transport.device))
    assert second.network.layers[0].kind == "lstm"
    kept = second.save()
    assert kept.to_bytes() == saved.to_bytes()
    second.new_sequence()
    second.restore(kept)
    np.testing.assert_array_equal(run(second, x[4:]), golden(DEEP, x)[0][4:])


def test_a_bad_line_changes_no_integer():
    x, net = walk(12, 5), DEEP
    noise = Noise(DeviceTwin(geometry()), 0.001, seed=1)
    client = Client(DirectTransport(noise), attempts=100)
    client.load(build_image(net, geometry()))
    client.new_sequence()
    run(client, x[:5])
    kept = client.save()
    client.restore(kept)
    np.testing.assert_array_equal(run(client, x[5:]), golden(net, x)[0][5:])
    assert noise.damaged


def test_refuses_the_snapshot_of_another_network_and_changes_nothing():
    x, client = walk(8, 5), loaded(NET)
    run(client, x[:4])
    other = golden_snapshot.save(GoldenModel(Network(layers=DEEP.layers)))
    with pytest.raises(ValueError, match="The snapshot is of a network with the fingerprint"):
        client.restore(other)
    np.testing.assert_array_equal(run(client, x[4:]), golden(NET, x)[0][4:])


def test_nothing_can_be_saved_where_no_network_is_loaded():
    client = Client(DirectTransport(DeviceTwin(geometry())))
    with pytest.raises(LinkError, match="No network is loaded"):
        client.save()
