"""Memory and multipliers of the ECP5, with registers that `register_packing` can move."""

from functools import reduce
from operator import or_

from amaranth import *
from amaranth.lib.memory import Memory

from thresh.gateware.columns.column_memory import ColumnMemory
from thresh.gateware.columns.mac_lane import ProductLane
from thresh.gateware.columns.multiplier import Multiplier
from thresh.gateware.lib.delayed import staged
from thresh.gateware.lib.memory_shape import MemoryShape
from thresh.layout.sizes import ceil_div

BLOCK_RAMS = ((16384, 1), (2048, 8))
"""Words and bits of one block RAM, as banks use it: the deeper needs no choice between banks."""

PRODUCT_LATENCY = 3
"""Cycles of a MULT18X18D with all its registers in use."""


def bank_shape(depth: int) -> tuple[int, int]:
    """Words and bits of the block RAMs that hold a weight memory of ``depth`` words."""
    deepest, finest = BLOCK_RAMS
    return finest if depth % deepest[0] else deepest


class BlockRamColumnMemory(ColumnMemory):
    """Weight memory in block RAM: banks between registers on every side.

    Banks are as deep as divides the depth, so that any multiple of 2048 is used without waste. A
    word passes the block RAM's own register and two on its way to the lanes, which may be far,
    before its bank is chosen.
    """

    latency = 6

    @staticmethod
    def memories(*, width, depth):
        """Every bank, slice by slice."""
        words, bits = bank_shape(depth)
        count = ceil_div(depth, words) * ceil_div(width, bits)
        return [MemoryShape(bits=bits, words=min(words, depth))] * count

    def elaborate(self, platform):
        m = Module()
        depth, width = bank_shape(self.depth)
        bits = depth.bit_length() - 1
        read_address = staged(m, self.read_address, "read_address")
        write_address = staged(m, self.write_address, "write_address")
        write_data = staged(m, self.write_data, "write_data")
        bank, starts = read_address >> bits, range(0, self.depth, depth)
        for name in ("fetching", "fetched", "leaving"):
            bank = staged(m, bank, name)
        # A number of banks that is no power of two is decoded before the words, which are far.
        decoded = len(starts) & (len(starts) - 1)
        if decoded:
            mine = [staged(m, bank == number, f"mine_{number}") for number in range(len(starts))]
        else:
            selected = staged(m, bank, "selected")
        words = []
        for number, start in enumerate(starts):
            addressed = self.write_address >> bits == number
            enable = staged(m, self.write_enable & addressed, f"write_{number}")
            init = self.init[start : start + depth]
            slices = []
            for low in range(0, self.width, width):
                memory = Memory(
                    shape=width,
                    depth=min(depth, self.depth - start),
                    init=[word >> low & (1 << width) - 1 for word in init],
                )
                m.submodules[f"bank_{number}_{low}"] = memory
                read, write = memory.read_port(), memory.write_port()
                m.d.comb += [
                    read.addr.eq(read_address),
                    write.addr.eq(write_address),
                    write.data.eq(write_data[low : low + width]),
                    write.en.eq(enable),
                ]
                slices.append(staged(m, read.data, f"read_{number}_{low}"))
            leaving = staged(m, Cat(slices), f"leaving_{number}")
            words.append(staged(m, leaving, f"word_{number}"))
        if decoded:
            word = reduce(or_, (Mux(one, own, 0) for one, own in zip(mine, words, strict=True)))
        else:
            word = Array(words)[selected]
        m.d.comb += self.read_data.eq(staged(m, word, "read_data"))
        return m


class DspMacLane(ProductLane):
    """The lane with its operands and product registered in a MULT18X18D, the sum in logic."""

    latency = 1 + PRODUCT_LATENCY

    def product(self, m):
        return _product(m, self.weight, self.delta)


class DspMultiplier(Multiplier):
    """The pointwise multiplier in one MULT18X18D, all its registers in use."""

    latency = PRODUCT_LATENCY

    def elaborate(self, platform):
        m = Module()
        m.d.comb += self.product.eq(_product(m, self.a, self.b))
        return m


def _product(m, a, b):
    """``a * b`` three cycles later: registers for operands, pipeline and product."""
    width = len(a) + len(b)
    operand_a, operand_b = Signal.like(a, reset_less=True), Signal.like(b, reset_less=True)
    pipeline = Signal(signed(width), reset_less=True)
    product = Signal(signed(width), reset_less=True)
    m.d.sync += [
        operand_a.eq(a),
        operand_b.eq(b),
        pipeline.eq(operand_a * operand_b),
        product.eq(pipeline),
    ]
    return product
