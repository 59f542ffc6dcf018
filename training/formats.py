"""Number formats of a delta layer."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Formats:
    """Number formats of a layer; the fields are those of `thresh.model.network.Layer`."""

    x_frac: int = 12
    weight_x_frac: int = 9
    weight_h_frac: int = 7
    weight_bits: int = 8
    value_bits: int = 16

    @property
    def accumulator_frac(self) -> int:
        """Fraction bits of M."""
        return self.x_frac + self.weight_x_frac
