import builtins
import os
import time

import numpy as np
import pytest
from link_bench import Noise, deadline, geometry, golden, network, walk

from thresh.host.client import Client
from thresh.host.transport import SerialTransport
from thresh.layout.image import build_image
from thresh.sim import pty_server
from thresh.sim.device_twin import DeviceTwin
from thresh.sim.pty_server import PtyServer, serve

NET = network(5, 12, 3)


@pytest.fixture(autouse=True)
def _deadline():
    with deadline(30):
        yield


class Polled:
    """A device that answers only when it is looked at again, a few bytes at a time."""

    def __init__(self, device):
        self.device = device
        self.waiting = b""

    def receive(self, data):
        self.waiting += self.device.receive(data)
        return b""

    def poll(self):
        data, self.waiting = self.waiting[:7], self.waiting[7:]
        return data


@pytest.mark.parametrize("wrap", [lambda twin: twin, Polled], ids=["at-once", "polled"])
def test_a_client_reaches_the_device_through_a_serial_port(wrap):
    x = walk(20, 5)
    wanted, model = golden(NET, x)
    with PtyServer(wrap(DeviceTwin(geometry()))) as server, SerialTransport(server.path) as port:
        client = Client(port, timeout=5)
        client.load(build_image(NET, geometry()), verify=True)
        client.new_sequence()
        outputs = [client.step(values).outputs for values in x]
        np.testing.assert_array_equal(outputs, wanted)
        np.testing.assert_array_equal(client.read_accumulators()[0], model.layers[0].m[0])
        assert client.exchange.repeated == 0


def test_one_port_serves_one_client_after_another():
    x = walk(6, 5)
    wanted, _ = golden(NET, x)
    with PtyServer(DeviceTwin(geometry())) as server:
        with SerialTransport(server.path) as port:
            client = Client(port, timeout=5)
            client.load(build_image(NET, geometry()))
            client.new_sequence()
            for values in x[:3]:
                client.step(values)
            port.write(b"\xc0\x07half a fra")
        with SerialTransport(server.path) as port:
            client = Client(port, timeout=5)
            outputs = [client.step(values).outputs for values in x[3:]]
    np.testing.assert_array_equal(outputs, wanted[3:])


def test_a_bad_line_is_survived():
    x = walk(10, 5)
    wanted, _ = golden(NET, x)
    noise = Noise(DeviceTwin(geometry()), 0.0007, seed=2)
    with PtyServer(noise) as server, SerialTransport(server.path) as port:
        client = Client(port, timeout=0.05, attempts=100)
        client.load(build_image(NET, geometry()))
        client.new_sequence()
        outputs = [client.step(values).outputs for values in x]
    np.testing.assert_array_equal(outputs, wanted)
    assert client.exchange.repeated > 0


def test_the_port_is_gone_after_close():
    with PtyServer(DeviceTwin(geometry())) as server:
        assert os.path.exists(server.path)
    assert not os.path.exists(server.path)
    server.close()


def test_a_failing_device_is_told():
    class Broken:
        def receive(self, data):
            raise RuntimeError("the simulator stopped")

    with PtyServer(Broken()) as server, SerialTransport(server.path) as port:
        port.write(b"\xc0")
        with pytest.raises(RuntimeError, match="the simulator stopped"):
            server.wait()


def test_an_answer_that_nobody_reads_does_not_stop_the_server(monkeypatch):
    monkeypatch.setattr(pty_server, "STUCK_SECONDS", 3600)

    class Chatty:
        def receive(self, data):
            return b"x" * 100_000

    with PtyServer(Chatty()) as server, SerialTransport(server.path) as port:
        port.write(b"\xc0")
        time.sleep(0.1)
    assert not server._thread.is_alive()


def test_serve_announces_the_path_and_ends_on_an_interrupt():
    seen = []

    def announce(path):
        seen.append(path)
        raise KeyboardInterrupt

    serve(DeviceTwin(geometry()), announce)
    assert seen[0].startswith("/dev/")


def test_a_system_without_pseudo_terminals_is_told(monkeypatch):
    real = builtins.__import__

    def without(name, *rest, **options):
        if name == "pty":
            raise ImportError(name)
        return real(name, *rest, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ValueError, match="This system has no pseudo-terminals"):
        PtyServer(DeviceTwin(geometry()))
