"""Latencies of an accelerator, from which `thresh.performance.cycles` predicts a step's cycles."""

from collections.abc import Mapping
from dataclasses import dataclass

LONG_AGO = -(1 << 30)
"""A cycle before every other."""


@dataclass(frozen=True, kw_only=True)
class Slot:
    """One instruction of a program in the order of issue.

    Parameters
    ----------
    accumulates, emits : bool
        It takes a pass's sums; its results are new state.
    late : bool
        It works on the group of blocks before.
    gap : int
        Cycles it waits after the end of the slot before it.
    """

    accumulates: bool
    emits: bool
    late: bool
    gap: int


@dataclass(frozen=True, kw_only=True)
class ColumnTiming:
    """Latencies of a core whose events meet whole columns.

    Parameters
    ----------
    apart : int
        Least cycles between two events at the walker.
    reach, end : int
        Cycles from an event at the walker until its column can begin, and from a layer's end there
        until it can end.
    full : int
        Cycles from a layer's end until its first sums can be taken.
    """

    apart: int
    reach: int
    end: int
    full: int


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Latencies of an accelerator.

    Parameters
    ----------
    lanes, pointwise_lanes, interleave : int
        As `thresh.layout.geometry.Geometry`'s.
    captures : int
        Passes that may have ended without having been taken.
    travel : int
        Cycles from a pass's last event at the walker until its sums can be taken.
    hold : int
        Cycles from there until one more pass may end.
    apart : int
        Least cycles between the ends of two passes.
    result : int
        Cycles from an element's issue to its new state.
    fetch, recall : int
        Cycles in which the walker reads a layer's table, and its hidden list's length.
    prepare, skip : int
        Cycles from a layer's token to its first instruction, and until it counts as skipped.
    encode : int
        Cycles from a word of new state to its first event, when no others wait.
    listed : int
        Cycles from a list's last event until it counts as complete.
    heard : int
        Cycles from a list's completion until the walker knows of it.
    room : int
        Cycles from the first event of a block's last word until one more block may be promised.
    programs : dict
        Slots of every kind of layer.
    columns : ColumnTiming or None
        Where columns are sparse.
    """

    lanes: int
    pointwise_lanes: int
    interleave: int
    captures: int
    travel: int
    hold: int
    apart: int
    result: int
    fetch: int
    recall: int
    prepare: int
    skip: int
    encode: int
    listed: int
    heard: int
    room: int
    programs: Mapping[str, tuple[Slot, ...]]
    columns: ColumnTiming | None = None

    @property
    def beats(self) -> int:
        """Cycles of one instruction of one block."""
        return self.lanes // self.pointwise_lanes
