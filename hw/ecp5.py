"""Memory and multipliers of the ECP5, with registers that `register_packing` can move."""

from amaranth import *
from amaranth.lib.memory import Memory

from thresh.gateware.column_memory import ColumnMemory
from thresh.gateware.mac_lane import MacLane
from thresh.gateware.multiplier import Multiplier

BANK_DEPTH = 2048
"""Words of a bank: a block RAM is 2048 words of 9 bits."""


class BlockRamColumnMemory(ColumnMemory):
    """Weight memory in block RAM: banks of 2048 words between registers on every side.

    Any depth is used without waste to a whole block RAM.
    """

    latency = 4

    def elaborate(self, platform):
        m = Module()

        def stage(value, name):
            register = Signal.like(value, name=name, reset_less=True)
            m.d.sync += register.eq(value)
            return register

        bits = BANK_DEPTH.bit_length() - 1
        read_address = stage(self.read_address, "read_address")
        write_address = stage(self.write_address, "write_address")
        write_data = stage(self.write_data, "write_data")
        selected = stage(stage(read_address >> bits, "fetching"), "selected")
        words = []
        for number, start in enumerate(range(0, self.depth, BANK_DEPTH)):
            depth = min(BANK_DEPTH, self.depth - start)
            m.submodules[f"bank_{number}"] = bank = Memory(
                shape=self.width, depth=depth, init=self.init[start : start + depth]
            )
            read, write = bank.read_port(), bank.write_port()
            addressed = self.write_address >> bits == number
            m.d.comb += [
                read.addr.eq(read_address),
                write.addr.eq(write_address),
                write.data.eq(write_data),
                write.en.eq(stage(self.write_enable & addressed, f"write_{number}")),
            ]
            words.append(stage(read.data, f"word_{number}"))
        m.d.comb += self.read_data.eq(stage(Array(words)[selected], "read_data"))
        return m


class DspMacLane(MacLane):
    """The lane with its operands and product registered in a MULT18X18D, the sum in logic."""

    latency = 4

    def elaborate(self, platform):
        m = Module()
        product = _product(m, self.weight, self.delta)
        accumulator = Signal.like(self.accumulator, reset_less=True)
        m.d.sync += accumulator.eq(accumulator + product)
        m.d.comb += self.accumulator.eq(accumulator)
        return m


class DspMultiplier(Multiplier):
    """The pointwise multiplier in one MULT18X18D, all its registers in use."""

    latency = 3

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
