"""Memory and multipliers of the Gowin GW2A."""

from amaranth import *
from amaranth.lib.memory import Memory

from thresh.gateware.columns.column_memory import ColumnMemory
from thresh.gateware.columns.mac_lane import ProductLane
from thresh.gateware.columns.multiplier import Multiplier
from thresh.gateware.lib.delayed import staged
from thresh.gateware.lib.memory_shape import MemoryShape
from thresh.layout.sizes import ceil_div

BLOCK_RAMS = ((16384, 1), (8192, 2), (4096, 4), (2048, 8), (1024, 16), (512, 32))
"""Words and bits of one BSRAM, without its parity bits."""

OPERAND_BITS = 18
"""Of a MULT18X18."""

PRODUCT_LATENCY = 3
"""Cycles of a MULT18X18 with all its registers in use."""


def banks(depth: int) -> list[tuple[int, int, int]]:
    """First word, words and bits of the BSRAMs of every bank that a weight memory is made of.

    The deepest banks come first, so that a multiple of 1024 words wastes nothing and few banks have
    to be chosen between; what is left below 512 words is one bank of the widest.
    """
    found, start = [], 0
    while start < depth:
        words, bits = next(
            (shape for shape in BLOCK_RAMS if shape[0] <= depth - start), BLOCK_RAMS[-1]
        )
        found.append((start, words, bits))
        start += words
    return found


class BsramColumnMemory(ColumnMemory):
    """Weight memory in BSRAM: registers before and behind it, then the choice between banks.

    A word is never read and written in one cycle.
    """

    latency = 4

    @staticmethod
    def memories(*, width, depth):
        """Every bank, slice by slice."""
        return [
            MemoryShape(bits=min(bits, width), words=min(words, depth))
            for _, words, bits in banks(depth)
            for _ in range(ceil_div(width, bits))
        ]

    def elaborate(self, platform):
        m = Module()
        read_address = staged(m, self.read_address, "read_address")
        write_address = staged(m, self.write_address, "write_address")
        write_data = staged(m, self.write_data, "write_data")
        bank, words = read_address, []
        for name in ("fetching", "fetched"):
            bank = staged(m, bank, name)
        for number, (start, depth, bits) in enumerate(banks(self.depth)):
            above = depth.bit_length() - 1
            mine = (self.write_address >> above) == (start >> above)
            enable = staged(m, self.write_enable & mine, f"write_{number}")
            init = self.init[start : start + depth]
            slices = []
            for low in range(0, self.width, bits):
                memory = Memory(
                    shape=min(bits, self.width - low),
                    depth=min(depth, self.depth),
                    init=[word >> low & (1 << bits) - 1 for word in init],
                )
                m.submodules[f"bank_{number}_{low}"] = memory
                read, write = memory.read_port(), memory.write_port()
                m.d.comb += [
                    read.addr.eq(read_address),
                    write.addr.eq(write_address),
                    write.data.eq(write_data[low : low + bits]),
                    write.en.eq(enable),
                ]
                slices.append(read.data)
            word = staged(m, Cat(slices), f"word_{number}")
            words.append((bank >> above == start >> above, word))
        *others, (_, chosen) = words
        for selected, word in reversed(others):
            chosen = Mux(selected, word, chosen)
        m.d.comb += self.read_data.eq(staged(m, chosen, "read_data"))
        return m


class DspMacLane(ProductLane):
    """The lane with its operands and product registered in a MULT18X18, the sum in logic."""

    latency = 1 + PRODUCT_LATENCY

    def product(self, m):
        product = Signal(signed(self.weight_bits + self.value_bits))
        m.submodules.product = _product(self.weight, self.delta, product)
        return product


class DspMultiplier(Multiplier):
    """The pointwise multiplier in one MULT18X18, all its registers in use."""

    latency = PRODUCT_LATENCY

    def elaborate(self, platform):
        m = Module()
        m.submodules.product = _product(self.a, self.b, self.product)
        return m


def _product(a, b, product):
    """A MULT18X18 whose ``product`` comes three cycles later: operands, pipeline, product.

    All its registers are in use, because nextpnr knows no delay of a path through the block.
    """
    wide = Signal(2 * OPERAND_BITS)
    m = Module()
    m.submodules.mult = Instance(
        "MULT18X18",
        p_AREG=Const(1, 1),
        p_BREG=Const(1, 1),
        p_PIPE_REG=Const(1, 1),
        p_OUT_REG=Const(1, 1),
        p_ASIGN_REG=Const(0, 1),
        p_BSIGN_REG=Const(0, 1),
        p_SOA_REG=Const(0, 1),
        p_MULT_RESET_MODE="SYNC",
        i_CLK=ClockSignal(),
        i_CE=Const(1),
        i_RESET=Const(0),
        i_A=_operand(a),
        i_B=_operand(b),
        i_ASIGN=Const(1),
        i_BSIGN=Const(1),
        i_ASEL=Const(0),
        i_BSEL=Const(0),
        i_SIA=Const(0, OPERAND_BITS),
        i_SIB=Const(0, OPERAND_BITS),
        o_DOUT=wide,
    )
    m.d.comb += product.eq(wide)
    return m


def _operand(value):
    """``value`` as a signed number of `OPERAND_BITS` bits."""
    top = value[-1] if value.shape().signed else Const(0)
    return Cat(value, top.replicate(OPERAND_BITS - len(value)))
