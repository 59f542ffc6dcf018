"""What is done to an ECP5 netlist between Yosys and nextpnr."""

import json
from pathlib import Path

from . import first_states, register_copies, register_packing
from .register_packing import Packed

SOURCES = "".join(
    Path(part.__file__).read_text(encoding="utf-8") for part in (register_packing, register_copies)
)
"""The passes themselves: what is routed depends on them."""

BEGINNING = Path(first_states.__file__).read_text(encoding="utf-8")
"""The pass that says how registers begin, which is no matter of place and route."""


def finish_netlist(path: Path) -> tuple[Packed, int]:
    """Let state machines begin, pack and copy registers of a netlist that ``write_json`` wrote.

    In place; what was packed and how many were copied.
    """
    netlist = json.loads(path.read_text(encoding="utf-8"))
    modules = netlist["modules"].values()
    top = next(module for module in modules if "top" in module.get("attributes", {}))
    first_states.set_first_states(top)
    packed = register_packing.pack_registers(top)
    copies = register_copies.copy_registers(top)
    path.write_text(json.dumps(netlist), encoding="utf-8")
    return packed, copies
