"""Logic cells of a module that Yosys wrote: a table with its register, or one of both alone."""

from collections import Counter
from collections.abc import Mapping
from typing import Any


def count_cells(module: Mapping[str, Any]) -> dict[str, int]:
    """Logic cells, tables, registers and block RAMs of an iCE40's module, without its children."""
    cells = module["cells"].values()
    kinds = Counter(cell["type"] for cell in cells)
    uses: Counter[int] = Counter()
    driver: dict[int, str] = {}
    for cell in cells:
        for port, bits in cell["connections"].items():
            if cell["port_directions"].get(port) == "input":
                uses.update(bits)
            else:
                driver |= dict.fromkeys(bits, cell["type"])
    for port in module["ports"].values():
        uses.update(port["bits"] if port["direction"] == "output" else ())
    inputs = [cell["connections"]["D"][0] for cell in cells if cell["type"].startswith("SB_DFF")]
    alone = sum(driver.get(bit) != "SB_LUT4" or uses[bit] > 1 for bit in inputs)
    return {
        "logic_cells": kinds["SB_LUT4"] + alone,
        "tables": kinds["SB_LUT4"],
        "registers": len(inputs),
        "block_ram": kinds["SB_RAM40_4K"],
    }


def count_tree(modules: Mapping[str, Any], name: str) -> int:
    """Logic cells of the module called ``name`` and of all inside it."""
    inside = sum(
        count_tree(modules, cell["type"])
        for cell in modules[name]["cells"].values()
        if cell["type"].startswith(f"{name}.") and cell["type"] in modules
    )
    return count_cells(modules[name])["logic_cells"] + inside


def children(modules: Mapping[str, Any], name: str) -> dict[str, int]:
    """Logic cells of everything inside a module, by the instance's name."""
    return {
        label: count_tree(modules, cell["type"])
        for label, cell in modules[name]["cells"].items()
        if cell["type"].startswith(f"{name}.") and cell["type"] in modules
    }
