"""Memory of the ECP5."""

from amaranth import *
from amaranth.lib.memory import Memory

from thresh.gateware.column_memory import ColumnMemory

BANK_DEPTH = 4096
"""Words of a bank: a block RAM is 4096 words of 4 bits."""


class BlockRamColumnMemory(ColumnMemory):
    """Weight memory in block RAM: banks of 4096 words, then a register, then the choice of bank.

    Any depth is used without waste to a whole block RAM.
    """

    latency = 3

    def elaborate(self, platform):
        m = Module()
        banks = range(0, self.depth, BANK_DEPTH)
        selected = Signal(range(max(2, len(banks))))
        previous = Signal.like(selected)
        m.d.sync += [
            previous.eq(self.read_address >> BANK_DEPTH.bit_length() - 1),
            selected.eq(previous),
        ]
        words = []
        for number, start in enumerate(banks):
            depth = min(BANK_DEPTH, self.depth - start)
            init = self.init[start : start + depth]
            m.submodules[f"bank_{number}"] = bank = Memory(shape=self.width, depth=depth, init=init)
            read, write = bank.read_port(), bank.write_port()
            word = Signal(self.width, name=f"word_{number}")
            m.d.comb += [
                read.addr.eq(self.read_address),
                write.addr.eq(self.write_address),
                write.data.eq(self.write_data),
                write.en.eq(
                    self.write_enable
                    & (self.write_address >> BANK_DEPTH.bit_length() - 1 == number)
                ),
            ]
            m.d.sync += word.eq(read.data)
            words.append(word)
        m.d.sync += self.read_data.eq(Array(words)[selected])
        return m
