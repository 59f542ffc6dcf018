"""The client of a device that hears, on a pseudo-terminal and on a noisy line."""

from itertools import islice

import numpy as np
import pytest
from hearing.networks import hearing_network, noise_bits
from hearing.twin import HearingTwin
from link_bench import deadline

from thresh.host.device_client import DeviceClient, FrameCounter
from thresh.host.errors import LinkError
from thresh.host.transport import SerialTransport
from thresh.layout.device_link import FrameReport, Identity, encode
from thresh.sim.device.golden import golden_device
from thresh.sim.pty_server import PtyServer

BITS = noise_bits(3000)


@pytest.fixture(autouse=True)
def _deadline():
    with deadline(20):
        yield


def reports(client, count):
    frames = (said for said in client.heard(lambda: True) if isinstance(said, FrameReport))
    return list(islice(frames, count))


class Line:
    """What a transport needs, from prepared bytes."""

    def __init__(self, *parts):
        self.parts, self.written = list(parts), b""

    def write(self, data):
        self.written += data

    def read(self, timeout):
        return self.parts.pop(0) if self.parts else b""

    def flush_input(self):
        pass


def test_every_frame_comes_through_a_serial_port():
    network = hearing_network()
    wanted = golden_device(network, BITS)
    with (
        PtyServer(HearingTwin(network, BITS)) as server,
        SerialTransport(server.path) as port,
    ):
        client = DeviceClient(port, timeout=5)
        found = client.identify()
        assert (found.bands, found.classes, found.layers) == (20, 3, 2)
        client.listen(True)
        came = reports(client, wanted.frames)
    assert [one.frame for one in came] == list(range(wanted.frames))
    np.testing.assert_array_equal([one.features for one in came], wanted.features)
    np.testing.assert_array_equal([one.outputs for one in came], wanted.outputs)
    np.testing.assert_array_equal([one.events for one in came], wanted.events[:, :2])
    heard = [[one.frame, one.label] for one in came if one.heard]
    np.testing.assert_array_equal(heard, wanted.heard)
    assert len(heard) > 2
    assert client.noise == 0


def test_listening_again_begins_anew():
    with (
        PtyServer(HearingTwin(hearing_network(), BITS)) as server,
        SerialTransport(server.path) as port,
    ):
        client = DeviceClient(port, timeout=5)
        client.listen(True)
        first = reports(client, 5)
        client.listen(True)
        assert reports(client, 5) == first


def test_a_threshold_is_set_until_the_power_ends():
    with (
        PtyServer(HearingTwin(hearing_network(), BITS)) as server,
        SerialTransport(server.path) as port,
    ):
        client = DeviceClient(port, timeout=5)
        for label in range(3):
            client.set_threshold(label, 32767)
        client.listen(True)
        assert not any(one.heard for one in reports(client, 30))
        with pytest.raises(ValueError, match="A class has a number from 0 to 63, not 64"):
            client.set_threshold(64, 0)


def test_a_silent_line_is_asked_three_times():
    line = Line()
    with pytest.raises(LinkError, match="Nothing answers as a device that hears, asked 3 times"):
        DeviceClient(line, timeout=0.01).identify()
    assert len(line.written) == 3 * 6


def test_another_protocol_is_refused():
    line = Line(encode(Identity(protocol=9)))
    with pytest.raises(LinkError, match="speaks version 9 of its line, this release 1"):
        DeviceClient(line).identify()


def report(frame):
    return FrameReport(
        frame=frame, label=0, score=0, heard=False, cycles=0, events=(0, 0), features=(),
        outputs=(),
    )  # fmt: skip


def test_frames_that_were_left_out_are_counted():
    counter = FrameCounter()
    numbers = [counter.number(report(low)) for low in (0, 1, 3, 255, 0, 1)]
    assert numbers == [0, 1, 3, 255, 256, 257]
    assert counter.lost == 1 + 251


def test_frames_before_the_restart_are_forgotten_and_noise_is_passed_over():
    line = Line(
        b"\x00" + encode(report(7)),
        encode(Identity()) + b"noise" + encode(report(0)),
        encode(report(1)),
    )
    client = DeviceClient(line)
    client.listen(True)
    assert [one.frame for one in reports(client, 2)] == [0, 1]
    assert client.noise == 6
