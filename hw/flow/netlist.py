"""What is done to an ECP5 netlist between Yosys and nextpnr."""

import json
from pathlib import Path

from . import register_copies, register_packing
from .register_packing import Packed

SOURCES = "".join(
    Path(part.__file__).read_text(encoding="utf-8") for part in (register_packing, register_copies)
)
"""The passes themselves: a netlist depends on them."""


def finish_netlist(path: Path) -> tuple[Packed, int]:
    """Pack and copy registers of a netlist that ``write_json`` wrote, in place; what was done."""
    netlist = json.loads(path.read_text(encoding="utf-8"))
    modules = netlist["modules"].values()
    top = next(module for module in modules if "top" in module.get("attributes", {}))
    packed = register_packing.pack_registers(top)
    copies = register_copies.copy_registers(top)
    path.write_text(json.dumps(netlist), encoding="utf-8")
    return packed, copies
