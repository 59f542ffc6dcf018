"""Tables of exported folders: who ran their benches, and what they take."""

from typing import Any

from bench.results import load

from .markdown import table

FAMILIES = {"ice40": "iCE40 UP5K", "ecp5": "ECP5", "xilinx": "Xilinx 7 series", "gowin": "Gowin"}

COUNTED = {
    "LUT": ("SB_LUT4", "LUT4", *(f"LUT{n}" for n in (1, 2, 3, 5, 6)), "TRELLIS_COMB"),
    "flip-flops": ("SB_DFF", "TRELLIS_FF", "FDRE", "FDSE", "FDCE", "FDPE", "DFF"),
    "block RAM": ("SB_RAM40", "DP16KD", "PDPW16KD", "RAMB18E1", "RAMB36E1", "DPX9B", "SDPX9B",
                  "SDPB", "DPB", "SPX9", "SP", "pROM", "pROMX9"),
    "SPRAM": ("SB_SPRAM256KA",),
    "multipliers": ("SB_MAC16", "MULT18X18D", "DSP48E1", "MULT18X18", "MULT9X9", "MULT36X36"),
}  # fmt: skip
"""Yosys' names of what the table shows: those of flip-flops and iCE40's RAM are beginnings."""

BEGINNINGS = ("SB_DFF", "SB_RAM40", "DFF")


def sizes() -> str:
    """Cells of exported shells in four families."""
    rows = []
    for row in load("export-sizes") or []:
        family = FAMILIES[row["family"]]
        if "cells" in row:
            counts = [count(row["cells"], names) for names in COUNTED.values()]
            shown = [f"{number:,}" if number else "" for number in counts]
        else:
            shown = [f"not ended in {row['stopped_after_minutes']} minutes", *[""] * 4]
        rows.append(
            [row["shell"], family, f"{row['lanes']}", *shown, f"{row['seconds']} s",
             row["yosys"], f"`{row['command']}`"]
        )  # fmt: skip
    head = ["shell", "family", "lanes", *COUNTED, "processor", "Yosys", "command"]
    return table(head, rows)


def count(cells: dict[str, int], names: tuple[str, ...]) -> int:
    """Cells that one of the names, or of the beginnings, belongs to."""
    begins = tuple(name for name in names if name in BEGINNINGS)
    return sum(n for name, n in cells.items() if name in names or name.startswith(begins))


def benches() -> str:
    """Which tool ran which folder's bench, and when."""
    found: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for row in load("export-benches") or []:
        found.setdefault((row["tool"], row["version"], row["on"]), []).append(row)
    rows = []
    for (tool, version, day), some in found.items():
        compared = sum(row.get("integers_compared", 0) for row in some)
        clips = sorted({row["clip"] for row in some if "clip" in row})
        said = f"{compared:,}, 0 differences" if compared else some[0]["said"]
        shells = ", ".join(row["shell"] for row in some)
        rows.append([tool, version, day, shells, ", ".join(clips), said])
    return table(["tool", "version", "last run", "shells", "clip", "integers compared"], rows)
