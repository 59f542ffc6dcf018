"""Copies of registers that drive memories, multipliers or logic all over an ECP5."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from .register_packing import Bit

LOADS = {"DP16KD": 16, "MULT18X18D": 16, "TRELLIS_DPR16X4": 16, "LUT4": 64}
"""Most cells of a kind that one copy drives."""


def copy_registers(module: dict[str, Any], *, loads: Mapping[str, int] = LOADS) -> int:
    """Give cells that one flip-flop drives copies of it, so many a copy; how many were made.

    The cells of a kind are taken in the order of their names, so that all bits of an address or a
    delta divide them in the same way; the first of each stay with the register itself. The circuit
    computes the same in every cycle.

    Parameters
    ----------
    module : dict
        Top module of a Yosys JSON netlist, changed in place.
    loads : dict
        Most cells that one copy drives, by kind of cell; others stay with the register.
    """
    cells = module["cells"]
    registers = {
        cell["connections"]["Q"][0]: name
        for name, cell in cells.items()
        if cell["type"] == "TRELLIS_FF"
    }
    driven: dict[tuple[Bit, str], list[str]] = defaultdict(list)
    for name in sorted((n for n, cell in cells.items() if cell["type"] in loads), key=_natural):
        for bit in registers.keys() & set(_inputs(cells[name])):
            driven[bit, cells[name]["type"]].append(name)
    free = count(1 + max((bit for bit in _bits(module) if isinstance(bit, int)), default=0))
    copies: dict[str, int] = defaultdict(int)
    for bit, kind in sorted(driven):
        register, blocks, most = registers[bit], driven[bit, kind], loads[kind]
        for first in range(most, len(blocks), most):
            output = next(free)
            copies[register] += 1
            cells[f"{register}_copy_{copies[register]}"] = _copy(cells[register], output)
            for name in blocks[first : first + most]:
                _reconnect(cells[name], bit, output)
    return sum(copies.values())


def _inputs(cell: dict[str, Any]) -> Iterator[Bit]:
    for port, bits in cell["connections"].items():
        if cell["port_directions"].get(port) == "input":
            yield from bits


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
