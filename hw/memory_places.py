"""Places for the memories of an accelerator that are not its weights.

Weights take most block RAMs of an ECP5, all over the die, through registers of their own. The other
memories are few and have a cycle for a way that logic shares: left to the router's placer they end
up where weights have left room, sixty columns from the logic that works with them.
"""

import re
from itertools import product
from typing import Any

from .register_copies import natural

PLACES = {
    "LFE5U-85F": tuple(
        f"X{4 + 9 * group + 2 * number}/Y{row}/EBR{number}"
        for group, number, row in product(range(4), range(4), (22, 46))
    )
}
"""Block RAMs around the logic, which gathers beside the pins of the board's serial port, by device
and as nextpnr names them."""

WEIGHTS = re.compile(r"\bbank_\d+_\d+")
"""In the name of a block RAM of `thresh.hw.ecp5.BlockRamColumnMemory`."""


def place_memories(module: dict[str, Any], device: str) -> int:
    """Give every block RAM that holds no weights a place near the logic; how many were placed.

    None is placed where there are more of them than places, or a device has none listed.

    Parameters
    ----------
    module : dict
        Top module of a Yosys JSON netlist, changed in place.
    device : str
    """
    cells, places = module["cells"], PLACES.get(device, ())
    memories = [name for name, cell in cells.items() if cell["type"] == "DP16KD"]
    others = sorted((name for name in memories if not WEIGHTS.search(name)), key=natural)
    if len(others) > len(places):
        return 0
    for name, place in zip(others, places, strict=False):
        cells[name].setdefault("attributes", {})["BEL"] = place
    return len(others)
