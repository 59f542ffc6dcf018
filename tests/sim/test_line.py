"""The client and the C driver on the simulated accelerator, through its real serial pins."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from link_bench import Noise, compare, deadline, geometry, golden, network, walk

from thresh.gateware.verilog import accelerator_verilog
from thresh.host.c_header import link_header
from thresh.host.client import Client
from thresh.host.run import run_utterance
from thresh.host.transport import DirectTransport, SerialTransport
from thresh.host.verify import Verifier
from thresh.layout.image import build_image, save_image
from thresh.layout.link import (
    DEFAULT_BAUD,
    Command,
    PacketCollector,
    Region,
    check,
    commit_payload,
    packet,
)
from thresh.sim.device_twin import DeviceTwin
from thresh.sim.engines.compiled import CompiledLine, compile_verilog
from thresh.sim.pty_server import PtyServer

ROOT = Path(__file__).parent.parent.parent
FIRMWARE = ROOT / "firmware"
DIVISOR = 48
SHAPE = geometry()
NET = network(5, 12, 3)
X = walk(50, 5)


@pytest.fixture(autouse=True)
def _deadline():
    with deadline(60):
        yield


@pytest.fixture(scope="module")
def library():
    verilog = accelerator_verilog(
        geometry=SHAPE, clock_hz=DIVISOR * DEFAULT_BAUD, baud=DEFAULT_BAUD
    )
    return compile_verilog(verilog, "thresh_accelerator", ROOT / "build" / "sim")


@pytest.fixture
def accelerator(library):
    line = CompiledLine(library, DIVISOR)
    yield line
    line.close()


def run(client):
    client.load(build_image(NET, SHAPE), verify=True)
    client.new_sequence()
    wanted, model = golden(NET, X)
    outputs = [client.step(values).outputs for values in X]
    np.testing.assert_array_equal(outputs, wanted)
    compare(client, model)


def test_the_client_gets_every_integer_at_the_first_attempt(accelerator):
    with PtyServer(accelerator) as server, SerialTransport(server.path) as port:
        client = Client(port, timeout=20)
        assert client.identify().geometry == SHAPE
        run(client)
    assert client.exchange.repeated == 0


@pytest.mark.parametrize("rate", [0.001])
def test_a_line_that_drops_repeats_and_corrupts_changes_no_integer(accelerator, rate):
    client = Client(DirectTransport(Noise(accelerator, rate, seed=7)), attempts=100)
    run(client)
    assert client.exchange.repeated > 0


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
@pytest.mark.parametrize(("rate", "timeout"), [(0, 20_000), (0.0003, 500)])
def test_the_c_driver_gets_every_integer(accelerator, tmp_path, rate, timeout):
    (tmp_path / "thresh_link.h").write_text(link_header())
    program, image, frames = (tmp_path / name for name in ("posix", "image", "frames"))
    parts = (*FIRMWARE.glob("thresh.c"), *FIRMWARE.glob("thresh_[!b]*.c"))  # none of a bus
    sources = [*parts, *FIRMWARE.glob("examples/*.c")]
    command = ["cc", "-std=c99", f"-I{FIRMWARE}", f"-I{tmp_path}", *sources, "-o", program]
    subprocess.run(command, check=True, timeout=60)
    save_image(build_image(NET, SHAPE), image)
    np.savetxt(frames, X, fmt="%d")
    with PtyServer(Noise(accelerator, rate, seed=1) if rate else accelerator) as server:
        result = subprocess.run(
            [program, server.path, image, frames, str(timeout), "100"],
            capture_output=True, text=True, timeout=50,
        )  # fmt: skip
    assert result.returncode == 0, result.stderr
    came = [[int(word) for word in line.split()] for line in result.stdout.splitlines()]
    np.testing.assert_array_equal(came, golden(NET, X)[0])
    assert (int(result.stderr.split()[0]) > 0) == (rate > 0)


def test_every_step_is_verified_and_a_weight_that_turned_over_is_named(accelerator):
    image, client = build_image(NET, SHAPE), Client(DirectTransport(accelerator))
    client.load(image)
    verifier = Verifier(client, image, 5)
    assert np.array_equal(
        run_utterance(client, NET, X, verifier=verifier).outputs, golden(NET, X)[0]
    )
    verifier.memories()
    assert verifier.found.steps == 10
    assert verifier.found.good
    assert client.network_hash() == image.hash
    client.write(Region.WEIGHTS, 20, image.weights[20:21] ^ 8)
    (said,) = Verifier(client, image).standing().wrong
    assert "the image's" in said
    assert "1 word differs, first word 20, of the weights of layer 0" in said


def statuses(line, data):
    return [parts and parts[:2] for parts in map(check, PacketCollector(999).feed(line(data)))]


def question(random, written):
    """A packet that is right in most ways."""
    region = int(random.choice([*Region, 7, 200]))
    address = int(random.choice([0, 5, 7, 31, 127, 128, 255, 256, 511, 512, 1023, 1024, 65535]))
    head = bytes((region,)) + address.to_bytes(2, "little")
    zeros = bytes(int(random.choice([0, 1, 2, 4, 8, 10, 64, 248, 249, 250])))
    command = int(random.choice([*Command, 2, 3, 4, 6, 0, 255]))
    payload = {
        Command.WRITE: head + zeros if region > Region.HEADER else head,
        Command.READ: head + bytes((int(random.choice([0, 1, 1, 62, 63, 64, 126, 127, 255])),)),
        Command.COMMIT: [
            b"\x01",
            commit_payload(False),
            commit_payload(True, written),
            commit_payload(True, written),
            commit_payload(True, written ^ 1 << 9),
        ][random.integers(5)],
        Command.STEP: bytes((8, 10, 10, 12)[random.integers(4)]),
        Command.IDENTIFY: zeros[: random.integers(3)],
        Command.NEW_SEQUENCE: zeros[: random.integers(2)],
    }.get(command, zeros)
    return packet(int(random.integers(4)), command, payload)


def test_every_packet_is_answered_or_refused_as_by_the_twin(accelerator):
    twin, random = DeviceTwin(SHAPE), np.random.default_rng(3)
    for device in (accelerator, twin):
        Client(DirectTransport(device)).load(build_image(NET, SHAPE))
        assert statuses(device.receive, packet(9, Command.IDENTIFY)) == [(9, 0x81)]
    seen = set()
    for _ in range(250):
        data = question(random, twin._written)
        if random.random() < 0.1:
            data = data[:-3] + b"\xc0"
        wanted = statuses(twin.receive, data)
        assert statuses(accelerator.receive, data) == wanted
        seen |= {status for _, status in wanted}
    assert seen == {0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0xE1, 0xE2, 0xE3, 0xE4, 0xE5, 0xE6}


def test_a_break_in_the_middle_of_a_packet_drops_it_and_the_line_lives(accelerator):
    half, whole = packet(1, Command.IDENTIFY)[:-3], packet(2, Command.IDENTIFY)[1:]
    assert accelerator.receive(half) == b""
    assert statuses(accelerator.receive, whole) == [(0, 0xE1)]
    assert accelerator.receive(half) == b""
    accelerator.restart()
    assert statuses(accelerator.receive, whole) == [(2, 0x81)]
