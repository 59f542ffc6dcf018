"""The order in which an accelerator issues the instructions of a cell's program."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from thresh.model.cells import PERSISTENT, Instruction


@dataclass(frozen=True, kw_only=True)
class Slot:
    """One instruction of the order in which a block's program is issued.

    Parameters
    ----------
    number : int
        Its place in the cell's program.
    accumulates, emits : bool
        It takes a pass's sums; its results are new state.
    deferred : bool
        It works on the block before, so that its operands are ready without waiting.
    gap : int
        Cycles it waits after the end of the slot before it.
    """

    number: int
    accumulates: bool
    emits: bool
    deferred: bool
    gap: int


def _simulate(
    program: Sequence[Instruction],
    slots: Sequence[tuple[int, bool]],
    beats: int,
    distance: int,
    blocks: int = 4,
) -> list[int] | None:
    """Start of every slot of every block, or None when a register is overwritten too early."""
    starts: list[int] = []
    writer: dict[object, tuple[tuple[int, int], int]] = {}
    now = 0
    for block in range(blocks):
        for number, late in slots:
            op, unit = program[number], block - late
            for name in {op.a, op.b, op.c} - {None}:
                earlier = [n for n in range(number) if program[n].result == name]
                if not earlier:
                    continue
                key = (name, unit) if name in PERSISTENT else name
                if unit >= 0 and writer.get(key, (None,))[0] != (earlier[-1], unit):
                    return None
                if unit >= 0:
                    now = max(now, writer[key][1] + distance)
            key = (op.result, unit) if op.result in PERSISTENT else op.result
            writer[key] = ((number, unit), now)
            starts.append(now)
            now += beats
    return starts


@lru_cache
def schedule(program: tuple[Instruction, ...], beats: int, distance: int) -> tuple[Slot, ...]:
    """The order with the shortest period, found by trying all.

    An instruction occupies ``beats`` cycles and may read a register ``distance`` cycles after the
    instruction that wrote it began. The end of a program, as far as it needs no accumulator, may
    work on the block before while the lanes produce the next one's accumulators; the order among
    the early and among the late instructions stays.

    Returns
    -------
    tuple of Slot
    """
    size = len(program)
    best: tuple[int, list[tuple[int, bool]], list[int]] | None = None
    free = next((n for n in range(size) if program[size - 1 - n].accumulator), size)
    for late in range(free + 1):
        for places in combinations(range(size), late):
            early, behind = iter(range(size - late)), iter(range(size - late, size))
            slots = [(next(behind if at in places else early), at in places) for at in range(size)]
            starts = _simulate(program, slots, beats, distance)
            if starts is None:
                continue
            period = starts[3 * size] - starts[2 * size]
            if best is None or period < best[0]:
                ends = [starts[n - 1] + beats for n in range(2 * size, 3 * size)]
                gaps = [start - end for start, end in zip(starts[2 * size :], ends, strict=False)]
                best = (period, slots, gaps)
    assert best is not None
    _, slots, gaps = best
    return tuple(
        Slot(
            number=number,
            accumulates=program[number].accumulator,
            emits=number == size - 1,
            deferred=late,
            gap=gap,
        )
        for (number, late), gap in zip(slots, gaps, strict=True)
    )
