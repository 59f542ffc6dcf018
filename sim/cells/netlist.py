"""A netlist of cells, as Yosys and nextpnr keep it in JSON, written as structural Verilog."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

Module = dict[str, Any]
Bit = int | str

BINARY = re.compile(r"[01xz]+")

PULLED_UP = ("CEN", "CE", "RCLKE", "WCLKE", "CLOCK_ENABLE")
"""Inputs that are one where a netlist leaves them open; all others are zero."""


def top_module(netlist: Mapping[str, Any]) -> Module:
    """The module of a netlist that is its top, without what says only whence a cell came.

    Raises
    ------
    ValueError
        When there is none.
    """
    modules = netlist["modules"].values()
    tops = [module for module in modules if "top" in module.get("attributes", {})]
    if len(tops) != 1:
        raise ValueError(f"A netlist has one module that is its top, not {len(tops)}")
    cells = {name: cell for name, cell in tops[0]["cells"].items() if cell["type"] != "$scopeinfo"}
    return tops[0] | {"cells": cells}


def cell_types(module: Module) -> set[str]:
    """Kinds of cells in a module."""
    return {cell["type"] for cell in module["cells"].values()}


def netlist_verilog(
    module: Module, name: str, inputs: Mapping[str, set[str]], *, spoilt: str | None = None
) -> str:
    """A module as Verilog: a wire per net, an instance per cell, and nothing else.

    Parameters
    ----------
    module : dict
        Of cells and constants alone, its ports of a bit each or more.
    name : str
        Of the Verilog module; its ports are the netlist's, with every character that is no letter
        or digit written as ``_``.
    inputs : dict
        Inputs by kind of cell: those that a cell leaves open are tied, as the device ties them.
    spoilt : str, optional
        A cell of one output of a bit, which one more port, ``spoil``, inverts.
    """
    return _Writer(module, inputs, spoilt).text(name)


def plain(name: str) -> str:
    """A name of letters, digits and ``_``."""
    return re.sub(r"\W", "_", name)


class _Writer:
    def __init__(self, module: Module, inputs: Mapping[str, set[str]], spoilt: str | None) -> None:
        self.module, self.inputs, self.spoilt = module, inputs, spoilt
        self.ports = {plain(port): found for port, found in module["ports"].items()}
        # A net that comes in by a port is called as the port is.
        self.names: dict[Bit, str] = {bit: f"1'b{bit}" for bit in "01xz"}
        for name, port in self.ports.items():
            bits = port["bits"] if port["direction"] != "output" else []
            for number, bit in enumerate(bits):
                self.names[bit] = f"{name}[{number}]" if len(bits) > 1 else name
        self.wires = []
        for cell in module["cells"].values():
            for pins in cell["connections"].values():
                for bit in pins:
                    if bit not in self.names:
                        # Nets that passes over a netlist added have names instead of numbers.
                        self.names[bit] = f"n{bit}" if isinstance(bit, int) else f"n_{plain(bit)}"
                        self.wires.append(self.names[bit])

    def text(self, name: str) -> str:
        body = [*self._ports(), *(f"wire {wire};" for wire in self.wires), *self._cells()]
        ports = [*self.ports, *(("spoil",) if self.spoilt else ())]
        return "\n".join([f"module {name}({', '.join(ports)});", *body, "endmodule", ""])

    def _ports(self) -> Iterator[str]:
        pads = {
            bit
            for cell in self.module["cells"].values()
            for pin, direction in cell.get("port_directions", {}).items()
            for bit in cell["connections"].get(pin, [])
            if direction == "inout"
        }
        for name, port in self.ports.items():
            bits, direction = port["bits"], port["direction"]
            size = f"[{len(bits) - 1}:0] " if len(bits) > 1 else ""
            # A pad's pin is one of both directions, whatever the pad is used for.
            both = direction == "input" and pads & set(bits)
            yield f"{'inout' if both else direction} {size}{name};"
            if direction == "output":
                yield f"assign {name} = {self._bits(bits)};"

    def _cells(self) -> Iterator[str]:
        if self.spoilt:
            yield "input spoil; wire sound;"
        for number, (name, cell) in enumerate(sorted(self.module["cells"].items())):
            kind = cell["type"]
            pins = {pin: bits for pin, bits in cell["connections"].items() if bits}
            left_open = sorted(self.inputs[kind] - set(pins))
            pins |= {pin: [str(int(pin in PULLED_UP))] for pin in left_open}
            values = {pin: self._bits(bits) for pin, bits in pins.items()}
            if name == self.spoilt:
                (output,) = set(values) - self.inputs[kind]
                yield f"assign {values[output]} = sound ^ spoil;"
                values[output] = "sound"
            wired = ", ".join(f".{pin}({value})" for pin, value in values.items())
            given = ", ".join(
                f".{key}({parameter(value)})" for key, value in sorted(cell["parameters"].items())
            )
            yield f"{kind} {f'#({given}) ' if given else ''}c{number} ({wired});"

    def _bits(self, bits: list[Bit]) -> str:
        values = [self.names[bit] for bit in reversed(bits)]
        return values[0] if len(values) == 1 else "{" + ", ".join(values) + "}"


def parameter(value: str | int) -> str:
    """A cell's parameter in Verilog.

    In JSON bits are text of digits, and text that could be taken for them ends in a space.
    """
    if isinstance(value, int):
        return str(value)
    if BINARY.fullmatch(value):
        return f"{len(value)}'b{value}"
    return '"' + (value[:-1] if re.fullmatch(r"[01xz]* +", value) else value) + '"'
