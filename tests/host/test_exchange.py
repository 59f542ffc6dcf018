import numpy as np
import pytest
from link_bench import geometry, golden, network, walk

from thresh.host.client import Client
from thresh.host.errors import LinkError
from thresh.host.transport import DirectTransport
from thresh.layout.image import build_image
from thresh.layout.link import ERROR, Command, packet
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
        (packet(1, Command.IDENTIFY | 0x80, b"\x02"), "speaks protocol version 2, this program 1"),
        (packet(1, Command.IDENTIFY | 0x80, b"\x01"), "identity has 1 bytes, not 22"),
        (packet(1, Command.IDENTIFY | 0x80, b"\x01" + bytes(21)), "makes no sense: lanes must be"),
        (packet(1, ERROR | 2), "refused identify: it does not know the command"),
        (packet(1, ERROR | 9), "refused identify: of fault 9"),
    ],
)
def test_says_what_answers_instead_of_an_accelerator(answer, sentence):
    device = Answering(answer)
    with pytest.raises(LinkError, match=sentence):
        Client(DirectTransport(device), attempts=3).identify()
    assert device.questions in (1, 3)


@pytest.mark.parametrize("options", [{"timeout": 0}, {"attempts": 0}])
def test_refuses_to_wait_for_nothing(options):
    with pytest.raises(ValueError, match="timeout and attempts must be positive"):
        Client(DirectTransport(None), **options)
