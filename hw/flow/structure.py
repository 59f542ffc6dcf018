"""What a netlist is, whatever its cells and nets are called."""

from typing import Any

import numpy as np

from .colours import Graph, colour, graph_digest

NAMES = {"src", "hdlname", "scopename", "module", "module_generator", "module_not_derived"}
"""Attributes of a cell that say where it came from."""


def structure(netlist: dict[str, Any]) -> str:
    """Digest of a flat netlist that does not depend on names, nor on the order of its cells.

    Two netlists with one digest are the same circuit: there is a renaming of cells and nets that
    makes one of the other. Types, parameters, memory contents, attributes, constants, initial
    values and the order of a port's bits count, and top-level ports count with their names.

    Parameters
    ----------
    netlist : dict
        What Yosys' ``write_json`` wrote, of a flattened design.

    Returns
    -------
    str
        SHA-256 in hexadecimal.

    Raises
    ------
    ValueError
        When no module is the top, or a cell is a module that is not a black box.
    """
    modules = netlist["modules"]
    tops = [module for module in modules.values() if "top" in module.get("attributes", {})]
    if len(tops) != 1:
        raise ValueError(f"A netlist has one top module, not {len(tops)}")
    cells = [cell for cell in tops[0]["cells"].values() if cell["type"] != "$scopeinfo"]
    for cell in cells:
        if cell["type"] in modules and not _is_black_box(modules[cell["type"]]):
            raise ValueError(f"The netlist is not flat: a cell is a module {cell['type']!r}")
    return graph_digest(_graph(cells, _net_colours(tops[0])))


def _graph(cells: list[dict[str, Any]], nets: dict[int | str, int]) -> Graph:
    """Cells, then nets, joined by an edge for each bit of a port."""
    colours = [colour(_description(cell)) for cell in cells]
    numbers: dict[int | str, int] = {}
    ends, labels = [], []
    for number, cell in enumerate(cells):
        for port, bits in cell["connections"].items():
            for index, bit in enumerate(bits):
                ends.append((number, numbers.setdefault(bit, len(cells) + len(numbers))))
                labels.append(colour(f"{port}[{index}]"))
    for bit in nets:
        numbers.setdefault(bit, len(cells) + len(numbers))
    colours += [
        colour(f"constant {bit}") if bit in ("0", "1", "x", "z") else nets.get(bit, colour("net"))
        for bit in numbers
    ]
    return Graph(
        colours=np.array(colours, dtype=np.uint64),
        ends=np.array(ends, dtype=np.int64).reshape(-1, 2),
        labels=np.array(labels, dtype=np.uint64),
    )


def _description(cell: dict[str, Any]) -> str:
    """Type, parameters and attributes of a cell, but for names."""
    parameters = {name: value for name, value in cell["parameters"].items() if name != "MEMID"}
    attributes = {
        name: value for name, value in cell.get("attributes", {}).items() if name not in NAMES
    }
    return repr((cell["type"], sorted(parameters.items()), sorted(attributes.items())))


def _net_colours(top: dict[str, Any]) -> dict[int | str, int]:
    """Colours of nets that are ports of the top module or have an initial value."""
    known: dict[int | str, set[str]] = {}
    for name, port in top["ports"].items():
        for index, bit in enumerate(port["bits"]):
            known.setdefault(bit, set()).add(f"{port['direction']} {name}[{index}]")
    for net in top["netnames"].values():
        initial = net.get("attributes", {}).get("init", "")
        for bit, value in zip(net["bits"], reversed(initial), strict=False):
            if value in "01":
                known.setdefault(bit, set()).add(f"init {value}")
    return {bit: colour(repr(sorted(facts))) for bit, facts in known.items()}


def _is_black_box(module: dict[str, Any]) -> bool:
    return "blackbox" in module.get("attributes", {})
