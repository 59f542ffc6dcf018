"""Power cuts while a network is loaded: the accelerator comes up with noise and knows of none.

A cut falls on any byte of the loading. Every second one takes the host's power instead: the
accelerator stays as it is, and another host comes, with a break on the line as every port gives.
"""

from pathlib import Path

import numpy as np

from thresh.host.errors import RefusedError
from thresh.layout.link import Command, Fault
from thresh.sim.engines.compiled import CompiledLine

from .campaign import Campaign, Counts, Failed, Opened
from .line import IMAGE, host, library, powered_up, verilog, works


class Cut(Exception):
    """The power is gone."""


class Fuse:
    """A device whose line carries so many bytes.

    Parameters
    ----------
    line : CompiledLine
    left : int
    """

    def __init__(self, line: CompiledLine, left: int) -> None:
        self.line, self.left = line, left
        self.carried = [0]

    def receive(self, data: bytes) -> bytes:
        """As the line's, until the cut."""
        answer = self.line.receive(data[: self.left])
        self.left -= len(data)
        self.carried.append(self.carried[-1] + len(data))
        if self.left <= 0:
            raise Cut
        return answer


def bytes_to_load(compiled: Path) -> tuple[int, int]:
    """Bytes that a host sends until nothing is loaded any more, and until the network is."""
    with powered_up(compiled, 0) as line:
        fuse = Fuse(line, 1 << 40)
        host(fuse, 5).load(IMAGE)
    return fuse.carried[2], fuse.carried[-1]


def part(compiled: Path, sizes: tuple[int, int], number: int) -> Counts:
    """One cut."""
    random = np.random.default_rng([2, number])
    unloaded, whole = sizes
    at, before = int(random.integers(1, whole)), number % 4 == 1
    with powered_up(compiled, 2 * number) as line:
        if before:
            works(host(line, 4), number)
        fuse = Fuse(line, at)
        try:
            host(fuse, 5).load(IMAGE)
        except Cut:
            pass
        else:
            raise Failed(f"the loading ended before byte {at}")
        if number % 2:
            line.restart()
            integers = again(line, number, loaded=before and at < unloaded)
    if not number % 2:
        with powered_up(compiled, 2 * number + 1) as line:
            integers = again(line, number, loaded=False)
    return {
        "cuts": 1, "cuts_of_the_host": number % 2, "cuts_of_the_accelerator": 1 - number % 2,
        "integers": integers,
    }  # fmt: skip


def again(line: CompiledLine, number: int, *, loaded: bool) -> int:
    """Nothing is loaded, nothing runs, unless the old network is whole; a whole load runs."""
    client = host(line, 6)
    if client.identify().loaded != loaded:
        raise Failed("a network that was loaded in part is said to be whole, or a whole one not")
    if loaded:
        return works(client, number)
    try:
        client.exchange.ask(Command.STEP, bytes(10))
    except RefusedError as refusal:
        if refusal.code != Fault.NOT_LOADED:
            raise Failed(f"a step is refused with {refusal.code}") from refusal
    else:
        raise Failed("a step is made without a network")
    return works(client, number)


def opened(folder: Path) -> Opened:
    """Ready to run."""
    source = verilog()
    compiled = library(source, folder)
    sizes = bytes_to_load(compiled)
    return Opened(source=source, part=lambda number: part(compiled, sizes, number))


CUTS = Campaign(about=__doc__, unit="cuts", wanted=1000, open=opened)
