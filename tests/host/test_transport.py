import errno
import os

import pytest
import serial
from link_bench import deadline

from thresh.host.errors import LinkError
from thresh.host.transport import SerialTransport


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
