"""Copies of registers that drive block RAMs and multipliers all over an ECP5."""

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import count
from typing import Any

from .register_packing import Bit

BLOCKS = ("DP16KD", "MULT18X18D")
"""Cells with a place of their own on the die, far from each other when there are many."""
LOADS = 16
"""Most blocks that one copy drives."""


def copy_registers(module: dict[str, Any], *, loads: int = LOADS) -> int:
    """Give every ``loads`` blocks that one flip-flop drives a copy of it; how many were made.

    The blocks are taken in the order of their names, so that all bits of an address or a delta
    divide them in the same way, and logic stays with the first copy. The circuit computes the
    same in every cycle.

    Parameters
    ----------
    module : dict
        Top module of a Yosys JSON netlist, changed in place.
    loads : int
    """
    cells = module["cells"]
    driven: dict[Bit, list[str]] = defaultdict(list)
    for name in sorted((n for n, cell in cells.items() if cell["type"] in BLOCKS), key=_natural):
        inputs = cells[name]["port_directions"].items()
        ports = [port for port, direction in inputs if direction == "input"]
        for bit in {bit for port in ports for bit in cells[name]["connections"].get(port, [])}:
            driven[bit].append(name)
    registers = {
        cell["connections"]["Q"][0]: name
        for name, cell in cells.items()
        if cell["type"] == "TRELLIS_FF"
    }
    free = count(1 + max((bit for bit in _bits(module) if isinstance(bit, int)), default=0))
    copies = 0
    for bit in sorted(
        registers.keys() & {bit for bit, names in driven.items() if len(names) > loads}
    ):
        register, blocks = registers[bit], driven[bit]
        for number, first in enumerate(range(loads, len(blocks), loads), start=1):
            output = next(free)
            cells[f"{register}_copy_{number}"] = _copy(cells[register], output)
            for name in blocks[first : first + loads]:
                _reconnect(cells[name], bit, output)
            copies += 1
    return copies


def _bits(module: dict[str, Any]) -> Iterator[Bit]:
    for cell in module["cells"].values():
        for bits in cell["connections"].values():
            yield from bits
    for port in module["ports"].values():
        yield from port["bits"]


def _copy(register: dict[str, Any], output: Bit) -> dict[str, Any]:
    connections = {**register["connections"], "Q": [output]}
    return {**register, "connections": connections, "parameters": dict(register["parameters"])}


def _reconnect(cell: dict[str, Any], old: Bit, new: Bit) -> None:
    for port, bits in cell["connections"].items():
        if cell["port_directions"].get(port) == "input":
            cell["connections"][port] = [new if bit == old else bit for bit in bits]


def _natural(name: str) -> list[str | int]:
    """Sorts numbers in names by value."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]
