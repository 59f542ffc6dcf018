import errno
import os
import sys
import threading
from types import SimpleNamespace

import pytest
import serial
from link_bench import deadline, geometry, network

from thresh.host.client import Client
from thresh.host.errors import LinkError
from thresh.host.transport import BREAK_SECONDS, DirectTransport, SerialTransport
from thresh.layout.image import build_image
from thresh.layout.link import BREAK_BITS, Command, Region, slip_decode
from thresh.sim.device_twin import DeviceTwin
from thresh.sim.pty_server import PtyServer


@pytest.fixture(autouse=True)
def _deadline():
    with deadline(20):
        yield


class Port:
    """The part of pyserial's port that is used."""

    name = "fake"

    def __init__(self, arrived=b""):
        self.arrived = arrived
        self.timeout = None
        self.written = b""

    @property
    def in_waiting(self):
        return len(self.arrived)

    def read(self, size):
        data, self.arrived = self.arrived[:size], self.arrived[size:]
        return data

    def write(self, data):
        self.written += data

    def close(self):
        self.arrived = b""


def test_reads_all_that_has_arrived_and_nothing_when_the_time_is_over():
    port = Port(b"abc")
    transport = SerialTransport(port)
    assert transport.read(0.25) == b"abc"
    assert port.timeout == 0.25
    assert transport.read(0.25) == b""
    transport.write(b"xyz")
    assert port.written == b"xyz"


def test_what_arrived_before_opening_is_forgotten():
    with SerialTransport("loop://") as transport:
        transport.write(b"old")
        transport.flush_input()
        transport.write(b"new")
        assert transport.read(1) == b"new"


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("FileNotFoundError(2, 'The system cannot find the file specified.', None, 2)",
         "There is no serial port COM9: is the board connected"),
        ("PermissionError(13, 'Access is denied.', None, 5)",
         "The serial port COM9 is in use by another program"),
    ],
)  # fmt: skip
def test_what_windows_says_of_a_port_is_one_sentence(monkeypatch, reason, said):
    def fails(*words, **options):
        raise serial.SerialException(f"could not open port 'COM9': {reason}")

    monkeypatch.setattr(serial, "serial_for_url", fails)
    with pytest.raises(LinkError, match=said):
        SerialTransport("COM9")


def test_a_port_that_vanishes_is_told():
    class Gone(Port):
        def read(self, size):
            raise OSError(errno.EIO, "Input/output error")

        def write(self, data):
            raise serial.SerialException("write failed")

    transport = SerialTransport(Gone())
    with pytest.raises(LinkError, match="The serial port fake was lost: Input/output error"):
        transport.read(1)
    with pytest.raises(LinkError, match="The serial port fake was lost: write failed"):
        transport.write(b"x")


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.ENOENT, "There is no serial port /dev/ttyX: is the board connected"),
        (errno.EACCES, "No permission to open /dev/ttyX: your user must be in its group"),
        (errno.EBUSY, "/dev/ttyX is in use by another program"),
        (errno.EIO, "/dev/ttyX cannot be opened at 1000000 baud"),
    ],
)
def test_says_why_a_port_cannot_be_opened(monkeypatch, number, sentence):
    def refuse(*arguments, **options):
        raise serial.SerialException(number, os.strerror(number))

    monkeypatch.setattr(serial, "serial_for_url", refuse)
    with pytest.raises(LinkError, match=sentence):
        SerialTransport("/dev/ttyX")


@pytest.mark.parametrize("failure", [None, OSError(errno.ENOTTY, "none"), NotImplementedError()])
def test_a_port_that_can_gets_a_break_when_it_is_opened(monkeypatch, failure):
    class Breaking(Port):
        def send_break(self, seconds):
            broken.append(seconds)
            if failure:
                raise failure

    broken = []
    monkeypatch.setattr(serial, "serial_for_url", lambda *given, **options: Breaking())
    SerialTransport("/dev/ttyX").write(b"x")
    assert broken == [BREAK_SECONDS]
    assert BREAK_SECONDS > BREAK_BITS / 9600


def test_a_missing_port_and_a_file_are_no_ports(tmp_path):
    with pytest.raises(LinkError, match="There is no serial port"):
        SerialTransport(str(tmp_path / "none"))
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(LinkError, match="cannot be opened"):
        SerialTransport(str(file))


def test_a_port_is_opened_by_one_program_at_a_time():
    import pty

    line, port = pty.openpty()
    try:
        with (
            SerialTransport(os.ttyname(port)),
            pytest.raises(LinkError, match="in use by another program"),
        ):
            SerialTransport(os.ttyname(port))
    finally:
        os.close(line)
        os.close(port)


@pytest.mark.parametrize("after", [0.0, 0.1])
def test_an_accelerator_that_is_unplugged_in_the_middle_is_one_sentence(after):
    server = PtyServer(DeviceTwin(geometry()))
    with SerialTransport(server.path) as port:
        client = Client(port)
        client.identify()
        stopped = threading.Timer(after, server.close)
        stopped.start()
        with pytest.raises(LinkError, match=r"The serial port /dev/\S+ was lost: [\w /,:]+$"):
            client.read(Region.TABLE, 0, 128, lambda size: stopped.join())
        with pytest.raises(LinkError, match=r"The serial port /dev/\S+ was lost: [\w /,:]+$"):
            port.flush_input()


def test_a_question_that_is_not_answered_is_named_as_a_thing():
    def mute(command):
        def answer(data):
            body = slip_decode(data.strip(b"\xc0"))
            return b"" if body[1] == command else twin.receive(data)

        twin = DeviceTwin(geometry())
        return Client(DirectTransport(SimpleNamespace(receive=answer)), attempts=2)

    network_image = build_image(network(5, 13, 3), geometry())
    for command, what in (
        (Command.COMMIT, "a commit of the network"), (Command.WRITE, "a write of table"),
    ):  # fmt: skip
        with pytest.raises(LinkError, match=f"No answer to {what} after 2 attempts"):
            mute(command).load(network_image)
    with pytest.raises(LinkError, match="No answer to a read of counters after 2 attempts"):
        mute(Command.READ).read(Region.COUNTERS, 0, 1)


def test_a_port_is_opened_for_one_program_alone(tmp_path):
    if sys.platform != "linux":
        pytest.skip("asks Linux who has a terminal")
    import fcntl

    with PtyServer(DeviceTwin(geometry())) as server:
        named = tmp_path / "port"  # only under its own name is a pseudo-terminal known as one
        named.symlink_to(server.path)

        def exclusive():
            word = fcntl.ioctl(server._port, 0x80045440, bytes(4))  # TIOCGEXCL of Linux
            return any(word)

        with SerialTransport(str(named)):
            assert exclusive()
            with pytest.raises(LinkError, match="is in use by another program"):
                SerialTransport(server.path)
        assert not exclusive()
        with SerialTransport(server.path):
            assert not exclusive()
