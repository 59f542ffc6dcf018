"""Accelerators by name: the dimensions of every board's bitstream, in one table."""

from .geometry import Geometry

_FIELDS = (
    "lanes", "pointwise_lanes", "weight_depth", "accumulator_depth", "state_depth", "value_depth",
    "packet_bytes",
)  # fmt: skip

_TABLE = {
    # 4 SPRAM of 16 bits side by side, and all 8 multipliers.
    "icebreaker": (8, 1, 16384, 1024, 256, 256, 512),
    # The 12F carries the 25F's die.
    "ulx3s-12f": (8, 2, 10240, 512, 256, 512, 1024),
    "ulx3s-25f": (8, 2, 10240, 512, 256, 512, 1024),
    "ulx3s-45f": (16, 4, 10240, 512, 512, 1024, 2048),
    "ulx3s-85f": (16, 4, 16384, 512, 512, 1024, 2048),
}  # fmt: skip

CONFIGURATIONS = {
    name: Geometry.from_dict(dict(zip(_FIELDS, row, strict=True))) for name, row in _TABLE.items()
}
"""By the name of the board whose memories they fill; 8-bit weights and 16-bit values."""
