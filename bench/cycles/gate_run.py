"""A clip through the serial pins of a netlist, beside the golden model."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from thresh.host.client import Client
from thresh.host.errors import LinkError
from thresh.host.records import Step
from thresh.host.transport import DirectTransport
from thresh.layout.image import Image
from thresh.layout.link import Region
from thresh.layout.memory_map import NetworkMap
from thresh.model.network import Network
from thresh.sim.comparison import Comparison
from thresh.sim.engines.gate_line import GateLine
from thresh.sim.observation import record_type, used_words

POWER_ON = 2_000
"""Cycles after which a board listens: more than `thresh.hw.clocks.POWER_ON_US` of any clock."""


@dataclass(kw_only=True)
class GateRun:
    """What a netlist said of a clip.

    Parameters
    ----------
    frames : int
        That were answered.
    integers, mismatches : int
        Outputs of every frame, and all that is kept after some of them.
    difference : str
        The first, or why it ended; empty where there is none.
    step_cycles : list of int
        What the accelerator says of each frame.
    cycles : int
        Simulated, with everything that was said over the line.
    """

    frames: int = 0
    integers: int = 0
    mismatches: int = 0
    difference: str = ""
    step_cycles: list[int] = field(default_factory=list)
    cycles: int = 0


def run_netlist(
    library: Path,
    divisor: int,
    network: Network,
    x: np.ndarray,
    *,
    image: Image | None,
    seed: int,
    reads: Collection[int],
    spoil: bool = False,
) -> GateRun:
    """Load a network, if the bitstream does not bring it, and run a clip from its beginning.

    Parameters
    ----------
    library : path
        From `thresh.sim.engines.gate_line.compile_netlist`.
    divisor : int
        Clock cycles per bit.
    network : Network
    x : ndarray of int, shape (T, I)
    image : Image or None
        To be loaded.
    seed : int
        Of what begins with random values.
    reads : collection of int
        Frames after which all memories are read and compared.
    spoil : bool
        One cell says the opposite of what it should.
    """
    found = GateRun()
    line = GateLine(library, divisor, seed, spoil=spoil)
    line.tick(POWER_ON)
    try:
        _run(Client(DirectTransport(line), attempts=1), network, x, image, reads, found)
    except LinkError as error:
        found.difference = found.difference or str(error)
        found.mismatches += 1
    finally:
        found.cycles = line.cycles
        line.close()
    return found


def _run(
    client: Client,
    network: Network,
    x: np.ndarray,
    image: Image | None,
    reads: Collection[int],
    found: GateRun,
) -> None:
    if image is not None:
        client.load(image)
    plan = client.plan
    comparison = Comparison(network, plan)
    comparison.new_sequence()
    client.new_sequence()
    for frame, values in enumerate(x):
        answer = client.step(values)
        comparison.advance(values)
        wanted = comparison.model.layers[-1].h[0]
        if frame in reads:
            comparison.compare(_record(client, plan, answer), f"frame {frame}")
        else:
            comparison.integers += wanted.size
            wrong = int(np.count_nonzero(answer.outputs != wanted))
            comparison.mismatches += wrong
            if wrong and not comparison.first_difference:
                comparison.first_difference = f"frame {frame}, {wrong} outputs differ"
        found.frames = frame + 1
        found.step_cycles.append(answer.cycles)
        found.integers, found.mismatches = comparison.integers, comparison.mismatches
        found.difference = comparison.first_difference or ""


def _record(client: Client, plan: NetworkMap, answer: Step) -> np.void:
    """What was answered, and all that is kept."""
    record = np.zeros((), record_type(plan))
    record["cycles"] = answer.cycles
    record["outputs"][: plan.outputs] = answer.outputs
    for region, count in used_words(plan).items():
        record[Region(region).name] = client.read(region, 0, count)
    return record[()]
