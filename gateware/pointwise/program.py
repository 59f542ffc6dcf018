"""Pointwise programs as hardware words, scheduled for the pipeline."""

from amaranth import *
from amaranth.lib import data

from thresh.layout.program_schedule import schedule
from thresh.model.cells import CELLS, PERSISTENT, TEMPORARIES

from .activation import Function
from .gate_update import OPERATION

REGISTERS = (*TEMPORARIES, *PERSISTENT)
"""Registers in the order of their hardware numbers."""

PROGRAM_LENGTH = 8
"""Most instructions of one cell."""

GAP_BITS = 5
"""Width of the cycles that an instruction waits."""

INSTRUCTION = data.StructLayout(
    {
        "operation": OPERATION,
        "a": range(len(REGISTERS)),
        "b": range(len(REGISTERS)),
        "c": range(len(REGISTERS)),
        "result": range(len(REGISTERS)),
        "gap": GAP_BITS,
        "settles": 1,
        "emits": 1,
        "deferred": 1,
        "last": 1,
        "drains": 1,
        "closes": 1,
        "known": 1,
    }
)
"""One instruction: arithmetic, registers, the cycles it waits after the one before it, and its
place: ``deferred`` works on the block before, ``last`` ends a block, after the last of which
``drains`` goes on with the deferred ones up to the one that ``closes``. A cell's are ``known``."""


def program_words(beats, distance):
    """The contents of the program memory: 16 cells of `PROGRAM_LENGTH` instructions.

    A code without a cell has a program that ends: what its one pass adds up is emitted.
    """
    other = {"operation": {"accumulator": 1}, "result": REGISTERS.index("h")}
    other |= {"emits": 1, "last": 1}
    words = [INSTRUCTION.const(other) for _ in range(16 * PROGRAM_LENGTH)]
    for cell in CELLS.values():
        slots = schedule(cell.program, beats, distance)
        deferred = [at for at, slot in enumerate(slots) if slot.deferred]
        for at, slot in enumerate(slots):
            assert at < PROGRAM_LENGTH
            assert slot.gap < 1 << GAP_BITS
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
                    "emits": slot.emits,
                    "deferred": slot.deferred,
                    "last": at == len(slots) - 1,
                    "drains": bool(deferred),
                    "closes": bool(deferred) and at == deferred[-1],
                    "known": 1,
                }
            )
    return words
