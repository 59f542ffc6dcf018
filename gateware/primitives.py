"""What a board brings to the accelerator: its own memory and multipliers."""

from dataclasses import dataclass

from .column_memory import ColumnMemory
from .mac_lane import MacLane
from .multiplier import Multiplier


@dataclass(frozen=True, kw_only=True)
class Primitives:
    """Component classes with the signatures of their behavioural twins, which are the default.

    Parameters
    ----------
    column_memory : class
        A `ColumnMemory`; `latency` is read from the class.
    mac_lane : class
        A `MacLane`.
    multiplier : class
        A `Multiplier`.
    read_latency : int
        Cycles from the address of every other memory to its word: whether registers follow.
    captures : int
        Passes whose sums may be under way to the pointwise stage: as the
        `ColumnMAC` takes.
    """

    column_memory: type = ColumnMemory
    mac_lane: type = MacLane
    multiplier: type = Multiplier
    read_latency: int = 1
    captures: int = 1
