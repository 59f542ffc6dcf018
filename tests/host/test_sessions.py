"""Sessions that take turns on one accelerator, each as if it were alone."""

import re
from pathlib import Path

import numpy as np
import pytest
from link_bench import geometry, golden, network, walk

from thresh.host.client import Client
from thresh.host.sessions import Sessions
from thresh.host.transport import DirectTransport
from thresh.hw.known_boards import BOARDS
from thresh.layout.image import build_image
from thresh.model.model_file import load_network
from thresh.sim.device_twin import DeviceTwin

SHIPPED = "examples/digits-gru128.safetensors"
NET = network(5, 13, 6, 3, kinds=("lstm", "li_gru", "linear"), shift=11)


@pytest.fixture
def sessions():
    client = Client(DirectTransport(DeviceTwin(geometry())))
    client.load(build_image(NET, geometry()))
    return Sessions(client)


def test_every_stream_computes_what_it_would_compute_alone(sessions):
    inputs = {name: walk(12, 5, seed, stride=2000) for seed, name in enumerate("abc")}
    outputs = {name: [] for name in inputs}
    turns = np.random.default_rng(0).permutation(list("abc") * 12)
    for name in turns:
        at = len(outputs[name])
        outputs[name].append(sessions.step(name, inputs[name][at]).outputs)
    for name, x in inputs.items():
        np.testing.assert_array_equal(outputs[name], golden(NET, x)[0])
    assert sessions.switches == np.count_nonzero(turns[1:] != turns[:-1])


def test_one_stream_alone_is_never_saved(sessions):
    x = walk(8, 5)
    asked = sessions.client.exchange
    sessions.step("a", x[0])
    before = asked.repeated, sessions.client.exchange.transport.device.executed
    for values in x[1:]:
        sessions.step("a", values)
    device = sessions.client.exchange.transport.device
    assert (asked.repeated, device.executed) == (before[0], before[1] + 7)
    assert sessions.switches == 0


def test_a_stream_begins_anew_alone(sessions):
    x = walk(6, 5, stride=2000)
    wanted, _ = golden(NET, x)
    for values in x:
        sessions.step("a", values)
        sessions.step("b", values)
    for name in ("b", "a"):
        sessions.new_sequence(name)
        np.testing.assert_array_equal(sessions.step(name, x[0]).outputs, wanted[0])


def test_a_change_of_stream_moves_the_bytes_that_the_docs_say():
    shape = BOARDS["icebreaker"].geometry
    client, net = Client(DirectTransport(DeviceTwin(shape))), load_network(SHIPPED)
    client.load(build_image(net, shape))
    client.new_sequence()
    client.step(np.arange(net.inputs) * 100)
    device, moved = client.exchange.transport.device, []
    receive = device.receive

    def count(data):
        answer = receive(data)
        moved.append(len(data) + len(answer))
        return answer

    device.receive = count
    kept = client.save()
    saving = sum(moved)
    client.restore(kept)
    text = Path("docs/image-and-link.md").read_text()
    said = re.search(r"([\d,]+) bytes to save one and ([\d,]+) to restore the\s+other, (\d+)", text)
    # Bytes are escaped by what they are, so that they vary a little.
    figures = [int(figure.replace(",", "")) for figure in said.groups()]
    restoring = sum(moved) - saving
    assert [saving, restoring] == pytest.approx(figures[:2], rel=0.02)
    assert figures[2] == pytest.approx((saving + restoring) * 10 / 1000, rel=0.02)


def test_a_stream_can_be_copied(sessions):
    x = walk(9, 5, stride=2000)
    wanted, _ = golden(NET, x)
    for values in x[:5]:
        sessions.step(1, values)
    sessions.restore(2, sessions.save(1))
    for values, outputs in zip(x[5:], wanted[5:], strict=True):
        np.testing.assert_array_equal(sessions.step(2, values).outputs, outputs)
    np.testing.assert_array_equal(sessions.step(1, x[5]).outputs, wanted[5])
    with pytest.raises(KeyError):
        sessions.save(3)
