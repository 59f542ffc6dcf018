"""Activation functions from one table."""

from amaranth import *
from amaranth.lib import enum, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from thresh.model.arithmetic import (
    GATE_HEADROOM,
    PRE_HEADROOM,
    STATE_HEADROOM,
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
    4 cycles latency; the table is ``8 * 2**table_frac`` words of V - 2 bits.

    Parameters
    ----------
    value_bits : int

    Members
    -------
    y : In(signed(V))
    function : In(Function)
    z : Out(signed(V))
    """

    latency = 4

    def __init__(self, *, value_bits):
        self.value_bits = value_bits
        value = signed(value_bits)
        super().__init__({"y": In(value), "function": In(Function), "z": Out(value)})

    def elaborate(self, platform):
        m = Module()
        bits = self.value_bits
        frac = table_frac(bits)
        half = 1 << (bits - STATE_HEADROOM)
        # The table's values lie in [1/2, 1): the leading bit is not stored.
        m.submodules.table = table = Memory(
            shape=bits - STATE_HEADROOM,
            depth=TABLE_RANGE << frac,
            init=[int(word) - half for word in sigmoid_table(bits)],
        )
        read = table.read_port()

        # Scale to the table's grid, halves upwards.
        scaled = Signal(signed(bits + 2))
        y, function = [self.y], [self.function]
        for stage in range(1, 4):
            y.append(Signal(signed(bits), name=f"y_{stage}"))
            function.append(Signal(Function, name=f"function_{stage}"))
            m.d.sync += [y[stage].eq(y[stage - 1]), function[stage].eq(function[stage - 1])]
        tanh = self.function == Function.TANH
        shift = bits - PRE_HEADROOM - frac
        m.d.sync += scaled.eq(
            Mux(tanh, _shift_round(self.y, shift - 1), _shift_round(self.y, shift))
        )

        # Fold to the positive half, saturate.
        negative = [Signal(name="negative_2"), Signal(name="negative_3")]
        limit = (TABLE_RANGE << frac) - 1
        magnitude, index = Signal(bits + 2), Signal(range(limit + 1))
        m.d.comb += magnitude.eq(Mux(scaled < 0, -scaled, scaled))
        m.d.sync += [
            index.eq(Mux(magnitude > limit, limit, magnitude)),
            negative[0].eq(scaled < 0),
            negative[1].eq(negative[0]),
        ]
        m.d.comb += read.addr.eq(index)

        # Unfold.
        whole = 1 << (bits - GATE_HEADROOM)
        rising = Signal(signed(bits + 1))
        m.d.comb += rising.eq(read.data)
        with m.Switch(function[3]):
            with m.Case(Function.SIGMOID):
                m.d.sync += self.z.eq(Mux(negative[1], whole - half - rising, half + rising))
            with m.Case(Function.TANH):
                m.d.sync += self.z.eq(Mux(negative[1], -rising, rising))
            with m.Case(Function.RELU):
                m.d.sync += self.z.eq(Mux(y[3] < 0, 0, y[3]))
            with m.Default():
                m.d.sync += self.z.eq(y[3])
        return m


def _shift_round(value, shift):
    """`thresh.model.arithmetic.shift_round` as an expression."""
    if shift <= 0:
        return value << -shift
    return (value >> shift) + value[shift - 1]
