"""Program memory: the instructions of every cell, as the pipeline runs them."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.memory_shape import rom_memory

from .program import INSTRUCTION, PROGRAM_LENGTH, program_words

HALF_BITS = (INSTRUCTION.size + 1) // 2
"""Of a word in either memory."""


def _halves(beats, distance):
    """The contents of both memories."""
    words = [word.as_bits() for word in program_words(beats, distance)]
    return [[word >> low & (1 << HALF_BITS) - 1 for word in words] for low in (0, HALF_BITS)]


class ProgramMemory(wiring.Component):
    """An instruction a cycle after its address.

    In two memories, each within a block RAM's word; in logic where block RAM is slower.

    Parameters
    ----------
    beats : int
        Cycles that an instruction takes.
    distance : int
        Cycles from an instruction's start until a register it wrote can be read.
    read_latency : int
        Of block RAM.

    Members
    -------
    number : In(range(PROGRAM_LENGTH)), code : In(4)
        Which instruction of which cell.
    instruction : Out(`INSTRUCTION`)
    """

    def __init__(self, *, beats, distance, read_latency=1):
        self.beats = beats
        self.distance = distance
        self.read_latency = read_latency
        super().__init__(
            {
                "number": In(range(PROGRAM_LENGTH)),
                "code": In(4),
                "instruction": Out(INSTRUCTION),
            }
        )

    @staticmethod
    def memories(*, beats, distance, read_latency):
        """The two memories, where they are not logic."""
        if read_latency > 1:
            return []
        return [rom_memory(half) for half in _halves(beats, distance)]

    def elaborate(self, platform):
        m = Module()
        attributes = {"rom_style": "logic"} if self.read_latency > 1 else {}
        halves = []
        for name, init in zip(("low", "high"), _halves(self.beats, self.distance), strict=True):
            m.submodules[name] = half = Memory(
                shape=HALF_BITS, depth=len(init), init=init, attrs=attributes
            )
            read = half.read_port()
            m.d.comb += read.addr.eq(Cat(self.number, self.code))
            halves.append(read.data)
        m.d.comb += self.instruction.as_value().eq(Cat(halves))
        return m
