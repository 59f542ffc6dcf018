"""Number formats of a delta layer."""

from collections.abc import Sequence
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


def stacked(
    formats: Formats | Sequence[Formats] | None, layers: int, integer_bits: int
) -> tuple[Formats, ...]:
    """Formats of every layer of a stack.

    Parameters
    ----------
    formats : Formats, sequence of Formats, or None
        Of the first layer, or of each. From the first, each other layer takes the widths, and the
        fraction bits of its state and of the state's weights for inputs and their weights too.
    layers : int
    integer_bits : int
        Integer bits of the state, sign included.

    Raises
    ------
    ValueError
        When their number is not the layers'.
    """
    if isinstance(formats, Sequence):
        if len(formats) != layers:
            raise ValueError(f"formats must be one, or one per layer of {layers}, not {formats!r}")
        return tuple(formats)
    first = formats or Formats()
    other = Formats(
        x_frac=first.value_bits - integer_bits,
        weight_x_frac=first.weight_h_frac,
        weight_h_frac=first.weight_h_frac,
        weight_bits=first.weight_bits,
        value_bits=first.value_bits,
    )
    return (first,) + (other,) * (layers - 1)
