"""Memories that hold no network: every step ends, and twin and accelerator say the same of it."""

import ctypes
from pathlib import Path

import numpy as np
import pytest
from damage.bad_tables import FAULTS, bad_table
from link_bench import deadline, geometry, golden, network, walk

from thresh.gateware.verilog import accelerator_verilog
from thresh.host.client import Client
from thresh.host.errors import RefusedError
from thresh.host.transport import DirectTransport
from thresh.layout.image import build_image
from thresh.layout.link import DEFAULT_BAUD, VALUE_BYTES, Command, Fault, Region
from thresh.performance.longest_answer import longest_answer
from thresh.sim.device_twin import DeviceTwin
from thresh.sim.engines.compiled import CompiledLine, compile_verilog
from thresh.sim.no_network import wanted_inputs

DIVISOR = 8
QUIET = 30 * DIVISOR
"""Cycles for which a line is quiet between answers."""

QUESTION = 256 * 20 * DIVISOR
"""Cycles of the longest question, every byte escaped."""

SEEDS = range(4)
STEPS = 3
ENGINES = {"dense": {}, "sparse": {"sparse": True}}


class Line(CompiledLine):
    """A compiled accelerator whose answer comes in a stated time or not at all."""

    def __init__(self, library, geometry):
        super().__init__(library, DIVISOR)
        self.geometry = geometry
        self.longest = QUESTION + longest_answer(geometry, DIVISOR) + QUIET

    def poll(self):
        """What is said until the line is quiet, and nothing when it is for too long."""
        heard, chunk, asked = bytearray(), (ctypes.c_uint8 * 4096)(), self.cycles
        while self.cycles < asked + self.longest:
            self._library.line_tick(self._handle, ctypes.c_uint64(QUIET))
            size = self._library.line_receive(self._handle, chunk, len(chunk))
            heard += bytes(chunk[:size])
            if heard and not size:
                break
        return bytes(heard)


@pytest.fixture(scope="module", params=ENGINES)
def line(request):
    shape = geometry(**ENGINES[request.param])
    verilog = accelerator_verilog(
        geometry=shape, clock_hz=DIVISOR * DEFAULT_BAUD, baud=DEFAULT_BAUD
    )
    folder = Path(__file__).parents[2] / "build" / "sim"
    line = Line(compile_verilog(verilog, "thresh_accelerator", folder), shape)
    yield line
    line.close()


def client_of(device):
    return Client(DirectTransport(device), attempts=1)


def put(client, table, header, weights):
    client.commit(False)
    for region, words in ((Region.TABLE, table), (Region.HEADER, header)):
        client.write(region, 0, words.astype("<u2").reshape(-1, 1).view(np.uint8))
    client.write(Region.WEIGHTS, 0, weights)
    client.commit(True)


def status(client, command, payload=b""):
    """The fault a command is refused with, or how long its answer is."""
    try:
        return len(client.exchange.ask(command, payload))
    except RefusedError as refusal:
        return Fault(refusal.code)


def statuses(client, inputs, seed):
    """Of a new sequence and some steps; whoever answers is asked who it is after each."""
    random, found = np.random.default_rng(seed), [status(client, Command.NEW_SEQUENCE)]
    for _ in range(STEPS):
        x = random.integers(-20_000, 20_000, inputs).astype("<i2")
        found.append(status(client, Command.STEP, x.tobytes()))
        found.append(client.identify().loaded)
    return found


@pytest.mark.parametrize("fault", FAULTS)
def test_a_step_over_no_network_ends_and_the_twin_says_so_too(line, fault):
    """In the stated time; an accelerator that has found it out has no network any more."""
    with deadline(300):
        for seed in SEEDS:
            image, table, header = bad_table(fault, seed, line.geometry)
            twin, said = DeviceTwin(line.geometry), []
            for device in (twin, line):
                client = client_of(device)
                put(client, table, header, image.weights)
                inputs = wanted_inputs(twin.memories, line.geometry)
                if VALUE_BYTES * inputs > 252:
                    inputs = 1
                said.append(statuses(client, inputs, seed))
            assert said[0] == said[1], (fault, seed)


def test_a_network_that_is_loaded_then_is_computed_exactly(line):
    net, x = network(5, 12, 3), walk(20, 5)
    with deadline(120):
        for fault in FAULTS:
            image, table, header = bad_table(fault, 1, line.geometry)
            client = client_of(line)
            put(client, table, header, image.weights)
            statuses(client, 5, 1)
        client.load(build_image(net, line.geometry))
        client.new_sequence()
        outputs = [client.step(values).outputs for values in x]
        np.testing.assert_array_equal(outputs, golden(net, x)[0])


def test_what_is_no_network_is_no_longer_loaded(line):
    client = client_of(line)
    image, table, header = bad_table("no_last_layer", 0, line.geometry)
    put(client, table, header, image.weights)
    assert client.identify().loaded
    assert status(client, Command.NEW_SEQUENCE) == 0
    step = bytes(VALUE_BYTES * 5)
    assert status(client, Command.STEP, step) == Fault.NO_NETWORK
    assert not client.identify().loaded
    assert status(client, Command.STEP, step) == Fault.NOT_LOADED
    assert status(client, Command.NEW_SEQUENCE) == Fault.NOT_LOADED
    client.commit(True)
    assert status(client, Command.NEW_SEQUENCE) == 0
