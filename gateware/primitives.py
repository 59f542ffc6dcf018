"""What a board brings to the accelerator: its own memory and multipliers."""

from dataclasses import dataclass

from .columns.column_memory import ColumnMemory
from .columns.mac_lane import MacLane
from .columns.multiplier import Multiplier

PAIRED_BITS = {"weight_bits": 4, "value_bits": 8}
"""Formats of which a multiplier may serve two lanes at a time."""


@dataclass(frozen=True, kw_only=True)
class Primitives:
    """Component classes with the signatures of their behavioural twins, which are the default.

    Parameters
    ----------
    column_memory : class
        A `ColumnMemory`; `latency` is read from the class.
    mac_lane : class
        A `MacLane`.
    mac_pair : class or None
        One for two lanes, where `PAIRED_BITS` allow it.
    multiplier : class
        A `Multiplier`.
    read_latency : int
        Cycles from the address of every other memory to its word: whether registers follow.
    captures : int
        Passes whose sums may be under way to the pointwise stage: as the `ColumnMAC` takes, or 0
        for a `ChainMAC`, of whose lanes the class then is.
    infers_multipliers : bool
        A product in logic becomes a multiplier of the device.
    compact : bool
        Fewer logic cells for a slower clock: layers that have settled are evaluated all the same,
        and what holds for an instruction is not delayed cycle by cycle.
    """

    column_memory: type = ColumnMemory
    mac_lane: type = MacLane
    mac_pair: type | None = None
    multiplier: type = Multiplier
    read_latency: int = 1
    captures: int = 1
    infers_multipliers: bool = False
    compact: bool = False

    def lane_of(self, geometry):
        """The class of the lanes of a geometry: paired where the sums of any pass have room."""
        pair, formats = self.mac_pair, PAIRED_BITS.items()
        if pair is None or any(getattr(geometry, name) != bits for name, bits in formats):
            return self.mac_lane
        largest = geometry.value_depth << geometry.weight_bits + geometry.value_bits - 2
        return pair if largest < 1 << pair.sum_bits - 1 else self.mac_lane
