"""Pointwise programs as hardware words, scheduled for the pipeline."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from amaranth import *
from amaranth.lib import data

from thresh.model.cells import CELLS, PERSISTENT, TEMPORARIES

from .activation import Function
from .gate_update import OPERATION

REGISTERS = (*TEMPORARIES, *PERSISTENT)
"""Registers in the order of their hardware numbers."""

PROGRAM_LENGTH = 8
"""Most instructions of one cell."""

INSTRUCTION = data.StructLayout(
    {
        "operation": OPERATION,
        "a": range(len(REGISTERS)),
        "b": range(len(REGISTERS)),
        "c": range(len(REGISTERS)),
        "result": range(len(REGISTERS)),
        "gap": 5,
        "settles": 1,
        "emits": 1,
        "late": 1,
        "last": 1,
        "drains": 1,
        "closes": 1,
    }
)
"""One instruction: arithmetic, registers, the cycles it waits after the one before it, and its
place: ``late`` works on the block before, ``last`` ends a block, after the last of which ``drains``
goes on with the late ones up to the one that ``closes``."""


@dataclass(frozen=True, kw_only=True)
class Slot:
    """One instruction of the order in which a block's program is issued.

    Parameters
    ----------
    number : int
        Its place in the cell's program.
    late : bool
        It works on the block before, so that its operands are ready without waiting.
    gap : int
        Cycles it waits after the end of the slot before it.
    """

    number: int
    late: bool
    gap: int


def _simulate(program, slots, beats, distance, blocks=4):
    """Start of every slot of every block, or None when a register is overwritten too early."""
    starts, writer, now = [], {}, 0
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
def schedule(program, beats, distance):
    """The order with the shortest period, found by trying all.

    An instruction occupies ``beats`` cycles and may read a register ``distance`` cycles after the
    instruction that wrote it began. The end of a program, as far as it needs no accumulator, may
    work on the block before while the lanes produce the next one's accumulators; the order among
    the early and among the late instructions stays.

    Returns
    -------
    tuple of Slot
    """
    size, best = len(program), None
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
    _, slots, gaps = best
    return tuple(
        Slot(number=number, late=late, gap=gap)
        for (number, late), gap in zip(slots, gaps, strict=True)
    )


def program_words(beats, distance):
    """The contents of the program memory: 16 cells of `PROGRAM_LENGTH` instructions."""
    words = [INSTRUCTION.const({}) for _ in range(16 * PROGRAM_LENGTH)]
    for cell in CELLS.values():
        slots = schedule(cell.program, beats, distance)
        lates = [at for at, slot in enumerate(slots) if slot.late]
        for at, slot in enumerate(slots):
            assert at < PROGRAM_LENGTH
            assert slot.gap < 32
            op = cell.program[slot.number]
            words[cell.code * PROGRAM_LENGTH + at] = INSTRUCTION.const(
                {
                    "operation": {
                        "accumulator": op.accumulator,
                        "multiply": op.a is not None,
                        "add": op.c is not None,
                        "lerp": op.lerp,
                        "to_pre": op.to_pre,
                        "function": Function[op.function.upper()],
                    },
                    "a": REGISTERS.index(op.a or "t0"),
                    "b": REGISTERS.index(op.b or "t0"),
                    "c": REGISTERS.index(op.c or "t0"),
                    "result": REGISTERS.index(op.result),
                    "gap": slot.gap,
                    "settles": op.settles,
                    "emits": slot.number == len(slots) - 1,
                    "late": slot.late,
                    "last": at == len(slots) - 1,
                    "drains": bool(lates),
                    "closes": bool(lates) and at == lates[-1],
                }
            )
    return words
