import numpy as np
import pytest
from link_bench import geometry, golden, network, walk

from thresh.host.client import Client
from thresh.host.errors import LinkError, RefusedError
from thresh.host.transport import DirectTransport
from thresh.layout.image import build_image
from thresh.layout.link import (
    ERROR,
    PROTOCOL,
    REPLY,
    Command,
    Fault,
    PacketCollector,
    Region,
    check,
    packet,
)
from thresh.sim.device_twin import DeviceTwin

NET = network(5, 12, 3)


def test_a_step_is_executed_once_however_often_its_answer_is_lost():
    twin = DeviceTwin(geometry())
    client = Client(DirectTransport(twin), attempts=4)
    client.load(build_image(NET, geometry()))
    client.new_sequence()
    x = walk(2, 5)
    transport = client.exchange.transport
    lost = []

    def read(timeout):
        data, transport.arrived = transport.arrived, b""
        if len(lost) < 3:
            lost.append(data)
            return b""
        return data

    transport.read = read
    executed = twin.executed
    wanted, _ = golden(NET, x)
    np.testing.assert_array_equal(client.step(x[0]).outputs, wanted[0])
    assert len(lost) == 3
    assert twin.executed == executed + 1
    np.testing.assert_array_equal(client.step(x[1]).outputs, wanted[1])


NONCE = 0x1234


def said(payload):
    return packet(1, Command.IDENTIFY | 0x80, payload, NONCE)


class Answering:
    """A device that answers everything with fixed bytes."""

    def __init__(self, answer):
        self.answer = answer
        self.questions = 0

    def receive(self, data):
        self.questions += 1
        return self.answer


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (b"", "No answer to identify after 3 attempts of 1 s: is it the right port"),
        (b"U-Boot 2024.01\r\n=> ", "No whole answer to identify after 3 attempts"),
        (b"\xc0login:\xc0", "No whole answer to identify after 3 attempts"),
        (said(bytes((PROTOCOL + 1,))), f"speaks protocol version {PROTOCOL + 1}, this program"),
        (said(bytes((PROTOCOL,))), "identity has 1 bytes, not 22"),
        (said(bytes((PROTOCOL,)) + bytes(21)), "makes no sense: lanes must be"),
        (packet(1, ERROR | 2), "refused identify: it does not know the command"),
        (packet(1, ERROR | 9), "refused identify: of fault 9"),
    ],
)
def test_says_what_answers_instead_of_an_accelerator(answer, sentence):
    device = Answering(answer)
    client = Client(DirectTransport(device), attempts=3)
    client.exchange.nonce = NONCE
    with pytest.raises(LinkError, match=sentence):
        client.identify()
    assert device.questions in (1, 3)


@pytest.mark.parametrize("options", [{"timeout": 0}, {"attempts": 0}])
def test_refuses_to_wait_for_nothing(options):
    with pytest.raises(ValueError, match="timeout and attempts must be positive"):
        Client(DirectTransport(None), **options)


class FirstVersion:
    """A device of version 1: every packet is plain, and IDENTIFY has no payload."""

    def __init__(self):
        self.twin = DeviceTwin(geometry())
        self.collector = PacketCollector(256)

    def receive(self, data):
        answers = b""
        for body in self.collector.feed(data):
            sequence, command, payload = check(body)
            if payload or command != Command.IDENTIFY:
                answers += packet(sequence, ERROR | Fault.LENGTH)
                continue
            (answer,) = PacketCollector(256).feed(self.twin.receive(packet(sequence, command)))
            answers += packet(sequence, command | REPLY, b"\x01" + check(answer)[2][1:])
        return answers


def test_a_device_of_the_first_version_is_told_in_one_sentence():
    with pytest.raises(LinkError, match=r"^The accelerator speaks protocol version 1, this progr"):
        Client(DirectTransport(FirstVersion())).identify()


def test_a_program_whose_accelerator_another_one_took_is_told_and_may_take_it_back():
    twin, x = DeviceTwin(geometry()), walk(2, 5)
    first, second = (Client(DirectTransport(twin), attempts=3) for _ in range(2))
    first.load(build_image(NET, geometry()))
    first.new_sequence()
    wanted, _ = golden(NET, x)
    np.testing.assert_array_equal(first.step(x[0]).outputs, wanted[0])
    second.identify()
    with pytest.raises(LinkError, match="another program uses it, or it was restarted"):
        first.step(x[1])
    first.identify()
    np.testing.assert_array_equal(first.step(x[1]).outputs, wanted[1])


def test_two_programs_on_one_line_never_get_each_others_outputs():
    """Their sequence numbers are equal; each hears what the other is answered, as on one port."""
    twin, x = DeviceTwin(geometry()), walk(6, 5)
    clients = [Client(DirectTransport(twin), attempts=3) for _ in range(2)]
    for client in clients:
        client.load(build_image(NET, geometry()))
    wanted, _ = golden(NET, x)
    for turn in range(20):
        mine, other = clients[turn % 2].exchange, clients[1 - turn % 2].exchange
        mine._sequence = other._sequence
        clients[turn % 2].identify()
        clients[turn % 2].new_sequence()
        steps = []
        for values in x[: 1 + turn % 6]:
            other._sequence = mine._sequence
            steps.append(clients[turn % 2].step(values).outputs)
            heard = twin._last[2]
            other.transport.arrived += heard
            with pytest.raises(LinkError, match=r"another program uses|damages what it"):
                other.ask(Command.STEP, values[::-1].astype("<i2").tobytes())
        np.testing.assert_array_equal(steps, wanted[: len(steps)])


def test_what_was_damaged_on_its_way_into_a_memory_is_not_taken_for_a_network():
    """A packet that is damaged and has a CRC that is right."""
    twin = DeviceTwin(geometry())
    client, write = Client(DirectTransport(twin)), twin._write

    def damaged(payload):
        return write(payload[:-1] + bytes((payload[-1] ^ (payload[0] == Region.WEIGHTS),)))

    twin._write = damaged
    with pytest.raises(RefusedError, match="what was written is not what was sent"):
        client.load(build_image(NET, geometry()))
    assert not twin.loaded
    with pytest.raises(RefusedError, match="no network is loaded"):
        client.new_sequence()
