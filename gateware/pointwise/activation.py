"""Activation functions from one table."""

from amaranth import *
from amaranth.lib import enum, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.delayed import delayed
from thresh.gateware.lib.memory_shape import rom_memory
from thresh.gateware.lib.read_word import read_word
from thresh.model.arithmetic import (
    GATE_INTEGER_BITS,
    PRE_INTEGER_BITS,
    STATE_INTEGER_BITS,
    TABLE_RANGE,
    sigmoid_table,
    table_frac,
)


class Function(enum.Enum, shape=2):
    """Hardware numbers of `thresh.model.arithmetic.FUNCTIONS`."""

    IDENTITY = 0
    RELU = 1
    SIGMOID = 2
    TANH = 3


class Activation(wiring.Component):
    """``z = f(y)``; sigmoid and tanh read half of one sigmoid table.

    ``sigmoid(-x) = 1 - sigmoid(x)`` and ``tanh(x) = 2 sigmoid(2x) - 1``. One value per cycle,
    `latency_of` cycles later; the table is ``8 * 2**table_frac`` words of V - 2
    bits.

    Parameters
    ----------
    value_bits, read_latency : int

    Members
    -------
    y : In(signed(V))
    function : In(Function)
    force : In(1), forced : In(signed(V))
        Instead of ``f(y)`` two cycles later.
    z : Out(signed(V))
    """

    @staticmethod
    def latency_of(read_latency):
        """Cycles from a value to its function."""
        return 3 + read_latency

    def __init__(self, *, value_bits, read_latency=1):
        self.value_bits = value_bits
        self.read_latency = read_latency
        self.latency = self.latency_of(read_latency)
        value = signed(value_bits)
        super().__init__(
            {
                "y": In(value),
                "function": In(Function),
                "force": In(1),
                "forced": In(value),
                "z": Out(value),
            }
        )

    @staticmethod
    def memories(value_bits):
        """The table."""
        return [rom_memory(_table(value_bits))]

    def elaborate(self, platform):
        m = Module()
        bits = self.value_bits
        frac = table_frac(bits)
        half = 1 << (bits - STATE_INTEGER_BITS)
        assert 2 * half == 1 << (bits - GATE_INTEGER_BITS)
        m.submodules.table = table = Memory(
            shape=bits - STATE_INTEGER_BITS,
            depth=TABLE_RANGE << frac,
            init=_table(bits),
        )
        read = table.read_port()

        functions = delayed(m, self.function, 1 + self.read_latency, "function")
        negative, index = self._index(m, len(read.addr))
        negative = delayed(m, negative, self.read_latency, "negative")[-1]
        m.d.comb += read.addr.eq(index)

        # What comes from no table is ready a cycle before it is due.
        early = 1 + self.read_latency
        function, y = functions[early], delayed(m, self.y, early, "y")[-1]
        other, mirrored, unmirrored = Signal(bits), Signal(), Signal()
        is_sigmoid = Signal()
        by_table = (function == Function.SIGMOID) | (function == Function.TANH)
        m.d.sync += [
            mirrored.eq(by_table & negative & ~self.force),
            unmirrored.eq(by_table & ~negative & ~self.force),
            is_sigmoid.eq(function == Function.SIGMOID),
            other.eq(Mux(by_table | ((function == Function.RELU) & (y < 0)), 0, y)),
        ]
        with m.If(self.force):
            m.d.sync += other.eq(self.forced)

        # Unfold: the table's value with or without its leading bit, or its negative. The negative's
        # complement is one subtraction of a constant, so that little follows the memory.
        low = len(read.data)
        rising, less_one = read_word(m, read.data, self.read_latency), Signal(low + 1)
        m.d.comb += less_one.eq(rising - 1)
        nonzero = ~less_one[low]
        half, ends = Signal(), Signal()
        m.d.comb += [
            half.eq((unmirrored & is_sigmoid) | (mirrored & (nonzero ^ is_sigmoid))),
            ends.eq(mirrored & nonzero & ~is_sigmoid),
        ]
        parts = (rising & unmirrored.replicate(low), ~less_one[:low] & mirrored.replicate(low))
        m.d.sync += self.z.eq(Cat(parts[0] | parts[1], half, ends) | other)
        return m

    def _index(self, m, index_bits):
        """Sign and place in the table, after a cycle and after two."""
        # Scale to the table's grid, halves upwards.
        bits, scaled = self.value_bits, Signal(signed(self.value_bits + 2))
        tanh = self.function == Function.TANH
        shift = bits - PRE_INTEGER_BITS - table_frac(bits)
        m.d.sync += scaled.eq(
            Mux(tanh, _shift_round(self.y, shift - 1), _shift_round(self.y, shift))
        )
        # Fold to the positive half, saturate. The sign is carried in beside the check; where it
        # would carry out, the index is saturated.
        sign, index, flipped = scaled[-1], Signal(index_bits), Signal(bits + 2)
        m.d.comb += flipped.eq(scaled ^ sign.replicate(bits + 2))
        beyond = flipped[index_bits:].any() | (sign & flipped[:index_bits].all())
        m.d.sync += index.eq(Mux(beyond, (1 << index_bits) - 1, flipped[:index_bits] + sign))
        return sign, index


def _table(bits):
    """The table's values without their leading bit: they lie in [1/2, 1)."""
    return [int(word) - (1 << bits - STATE_INTEGER_BITS) for word in sigmoid_table(bits)]


def _shift_round(value, shift):
    """`thresh.model.arithmetic.shift_round` as an expression."""
    if shift <= 0:
        return value << -shift
    return (value >> shift) + value[shift - 1]
