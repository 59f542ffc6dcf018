"""What a placed iCE40 netlist of nextpnr's has, though it is no wire: ways of its clock."""

from typing import Any

PAD_PLLS = (2, 4, 6)
"""PLLTYPE of a PLL that is fed by its pad."""


def with_clock_ways(module: dict[str, Any]) -> dict[str, Any]:
    """A placed netlist whose PLL has its reference and feeds its global buffer.

    Both ways are part of the place, from the pad to the PLL beside it, and from there to the buffer
    beside that; nextpnr leaves such pins open.

    Parameters
    ----------
    module : dict
        Top of a netlist that nextpnr-ice40 wrote, of one PLL at most, on the clock's pad.
    """
    cells = dict(module["cells"])
    plls = [name for name, cell in cells.items() if cell["type"] == "ICESTORM_PLL"]
    for name in plls:
        pins = dict(cells[name]["connections"])
        if int(cells[name]["parameters"]["PLLTYPE"], 2) in PAD_PLLS:
            (pad,) = (port for port in module["ports"] if port.startswith("clk"))
            pins["REFERENCECLK"] = module["ports"][pad]["bits"]
        pins["PLLOUT_A"] = ["pll"]
        cells[name] = cells[name] | {"connections": pins}
    for name, cell in cells.items() if plls else ():
        if cell["type"] == "SB_GB" and not cell["connections"]["USER_SIGNAL_TO_GLOBAL_BUFFER"]:
            pins = cell["connections"] | {"USER_SIGNAL_TO_GLOBAL_BUFFER": ["pll"]}
            cells[name] = cell | {"connections": pins}
    return module | {"cells": cells}
