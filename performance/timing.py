"""Latencies of an accelerator, from which `thresh.performance.cycles` predicts a step's cycles."""

from collections.abc import Mapping
from dataclasses import dataclass

from thresh.layout.program_schedule import Slot

LONG_AGO = -(1 << 30)
"""A cycle before every other."""


@dataclass(frozen=True, kw_only=True)
class ColumnTiming:
    """Latencies of a core whose events meet whole columns, in cycles.

    Parameters
    ----------
    event_interval : int
        Least distance of two events at the walker.
    column_latency : int
        From an event at the walker until its column can begin.
    end_latency : int
        From a layer's end at the walker until it can end behind its last column.
    sums_latency : int
        From a layer's end there until its first sums can be taken.
    """

    event_interval: int
    column_latency: int
    end_latency: int
    sums_latency: int


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Latencies of an accelerator, in cycles unless said.

    Parameters
    ----------
    captures : int
        Passes that may have ended without having been taken; 0 where no event may follow either.
    capture_latency : int
        From a pass's mark at the walker until its sums can be taken.
    credit_latency : int
        From there until one more pass may be marked.
    mark_interval : int
        Least distance of two marks.
    result_latency : int
        From an element's issue to its new state.
    fetch_cycles, recall_cycles : int
        In which the walker reads a layer's table entry, and its hidden list's length.
    launch_latency, skip_latency : int
        From a layer's token to its first instruction, and until it counts as skipped.
    encode_latency : int
        From a word of new state to its first event, when no others wait.
    list_latency : int
        From a list's last event until it counts as complete.
    notice_latency : int
        From a list's completion until the walker knows of it.
    block_latency : int
        From the first event of a block's last word until one more block may be reserved.
    programs : mapping of str to tuple of Slot
        The order of issue of every kind of layer.
    columns : ColumnTiming or None
        Where columns are sparse.
    skips : bool
        A layer that has settled is skipped; else it is evaluated as with empty lists.
    """

    captures: int
    capture_latency: int
    credit_latency: int
    mark_interval: int
    result_latency: int
    fetch_cycles: int
    recall_cycles: int
    launch_latency: int
    skip_latency: int
    encode_latency: int
    list_latency: int
    notice_latency: int
    block_latency: int
    programs: Mapping[str, tuple[Slot, ...]]
    columns: ColumnTiming | None = None
    skips: bool = True
