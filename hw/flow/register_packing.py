"""Flip-flops moved into ECP5 block RAMs and multipliers, which Yosys leaves outside."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

OUTPUT_BITS = 18
"""Output bits of each port of a DP16KD."""
OPERAND_BITS = 18
PRODUCT_BITS = 36
Bit = int | str
"""A net's number, or a constant."""


@dataclass(kw_only=True)
class Packed:
    """Registers that were moved: ports of block RAMs, and registers of multipliers."""

    memory_ports: int = 0
    operands: int = 0
    products: int = 0


def pack_registers(module: dict[str, Any]) -> Packed:
    """Move plain flip-flops into the registers of DP16KD outputs and MULT18X18D.

    A flip-flop is plain when it has neither enable nor reset and starts at 0. An output is moved
    when flip-flops are all that listens to it, one per bit; an operand when every bit comes from
    a flip-flop or is constant. The circuit computes the same in every cycle.

    Parameters
    ----------
    module : dict
        Top module of a Yosys JSON netlist, changed in place.
    """
    packing = _Packing(module)
    cells = list(module["cells"].values())
    for cell in cells:
        if cell["type"] == "DP16KD":
            for side in "AB":
                packing.memory_output(cell, side)
    for cell in cells:
        if cell["type"] == "MULT18X18D":
            packing.multiplier(cell)
    packing.remove_unused()
    return packing.packed


class _Packing:
    def __init__(self, module: dict[str, Any]) -> None:
        self.packed = Packed()
        self._module = module
        self._driver: dict[Bit, dict] = {}
        self._sinks: dict[Bit, list[dict | None]] = defaultdict(list)
        for cell in module["cells"].values():
            for port, bits in cell["connections"].items():
                for bit in bits:
                    if cell.get("port_directions", {}).get(port) != "output":
                        self._sinks[bit].append(cell)
                    elif _plain(cell):
                        self._driver[bit] = cell
        for port in module["ports"].values():
            for bit in port["bits"]:
                self._sinks[bit].append(None)

    def memory_output(self, cell: dict, side: str) -> None:
        """Move one port's output register into the block RAM."""
        ports = [f"DO{side}{n}" for n in range(OUTPUT_BITS)]
        if cell["parameters"].get(f"REGMODE_{side}", "NOREG") != "NOREG":
            return
        clock = cell["connections"].get(f"CLK{side}", [None])[0]
        if self._move_outputs(cell, ports, clock) is not None:
            cell["parameters"][f"REGMODE_{side}"] = "OUTREG"
            self._connect(cell, f"OCE{side}", "1")
            self.packed.memory_ports += 1

    def multiplier(self, cell: dict) -> None:
        """Move operand registers, the product's and one more behind it into the multiplier."""
        clock: Bit | None = None
        for side in "AB":
            ports = [f"{side}{n}" for n in range(OPERAND_BITS)]
            moved = self._move_operand(cell, ports, clock)
            if moved is not None:
                clock = moved
                self._register(cell, f"INPUT{side}", clock)
                self.packed.operands += 1
        ports = [f"P{n}" for n in range(PRODUCT_BITS)]
        for register in ("OUTPUT", "PIPELINE"):
            moved = self._move_outputs(cell, ports, clock)
            if moved is None:
                break
            clock = moved
            self._register(cell, register, clock)
            self.packed.products += 1

    def remove_unused(self) -> None:
        """Remove flip-flops that nothing listens to any more."""
        cells = self._module["cells"]
        for name in [name for name, cell in cells.items() if _plain(cell)]:
            if not self._sinks[cells[name]["connections"]["Q"][0]]:
                del cells[name]

    def _move_outputs(self, cell: dict, ports: list[str], clock: Bit | None) -> Bit | None:
        """Let ``ports`` drive what the flip-flops behind them drove; the clock, or None."""
        moves = {}
        for port in ports:
            (bit,) = cell["connections"].get(port, [None])
            sinks = self._sinks.get(bit, []) if bit is not None else []
            if not sinks:
                continue
            if len(sinks) > 1 or not _plain(sinks[0]) or _data(sinks[0]) != bit:
                return None
            moves[port] = sinks[0]
        clocks = {register["connections"]["CLK"][0] for register in moves.values()}
        if not moves or len(clocks) > 1 or clock not in (None, *clocks):
            return None
        for port, register in moves.items():
            self._sinks[cell["connections"][port][0]].remove(register)
            output = register["connections"]["Q"][0]
            register["connections"]["Q"] = [f"moved {output}"]
            del self._driver[output]
            cell["connections"][port] = [output]
        return clocks.pop()

    def _move_operand(self, cell: dict, ports: list[str], clock: Bit | None) -> Bit | None:
        """Feed ``ports`` with what their flip-flops were fed with; the clock, or None."""
        registers = {}
        for port in ports:
            (bit,) = cell["connections"].get(port, ["0"])
            if bit in ("0", "1", "x"):
                continue
            if bit not in self._driver:
                return None
            registers[port] = self._driver[bit]
        clocks = {register["connections"]["CLK"][0] for register in registers.values()}
        if not registers or len(clocks) > 1 or clock not in (None, *clocks):
            return None
        for port, register in registers.items():
            self._sinks[cell["connections"][port][0]].remove(cell)
            cell["connections"][port] = [_data(register)]
            self._sinks[_data(register)].append(cell)
        return clocks.pop()

    def _register(self, cell: dict, name: str, clock: Bit) -> None:
        cell["parameters"][f"REG_{name}_CLK"] = "CLK0"
        cell["parameters"][f"REG_{name}_CE"] = "CE0"
        cell["parameters"][f"REG_{name}_RST"] = "RST0"
        for port, bit in (("CLK0", clock), ("CE0", "1"), ("RST0", "0")):
            self._connect(cell, port, bit)

    def _connect(self, cell: dict, port: str, bit: Bit) -> None:
        cell["connections"][port] = [bit]
        cell["port_directions"][port] = "input"


def _plain(cell: dict | None) -> bool:
    """A flip-flop without enable or reset that starts at 0."""
    if cell is None or cell["type"] != "TRELLIS_FF":
        return False
    parameters, connections = cell["parameters"], cell["connections"]
    enabled = parameters.get("CEMUX", "1").strip() == "1" or connections.get("CE") == ["1"]
    running = connections.get("LSR", ["0"]) == ["0"] and parameters.get("LSRMUX", "LSR") == "LSR"
    starts_low = parameters.get("REGSET", "RESET") == "RESET"
    rising = parameters.get("CLKMUX", "CLK") == "CLK"
    return enabled and running and starts_low and rising and _data(cell) not in ("x", None)


def _data(cell: dict) -> Bit | None:
    """The net a flip-flop stores."""
    connections = cell["connections"]
    return connections.get("DI", connections.get("M", [None]))[0]
