"""What is done to an ECP5 netlist between Yosys and nextpnr."""

import json
from pathlib import Path

from . import memory_places, register_copies, register_packing
from .register_packing import Packed

PASSES = (register_packing, register_copies, memory_places)
SOURCES = "".join(Path(part.__file__).read_text() for part in PASSES)
"""The passes themselves: a netlist depends on them."""


def finish_netlist(path: Path, device: str) -> tuple[Packed, int, int]:
    """Pack and copy registers of a netlist that ``write_json`` wrote and place its small memories,
    in place; what was done."""
    netlist = json.loads(path.read_text())
    modules = netlist["modules"].values()
    top = next(module for module in modules if "top" in module.get("attributes", {}))
    packed = register_packing.pack_registers(top)
    copies = register_copies.copy_registers(top)
    placed = memory_places.place_memories(top, device)
    path.write_text(json.dumps(netlist))
    return packed, copies, placed
