"""Gate update: the pointwise arithmetic of one unit, one instruction per cycle."""

from amaranth import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.columns.multiplier import Multiplier
from thresh.gateware.lib.delayed import delayed
from thresh.model.arithmetic import (
    ACCUMULATOR_BITS,
    GATE_INTEGER_BITS,
    PRE_INTEGER_BITS,
    STATE_INTEGER_BITS,
)
from thresh.model.network import MAX_SHIFT

from .activation import Activation, Function

OPERATION = data.StructLayout(
    {"accumulator": 1, "multiply": 1, "add": 1, "lerp": 1, "to_pre": 1, "function": Function}
)
"""The arithmetic of a `thresh.model.cells.Instruction`."""


class GateUpdate(wiring.Component):
    """``result = f(saturate(C + shift_round(A * (B - C?), shift)))``; see `thresh.model.cells`.

    A is a gate, or one where there is no product. B is a register, or an accumulator narrowed to
    the pre-activation format. One instruction per cycle; the result comes `result_latency` cycles
    after the accumulator, operands are due `OPERANDS` cycles after it.

    Parameters
    ----------
    value_bits : int
    multiplier : class
    read_latency : int
        Of the activation's table.

    Members
    -------
    operation : In(`OPERATION`), valid : In(1)
    accumulator : In(signed(32)), shift : In(range(16))
        ``shift`` narrows the accumulator to the pre-activation format.
    a, b, c : In(signed(V))
        `OPERANDS` cycles after the accumulator.
    force : In(1), forced : In(signed(V))
        Instead of the result two cycles later.
    result : Out(signed(V))
    changed : Out(1)
        What an identity function would give differs from B; ``changed_latency`` cycles after the
        accumulator.
    saturated : Out(1)
        The accumulator or the result was clipped in this cycle (of two instructions: see
        ``saturated_twice``).
    saturated_twice : Out(1)
        Both were, each of its own instruction.
    """

    OPERANDS = 3

    @staticmethod
    def result_latency(multiplier, read_latency):
        """Cycles from an accumulator to the result."""
        return 6 + multiplier.latency + Activation.latency_of(read_latency)

    def __init__(self, *, value_bits, multiplier=Multiplier, read_latency=1):
        self.value_bits = value_bits
        self.multiplier = multiplier
        self.activation = Activation(value_bits=value_bits, read_latency=read_latency)
        self.changed_latency = 7 + multiplier.latency
        self.latency = self.result_latency(multiplier, read_latency)
        value = signed(value_bits)
        super().__init__(
            {
                "operation": In(OPERATION),
                "valid": In(1),
                "accumulator": In(signed(ACCUMULATOR_BITS)),
                "shift": In(range(MAX_SHIFT + 1)),
                "a": In(value),
                "b": In(value),
                "c": In(value),
                "force": In(1),
                "forced": In(value),
                "result": Out(value),
                "changed": Out(1),
                "saturated": Out(1),
                "saturated_twice": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        bits = self.value_bits
        value = signed(bits)
        product_at = 4 + self.multiplier.latency
        operation = delayed(m, self.operation, product_at + 2, "operation")
        valid = delayed(m, self.valid, product_at + 2, "valid")

        # Narrow the accumulator: shift, round, saturate.
        shifted, half = Signal(signed(ACCUMULATOR_BITS)), Signal()
        m.d.sync += [
            shifted.eq(self.accumulator >> self.shift),
            half.eq(Cat(C(0, 1), self.accumulator).bit_select(self.shift, 1)),
        ]
        # Whether the sum would leave the range is found beside the adder: with half a unit, all
        # ones carry into the first bit beyond.
        rounded, sign, carried = Signal(bits), Signal(), Signal()
        all_beyond, any_beyond = Signal(), Signal()
        m.d.sync += [
            rounded.eq(shifted[:bits] + half),
            sign.eq(shifted[-1]),
            carried.eq(shifted[bits - 1] | (shifted[: bits - 1].all() & half)),
            all_beyond.eq(shifted[bits:].all()),
            any_beyond.eq(shifted[bits:].any()),
        ]
        pre, clipped_pre = Signal(value), Signal()
        clips = Mux(sign, ~(all_beyond & carried), any_beyond | carried)
        m.d.sync += [
            pre.eq(Mux(clips, _extreme(sign, bits), rounded)),
            clipped_pre.eq(clips & valid[2] & operation[2].accumulator),
        ]

        # Choose operands.
        # Without a product B passes through the multiplier, times one.
        fraction = bits - GATE_INTEGER_BITS
        m.submodules.multiplier = multiplier = self.multiplier(a_bits=bits, b_bits=bits)
        factor = Signal.like(multiplier.a)
        b, c, e = Signal(value), Signal(value), Signal(value)
        addend = Mux(operation[3].add, self.c, 0)
        chosen = Mux(operation[3].accumulator, pre, self.b)
        gate = Mux(operation[3].multiply, self.a.as_unsigned(), 1 << fraction)
        m.d.sync += [
            factor.eq(multiplier.prepare(gate)),
            b.eq(self.b),
            c.eq(addend),
            e.eq(chosen - Mux(operation[3].lerp, addend, 0)),
        ]

        # Multiply.
        m.d.comb += [multiplier.a.eq(factor), multiplier.b.eq(e)]
        c_late = delayed(m, c, self.multiplier.latency, "c")[-1]
        b_late = delayed(m, b, self.multiplier.latency + 2, "b")[-1]

        # Add C and half a unit in one adder; C is 0 where the product goes to another scale.
        late = operation[product_at]
        extra = PRE_INTEGER_BITS - STATE_INTEGER_BITS
        total = Signal(signed(2 * bits + 1))
        halves = Mux(
            late.to_pre,
            C(1 << (fraction + extra - 1), fraction + extra),
            Cat(C(1 << (fraction - 1), fraction), C(0, extra)),
        )
        m.d.sync += total.eq(multiplier.product + (c_late << fraction) + halves)

        # Rescale and saturate.
        y, clipped_y = Signal(value), Signal()
        scaled = Signal(signed(bits + 2))
        m.d.comb += scaled.eq(
            Mux(operation[product_at + 1].to_pre, total >> (fraction + extra), total >> fraction)
        )
        clips, narrowed = _saturate(scaled, bits)
        m.d.sync += [y.eq(narrowed), clipped_y.eq(clips & valid[product_at + 1])]

        m.d.sync += self.changed.eq(y != b_late)
        m.submodules.activation = activation = self.activation
        m.d.comb += [
            activation.y.eq(y),
            activation.force.eq(self.force),
            activation.forced.eq(self.forced),
            activation.function.eq(operation[product_at + 2].function),
            self.result.eq(activation.z),
            self.saturated.eq(clipped_pre | clipped_y),
            self.saturated_twice.eq(clipped_pre & clipped_y),
        ]
        return m


def _saturate(value, bits):
    """Whether ``value`` exceeds ``bits``, and it clipped, as expressions."""
    sign = value[-1]
    exceeds = Mux(sign, ~value[bits - 1 :].all(), value[bits - 1 :].any())
    return exceeds, Mux(exceeds, _extreme(sign, bits), value[:bits])


def _extreme(sign, bits):
    """The lowest or highest value of ``bits`` bits."""
    return Cat((~sign).replicate(bits - 1), sign)
