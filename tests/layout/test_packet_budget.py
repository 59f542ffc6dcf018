"""How long the packets of a step are, and who gives them room."""

from dataclasses import replace

import numpy as np
import pytest
from link_bench import geometry, network

from thresh.host.c_header import network_header
from thresh.host.client import Client
from thresh.host.transport import DirectTransport
from thresh.hw.estimates.board_geometry import geometry_for
from thresh.layout.geometry import PACKET_BYTES
from thresh.layout.image import build_image
from thresh.layout.link import Command, check, packet, slip_decode
from thresh.layout.memories import read_map
from thresh.layout.packet_budget import PacketBudget
from thresh.layout.placement import step_packets
from thresh.model.network import Layer, Network
from thresh.sim.device_twin import DeviceTwin


def vanilla(inputs, units):
    return Network(
        layers=(
            Layer(
                kind="rnn_tanh", weight_x=np.ones((1, units, inputs), int),
                weight_h=np.zeros((1, units, units), int), bias=np.zeros((1, units), int),
                x_frac=14, weight_x_frac=2, weight_h_frac=2,
            ),
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    ("inputs", "units", "lanes", "room"),
    [
        (4, 252, 4, 512), (4, 253, 4, 1024), (4, 256, 8, 1024), (4, 248, 8, 512),
        (254, 8, 8, 512), (255, 8, 8, 1024), (1, 1, 128, 512), (4, 1020, 32, 4096),
    ],
)  # fmt: skip
def test_a_made_accelerator_has_room_for_question_and_answer(inputs, units, lanes, room):
    net = vanilla(inputs, units)
    shape = geometry_for(net, lanes=lanes)
    assert shape.packet_bytes == room
    build_image(net, shape)
    tight = room // 2
    if tight >= 512:
        with pytest.raises(ValueError, match=f"bytes per packet, .* has {tight}"):
            build_image(net, replace(shape, packet_bytes=tight))


def test_a_step_that_no_accelerator_has_room_for_is_refused_in_one_sentence():
    budget = PacketBudget(inputs=2047, outputs=1, lanes=4)
    sentence = "A step's packets must have at most 4096 bytes, not 4098: use fewer inputs or"
    with pytest.raises(ValueError, match=sentence):
        _ = budget.packet_bytes
    assert PacketBudget(inputs=2046, outputs=1, lanes=4).packet_bytes == PACKET_BYTES[-1]


@pytest.mark.parametrize("outputs", [1, 4, 5])
def test_the_packets_of_a_step_are_as_long_as_the_budget_says(outputs):
    net, shape = network(3, 5, outputs), geometry()
    image = build_image(net, shape)
    budget = step_packets(net, shape.lanes)
    assert read_map(image.table, image.header, shape).packets == budget
    twin = DeviceTwin(shape)
    client = Client(DirectTransport(twin))
    client.load(image)
    client.new_sequence()
    question = packet(77, Command.STEP, bytes(2 * net.inputs), client.exchange.nonce)
    answer = twin.receive(question)
    bodies = [slip_decode(line.strip(b"\xc0")) for line in (question, answer)]
    assert [len(body) for body in bodies] == [budget.question, budget.answer]
    assert len(check(bodies[1], client.exchange.nonce)[2]) == budget.answer_payload
    assert budget.line == budget.question + budget.answer + 4


def test_the_c_drivers_buffer_takes_the_longest_packet():
    net = vanilla(4, 256)
    image = build_image(net, geometry_for(net, lanes=8))
    assert "#define NETWORK_BUFFER_BYTES 1024u" in network_header(image)
