"""Pointwise programs as hardware words, scheduled for the pipeline."""

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
        "last": 1,
    }
)
"""One instruction: arithmetic, registers, and the cycles it waits after the one before it."""


def schedule(program, vector, distance):
    """Cycles each instruction waits after the end of the one before it.

    An instruction occupies ``vector`` cycles. It may read a register ``distance`` cycles after the
    instruction that wrote it began.

    Returns
    -------
    list of int
    """
    begins, written, gaps = [], {}, []
    for op in program:
        earliest = begins[-1] + vector if begins else 0
        sources = [name for name in (op.a, op.b, op.c) if name in written]
        start = max([earliest, *(written[name] + distance for name in sources)])
        gaps.append(start - earliest)
        begins.append(start)
        written[op.result] = start
    return gaps


def program_words(vector, distance):
    """The contents of the program memory: 16 cells of `PROGRAM_LENGTH` instructions."""
    words = [INSTRUCTION.const({}) for _ in range(16 * PROGRAM_LENGTH)]
    for cell in CELLS.values():
        gaps = schedule(cell.program, vector, distance)
        for number, (op, gap) in enumerate(zip(cell.program, gaps, strict=True)):
            assert number < PROGRAM_LENGTH
            assert gap < 32
            words[cell.code * PROGRAM_LENGTH + number] = INSTRUCTION.const(
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
                    "gap": gap,
                    "settles": op.settles,
                    "last": number == len(cell.program) - 1,
                }
            )
    return words
