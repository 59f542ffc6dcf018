"""What a design computes with, before it is mapped to a device."""

import json
from pathlib import Path

from thresh.model.files import write_atomically
from thresh.tools.toolchain import run_tool

from .structure import structure

ELABORATE = (
    "read_rtlil circuit.il; hierarchy -auto-top; proc; flatten; opt_expr -mux_bool; opt_clean; "
    "opt_merge; memory_collect; opt_clean; write_json circuit.json"
)
"""Yosys' passes up to one flat module of words, registers and memories, none of them twice."""


def circuit_structure(rtlil: str, folder: Path) -> str:
    """`structure` of a design before synthesis: seconds, where a netlist takes minutes.

    Designs of one structure are synthesised alike, but for what Yosys decides by names.

    Parameters
    ----------
    rtlil : str
        As `generate` gives it.
    folder : Path
        For what Yosys reads and writes.

    Raises
    ------
    ValueError
        When Yosys is missing or fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / "circuit.il", rtlil)
    run_tool("yosys", ["-q", "-p", ELABORATE], folder=folder, log=folder / "circuit.log")
    return structure(json.loads((folder / "circuit.json").read_text(encoding="utf-8")))
