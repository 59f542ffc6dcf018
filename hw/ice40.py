"""Memory and multiplier of the iCE40 UltraPlus."""

from amaranth import *

from thresh.gateware.columns.chain_lane import ChainLane
from thresh.gateware.columns.column_memory import ColumnMemory
from thresh.gateware.columns.mac_lane import MacLane
from thresh.gateware.lib.memory_shape import MemoryShape
from thresh.layout.sizes import ceil_div

SPRAM_WIDTH = 16
"""Bits of one SB_SPRAM256KA."""
SPRAM_DEPTH = 16384
"""Words of one SB_SPRAM256KA."""
SPRAM_COUNT = 4
"""SB_SPRAM256KA in a UP5K."""


class SpramColumnMemory(ColumnMemory):
    """Weight memory in single-port RAM: 16-bit SB_SPRAM256KA side by side, and then in rows.

    A read in the cycle of a write is undefined, and so are the contents at power-up. The data
    come from the RAM's own output register, 1.8 ns after the clock, and are chosen between rows
    where there are several.

    Parameters
    ----------
    width : int
        A multiple of 16 up to 64.
    depth : int
        Up to 16384 for each row of the device's four.
    init : sequence
        Empty: a bitstream cannot initialise this memory.

    Raises
    ------
    ValueError
        Naming the parameter and what was wanted.
    """

    latency = 1

    def __init__(self, *, width, depth, init=()):
        if width % SPRAM_WIDTH or not SPRAM_WIDTH <= width <= SPRAM_WIDTH * SPRAM_COUNT:
            raise ValueError(
                f"width must be a multiple of {SPRAM_WIDTH} up to {SPRAM_WIDTH * SPRAM_COUNT}, "
                f"not {width!r}"
            )
        most = SPRAM_COUNT // (width // SPRAM_WIDTH) * SPRAM_DEPTH
        if not 2 <= depth <= most:
            raise ValueError(f"depth must be 2 to {most} for {width} bits, not {depth!r}")
        if len(init):
            raise ValueError("The bitstream cannot initialise this memory: init must be empty")
        super().__init__(width=width, depth=depth, init=init)

    @staticmethod
    def memories(*, width, depth):
        """SB_SPRAM256KA, rows of them side by side."""
        count = ceil_div(width, SPRAM_WIDTH) * ceil_div(depth, SPRAM_DEPTH)
        return [MemoryShape(bits=SPRAM_WIDTH, words=SPRAM_DEPTH, place="SPRAM")] * count

    def elaborate(self, platform):
        m = Module()
        address = Signal(14)
        m.d.comb += address.eq(
            Mux(self.write_enable, self.write_address, self.read_address),
        )
        if self.depth <= SPRAM_DEPTH:
            self._add_row(m, "", address, self.write_enable, self.read_data)
            return m
        above, words = len(address), []
        for row in range(ceil_div(self.depth, SPRAM_DEPTH)):
            word, write = Signal(self.width, name=f"word_{row}"), Signal(name=f"write_{row}")
            m.d.comb += write.eq(self.write_enable & (self.write_address[above:] == row))
            self._add_row(m, f"{row}_", address, write, word)
            words.append(word)
        chosen = Signal.like(self.read_address[above:])
        m.d.sync += chosen.eq(self.read_address[above:])
        m.d.comb += self.read_data.eq(Array(words)[chosen])
        return m

    def _add_row(self, m: Module, name: str, address: Value, write: Value, word: Value) -> None:
        """SB_SPRAM256KA side by side, called ``spram_NAME`` and their lowest bit."""
        for low in range(0, self.width, SPRAM_WIDTH):
            m.submodules[f"spram_{name}{low}"] = Instance(
                "SB_SPRAM256KA",
                i_CLOCK=ClockSignal(),
                i_ADDRESS=address,
                i_DATAIN=self.write_data[low : low + SPRAM_WIDTH],
                i_MASKWREN=Const(0b1111, 4),
                i_WREN=write,
                i_CHIPSELECT=Const(1),
                i_STANDBY=Const(0),
                i_SLEEP=Const(0),
                i_POWEROFF=Const(1),  # active low
                o_DATAOUT=word[low : low + SPRAM_WIDTH],
            )


class DspMacLane(MacLane):
    """One SB_MAC16: 16 x 16 bits, summed in its own 32-bit output register.

    Every register of the block is in use, because nextpnr does not see paths through a block
    that is not registered. The sum starts at 0 or anywhere, as the lanes' contract allows.
    """

    latency = 4

    def elaborate(self, platform):
        m = Module()
        weight, delta = Signal(signed(16)), Signal(signed(16))
        m.d.comb += [weight.eq(self.weight), delta.eq(self.delta)]
        m.submodules.mac = _mac16(weight, delta, self.accumulator, halves=False)
        return m


