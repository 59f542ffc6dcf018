"""Cells side by side in one compiled module, driven cycle by cycle."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from thresh.sim.cells.library import cell_library
from thresh.sim.engines.compiled_flat import CompiledFlat


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A cell of the bench.

    Parameters
    ----------
    kind : str
    parameters : dict
        Verilog of each.
    buses : dict
        Widths of its pins by name.
    ties : dict
        Verilog of the inputs that stay as they are.
    outputs : dict
        Widths of what is looked at.
    clocks : tuple of str
    numbered : bool
        A bus is of pins that end in their number, else one pin of as many bits.
    """

    kind: str
    parameters: dict[str, str]
    buses: dict[str, int]
    ties: dict[str, str]
    outputs: dict[str, int]
    clocks: tuple[str, ...]
    numbered: bool = True


class CellBench:
    """Cells that get the same inputs.

    Parameters
    ----------
    cells : sequence of Cell
    folder : path
    family : str
    """

    def __init__(self, cells: Sequence[Cell], folder: Any, family: str = "ecp5") -> None:
        buses: dict[str, int] = {}
        for cell in cells:
            buses |= cell.buses
        self._places: dict[str, tuple[str, int, int]] = {}
        lines, at = [], 0
        for name, width in buses.items():
            lines.append(f"wire [{width - 1}:0] {name} = i[{64 * at} +: {width}];")
            self._places[name] = ("i", at, width)
            at += 1
        inputs, at = at, 0
        for number, cell in enumerate(cells):
            pins = [f".{clock}(clk)" for clock in cell.clocks]
            pins += [f".{pin}({value})" for pin, value in cell.ties.items()]
            for name, width in cell.buses.items():
                pins += _pins(name, width, name, cell.numbered)
            for name, width in cell.outputs.items():
                own = f"{name}_{number}"
                lines += [f"wire [{width - 1}:0] {own};", f"assign o[{64 * at} +: 64] = {own};"]
                self._places[own] = ("o", at, width)
                pins += _pins(name, width, own, cell.numbered)
                at += 1
            given = ", ".join(f".{key}({value})" for key, value in cell.parameters.items())
            lines.append(f"{cell.kind} #({given}) c{number}({', '.join(pins)});")
        head = f"module thresh_flat(input clk, rst, input [{64 * inputs - 1}:0] i, "
        head += f"output [{64 * at - 1}:0] o);"
        models = cell_library(family).verilog({cell.kind for cell in cells})
        verilog = "\n".join([head, *lines, "endmodule", models])
        self.flat = CompiledFlat(verilog, self._places, folder)
        self.cells = cells

    def run(self, drive: Sequence[dict[str, int]]) -> Iterator[list[dict[str, int]]]:
        """Per cycle what every cell's outputs were before its edge."""
        names = {name for name, (flow, *_) in self._places.items() if flow == "i"}
        writers = {name: self.flat.writer(name) for name in names}
        readers: list[dict[str, Callable[[], int]]] = [
            {name: self.flat.reader(f"{name}_{number}") for name in cell.outputs}
            for number, cell in enumerate(self.cells)
        ]
        for values in drive:
            for name, write in writers.items():
                write(values.get(name, 0))
            self.flat.tick()
            yield [{name: read() for name, read in cell.items()} for cell in readers]


def _pins(name: str, width: int, bus: str, numbered: bool) -> list[str]:
    if width == 1 or not numbered:
        return [f".{name}({bus})"]
    return [f".{name}{bit}({bus}[{bit}])" for bit in range(width)]
