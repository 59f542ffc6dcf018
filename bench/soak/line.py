"""The accelerator that campaigns reach through its serial pins."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from thresh.gateware.verilog import accelerator_verilog
from thresh.host.client import Client
from thresh.host.transport import DirectTransport
from thresh.layout.image import Image, build_image
from thresh.sim.engines.compiled import CompiledLine, compile_verilog
from thresh.sim.engines.serial_engine import DIVISOR
from thresh.sim.golden import GoldenModel

from .campaign import Failed
from .drawn import link_bench

SHAPE = link_bench.geometry()
NET = link_bench.network(5, 12, 3)
IMAGE = build_image(NET, SHAPE)
STEPS = 6

TOP = "thresh_accelerator"


def verilog() -> str:
    """A small accelerator of 4 lanes, its line as fast as it may be."""
    return accelerator_verilog(geometry=SHAPE, clock_hz=DIVISOR * 1e6, baud=1_000_000)


def library(source: str, folder: Path) -> Path:
    """Compiled, with memories that can be filled with noise."""
    return compile_verilog(source, TOP, folder, open_memories=True)


@contextmanager
def powered_up(compiled: Path, seed: int) -> Iterator[CompiledLine]:
    """An accelerator at its power-up, with noise in every memory."""
    line = CompiledLine(compiled, DIVISOR)
    try:
        line.scramble(seed + 1)
        yield line
    finally:
        line.close()


def host(device: object, nonce: int) -> Client:
    """A host that is always the same."""
    client = Client(DirectTransport(device), attempts=3)
    client.exchange.nonce = nonce
    return client


def works(client: Client, seed: int, image: Image = IMAGE) -> int:
    """Load a network and run it: outputs and everything that is kept; integers compared.

    Raises
    ------
    Failed
        When one differs from the golden model's.
    """
    network = image.network
    client.load(image)
    client.new_sequence()
    x = link_bench.walk(STEPS, network.inputs, seed=seed, stride=3000)
    model = GoldenModel(network)
    wanted = model.run(x[None]).outputs[0]
    came = np.stack([client.step(values).outputs for values in x])
    pairs = [("output", came, wanted)]
    kept = zip(model.layers, client.read_accumulators(), client.read_state(), strict=True)
    for number, (state, m, registers) in enumerate(kept):
        pairs.append((f"accumulator of layer {number}", m, state.m[0]))
        pairs += [
            (f"{name} of layer {number}", values, getattr(state, name)[0])
            for name, values in registers.items()
        ]
    pairs.append(("input reference", client.read_references()[0], model.reference_x[0]))
    for name, seen, golden in pairs:
        if not np.array_equal(seen, golden):
            raise Failed(f"an {name} is not the golden model's after a power-up and a load")
    return sum(golden.size for _, _, golden in pairs)
