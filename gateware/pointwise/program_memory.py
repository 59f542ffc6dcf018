"""Program memory: the instructions of every cell, as the pipeline runs them."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from .program import INSTRUCTION, PROGRAM_LENGTH, program_words


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

    def elaborate(self, platform):
        m = Module()
        attributes = {"rom_style": "logic"} if self.read_latency > 1 else {}
        words = program_words(self.beats, self.distance)
        width = (INSTRUCTION.size + 1) // 2
        halves = []
        for name, low in (("low", 0), ("high", width)):
            init = [word.as_bits() >> low & (1 << width) - 1 for word in words]
            m.submodules[name] = half = Memory(
                shape=width, depth=len(words), init=init, attrs=attributes
            )
            read = half.read_port()
            m.d.comb += read.addr.eq(Cat(self.number, self.code))
            halves.append(read.data)
        m.d.comb += self.instruction.as_value().eq(Cat(halves))
        return m
