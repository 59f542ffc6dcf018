"""Logic of an accelerator, predicted from its geometry by coefficients fitted to real builds."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from thresh.gateware.accelerator import Accelerator
from thresh.hw import ecp5, gowin
from thresh.hw.families import FAMILIES
from thresh.layout.geometry import Geometry
from thresh.layout.sizes import ceil_div

from .block_rams import LUT_RAM_WORDS, logic_pieces

DATA = Path(__file__).with_name("resources.json")
"""Written by bench/hardware/fit_resources.py from the builds in docs/results."""


def features(family: str, geometry: Geometry) -> dict[str, int]:
    """What logic grows with.

    The constant part, lanes, pointwise lanes, choices between banks, bits of a value and of a word
    of weights; on Gowin the memories that lie in logic cells.
    """
    found = {
        "constant": 1,
        "lane": geometry.lanes,
        "unit": geometry.pointwise_lanes,
        "bank_bit": geometry.weight_word_bits * (_banks(family, geometry.weight_depth) - 1),
        "value_bit": geometry.value_bits,
        "weight_bit": geometry.weight_word_bits,
    }
    if family not in LUT_RAM_WORDS:
        return found
    shapes = Accelerator.memories(geometry, FAMILIES[family].primitives)
    return found | {"memory": sum(logic_pieces(family, shape) for shape in shapes)}


def _banks(family: str, depth: int) -> int:
    """Memories of a weight memory, between which a word is chosen."""
    if family == "gowin":
        return len(gowin.banks(depth))
    return ceil_div(depth, ecp5.bank_shape(depth)[0]) if family == "ecp5" else 1


@lru_cache
def load_coefficients() -> dict[str, Any]:
    """Coefficients by family and resource, and routed clocks by board and lanes."""
    return json.loads(DATA.read_text(encoding="utf-8"))


def predict_logic(family: str, geometry: Geometry) -> dict[str, int]:
    """Predicted use by nextpnr's names of resources, empty where no build was measured."""
    found = load_coefficients()["logic"].get(family, {})
    known = features(family, geometry)
    return {
        resource: round(sum(weights.get(name, 0) * value for name, value in known.items()))
        for resource, weights in found.items()
    }


def measured_clock(board: str, lanes: int) -> float | None:
    """The slowest seed's routed fmax in MHz of this board with so many lanes, where measured."""
    return load_coefficients()["fmax_mhz"].get(board, {}).get(str(lanes))
