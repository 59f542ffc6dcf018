"""Accelerators by device: the dimensions that a board with it is given, in one table."""

from .geometry import Geometry

_FIELDS = (
    "lanes", "pointwise_lanes", "weight_depth", "accumulator_depth", "state_depth", "value_depth",
    "packet_bytes",
)  # fmt: skip

_TABLE = {
    # 4 SPRAM of 16 bits side by side, and all 8 multipliers.
    "iCE40UP5K": (8, 1, 16384, 1024, 256, 256, 512),
    # The 12F carries the 25F's die.
    "LFE5U-12F": (8, 2, 10240, 512, 256, 512, 1024),
    "LFE5U-25F": (8, 2, 10240, 512, 256, 512, 1024),
    "LFE5U-45F": (16, 4, 10240, 512, 512, 1024, 2048),
    "LFE5U-85F": (16, 4, 16384, 512, 512, 1024, 2048),
    # 36 of its 46 block RAMs; the smallest memories lie in logic.
    "GW2AR-LV18": (8, 2, 9216, 512, 128, 256, 512),
}  # fmt: skip

CONFIGURATIONS = {
    name: Geometry.from_dict(dict(zip(_FIELDS, row, strict=True))) for name, row in _TABLE.items()
}
"""By the device whose memories they fill; 8-bit weights and 16-bit values."""