class DspChainLane(ChainLane):
    """A `DspMacLane` whose output register can load the sum of the lane behind it."""

    latency = DspMacLane.latency

    def elaborate(self, platform):
        m = Module()
        weight, delta = Signal(signed(16)), Signal(signed(16))
        m.d.comb += [weight.eq(self.weight), delta.eq(self.delta)]
        m.submodules.mac = _mac16(
            weight, delta, self.accumulator, halves=False, load=self.shift, loaded=self.behind
        )
        return m


class DspMacPair(MacLane):
    """Two lanes in one SB_MAC16: 8 x 8 bits each, summed in its two 16-bit output registers.

    What a sum has more than 16 bits is counted beside the block: from one cycle to the next a sum
    changes by less than a quarter of its range, so that its two highest bits say when it has gone
    once around. 4-bit weights, 8-bit deltas and at most 511 events of a pass stay within 20 bits.
    """

    latency = 4
    products = 2
    sum_bits = 20

    def elaborate(self, platform):
        m = Module()
        half = self.weight_bits
        weights, delta = Signal(2 * half, reset_less=True), Signal(signed(8), reset_less=True)
        sums = Signal(32)
        m.d.sync += [weights.eq(self.weight), delta.eq(self.delta)]
        parts = [weights.word_select(number, half).as_signed() for number in range(2)]
        bytes_ = [Signal(signed(8), name=f"weight_{number}") for number in range(2)]
        m.d.comb += [byte.eq(part) for byte, part in zip(bytes_, parts, strict=True)]
        m.submodules.mac = _mac16(Cat(*bytes_), Cat(delta, delta), sums, halves=True)
        for number in range(2):
            low = sums.word_select(number, 16)
            before, around = Signal(2, name=f"before_{number}"), Signal(4, name=f"around_{number}")
            high = Signal(4, name=f"high_{number}")
            # From 11 to 00 it has gone around upwards, from 00 to 11 downwards.
            up, down = (before == 3) & (low[14:] == 0), (before == 0) & (low[14:] == 3)
            m.d.comb += high.eq(around + Cat(up | down, down, down, down))
            m.d.sync += [before.eq(low[14:]), around.eq(high)]
            m.d.comb += self.accumulator.word_select(number, 20).eq(Cat(low, high))
        return m


_UNUSED_CONTROLS = (
    "AHOLD", "BHOLD", "CHOLD", "DHOLD", "IRSTTOP", "IRSTBOT", "ORSTTOP", "ORSTBOT",
    "ADDSUBTOP", "ADDSUBBOT", "OHOLDTOP", "OHOLDBOT", "CI", "ACCUMCI", "SIGNEXTIN",
)  # fmt: skip


def _mac16(a, b, o, *, halves, load=None, loaded=None):
    """An SB_MAC16 with all its registers, summing 16 x 16 bits, or 8 x 8 bits in either half.

    With ``load`` the sum becomes ``loaded``.
    """
    load = Const(0) if load is None else load
    loaded = Const(0, 32) if loaded is None else loaded
    return Instance(
        "SB_MAC16",
        p_A_SIGNED=Const(1, 1),
        p_B_SIGNED=Const(1, 1),
        p_A_REG=Const(1, 1),
        p_B_REG=Const(1, 1),
        p_TOP_8x8_MULT_REG=Const(1, 1),
        p_BOT_8x8_MULT_REG=Const(1, 1),
        p_PIPELINE_16x16_MULT_REG1=Const(not halves, 1),
        p_PIPELINE_16x16_MULT_REG2=Const(not halves, 1),
        p_TOPOUTPUT_SELECT=Const(1, 2),  # registered sum
        p_BOTOUTPUT_SELECT=Const(1, 2),
        p_TOPADDSUB_LOWERINPUT=Const(1 if halves else 2, 2),  # product
        p_BOTADDSUB_LOWERINPUT=Const(1 if halves else 2, 2),
        p_TOPADDSUB_UPPERINPUT=Const(0, 1),  # output register
        p_BOTADDSUB_UPPERINPUT=Const(0, 1),
        p_TOPADDSUB_CARRYSELECT=Const(0 if halves else 2, 2),  # none, or that of the lower half
        p_BOTADDSUB_CARRYSELECT=Const(0, 2),
        p_MODE_8x8=Const(halves, 1),
        i_CLK=ClockSignal(),
        i_CE=Const(1),
        i_A=a,
        i_B=b,
        o_O=o,
        **{f"i_{name}": Const(0) for name in _UNUSED_CONTROLS},
        i_OLOADTOP=load,
        i_OLOADBOT=load,
        i_C=loaded[16:],
        i_D=loaded[:16],
    )
