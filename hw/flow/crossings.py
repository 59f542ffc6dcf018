"""Ways from one clock to another in a design: each ends in a synchroniser, or is named here.

A synchroniser is a register that takes one bit from another clock, or from a pin, without any logic
before it, and gives it to nothing but one register of its own clock.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from thresh.tools.toolchain import run_tool

REGISTERS = "$dff", "$dffe", "$adff", "$adffe", "$sdff", "$sdffe", "$sdffce"
MEMORY = "$mem_v2"
CLOCKED = {"SB_SPRAM256KA": "CLOCK", "SB_MAC16": "CLK", "MULT18X18D": "CLK0"}
"""Cells of devices that are registers as well, and the pin of their clock."""

SCRIPT = """\
{cells}
read_rtlil design.il; hierarchy -auto-top; proc; flatten; opt -full; opt_dff -simple-dffe
memory_collect; opt_clean; splitnets -format __; simplemap t:$mux t:$and t:$or t:$not t:$xor t:$pos
clean; select A:top; write_json -selected crossings.json
"""

CELLS = {
    "": "",
    "ice40": "read_verilog -lib +/ice40/cells_sim.v",
    "ecp5": "read_verilog -lib +/ecp5/cells_sim.v +/ecp5/cells_bb.v",
}
"""How Yosys is told of the cells of a device family."""

Bit = int | str


@dataclass(frozen=True)
class Crossing:
    """A register that is reached by what another clock moves.

    Parameters
    ----------
    register : str
        Its name in the design.
    sources : tuple of str
        Registers, memories or pins of other clocks that reach it.
    safe : bool
        The register is the first of a synchroniser.
    """

    register: str
    sources: tuple[str, ...]
    safe: bool


@dataclass
class _Register:
    cell: str
    clock: Bit
    data: Bit
    output: Bit | None
    others: list[Bit]


def crossings(
    rtlil: str, folder: Path, *, family: str = "", synchronous: tuple[str, ...] = ()
) -> list[Crossing]:
    """Every crossing of a design.

    Parameters
    ----------
    rtlil : str
        As `amaranth.back.rtlil.convert` writes it.
    folder : path
        For what Yosys reads and writes.
    family : str
        Of the device whose cells are in the design, if any are.
    synchronous : tuple of str
        Inputs of the design that move with the clock that reads them.

    Raises
    ------
    ToolError
        When Yosys is missing or fails.
    """
    (folder / "design.il").write_text(rtlil, encoding="utf-8")
    script = SCRIPT.format(cells=CELLS[family])
    run_tool("yosys", ["-q", "-p", script], folder=folder, log=folder / "crossings.log")
    modules = json.loads((folder / "crossings.json").read_text(encoding="utf-8"))["modules"]
    (module,) = (part for part in modules.values() if "top" in part.get("attributes", {}))
    return list(_Netlist(module, synchronous).crossings())


class _Netlist:
    """A flat module: what drives a bit, what a bit drives, and which clock moves it."""

    def __init__(self, module: dict, synchronous: tuple[str, ...]) -> None:
        self.registers: list[_Register] = []
        self.moved_by: dict[Bit, tuple[Bit, str]] = {}
        self.logic: dict[Bit, list[Bit]] = {}
        self.loads: dict[Bit, list[str]] = defaultdict(list)
        self.names: dict[Bit, str] = {
            bit: name
            for name, net in module["netnames"].items()
            for bit in net["bits"]
            if not net["hide_name"]
        }
        for name, cell in module["cells"].items():
            self._add(name, cell)
        for name, port in module["ports"].items():
            for bit in port["bits"]:
                if port["direction"] == "output":
                    self.loads[bit].append(f"port {name}")
                elif name not in synchronous and bit not in self.clocks:
                    self.moved_by[bit] = ("pin", name)

    @property
    def clocks(self) -> set[Bit]:
        """Clocks of all registers."""
        return {register.clock for register in self.registers}

    def _add(self, name: str, cell: dict) -> None:
        pins, kind = cell["connections"], cell["type"]
        if kind in REGISTERS:
            self._add_register(name, cell)
        elif kind == MEMORY:
            self._add_memory(name, pins)
        else:
            inputs = [bit for bits in self._side(cell, "input") for bit in bits]
            clock = pins[CLOCKED[kind]][0] if kind in CLOCKED else "cell"
            if kind in CLOCKED:
                taken = [bit for bit in inputs if bit != clock]
                self.registers += [_Register(name, clock, bit, None, []) for bit in taken]
            for bits in self._side(cell, "output"):
                for bit in bits:
                    if kind.startswith("$"):
                        self.logic[bit] = inputs
                    else:
                        self.moved_by[bit] = (clock, name)
            for bit in inputs:
                self.loads[bit].append(name)

    def _add_register(self, name: str, cell: dict) -> None:
        pins, (clock,) = cell["connections"], cell["connections"]["CLK"]
        others = [bit for pin in ("EN", "SRST") for bit in pins.get(pin, [])]
        for number, (data, output) in enumerate(zip(pins["D"], pins["Q"], strict=True)):
            part = f"{name}[{number}]"
            self.registers.append(_Register(part, clock, data, output, others))
            self.moved_by[output] = (clock, self._name(output, part))
            self.loads[data].append(part)
            for bit in others:
                self.loads[bit].append(part)

    def _add_memory(self, name: str, pins: dict) -> None:
        """What is read of an asynchronous port moves with who writes, of another with who reads."""
        ports = len(pins["RD_CLK"])
        width = len(pins["RD_DATA"]) // ports
        for port, clock in enumerate(pins["RD_CLK"]):
            mover = clock if isinstance(clock, int) else pins["WR_CLK"][0]
            for bit in pins["RD_DATA"][port * width : (port + 1) * width]:
                self.moved_by[bit] = (mover, self._name(bit, name))
        for bits in pins.values():
            for bit in bits:
                self.loads[bit].append(name)

    @staticmethod
    def _side(cell: dict, direction: str) -> Iterator[list[Bit]]:
        for pin, bits in cell["connections"].items():
            if cell["port_directions"][pin] == direction:
                yield bits

    def crossings(self) -> Iterator[Crossing]:
        """Registers that something of another clock reaches."""
        by_cell = {register.cell: register for register in self.registers if register.output}
        for register in self.registers:
            strangers = {
                source
                for bit in (register.data, *register.others)
                for mover, source in self._sources(bit)
                if mover != register.clock
            }
            if strangers:
                loads = self.loads.get(register.output, [])
                behind = by_cell.get(loads[0]) if len(loads) == 1 else None
                safe = (
                    not register.others
                    and register.data in self.moved_by
                    and behind is not None
                    and behind.clock == register.clock
                    and behind.data == register.output
                )
                name = self._name(register.output, register.cell)
                yield Crossing(name, tuple(sorted(strangers)), safe)

    def _name(self, bit: Bit | None, otherwise: str) -> str:
        return self.names.get(bit, otherwise) if bit else otherwise

    def _sources(self, bit: Bit) -> set[tuple[Bit, str]]:
        """Who moves a bit, through all logic before it."""
        found, seen, todo = set(), {bit}, [bit]
        while todo:
            now = todo.pop()
            if now in self.moved_by:
                found.add(self.moved_by[now])
                continue
            for before in self.logic.get(now, ()):
                if before not in seen and not isinstance(before, str):
                    seen.add(before)
                    todo.append(before)
        return found
