"""Gate update: the pointwise arithmetic of one unit, one instruction per cycle."""

from amaranth import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.audio.multiplier_port import multiplier_port
from thresh.gateware.columns.multiplier import Multiplier
from thresh.gateware.lib.delayed import delayed
from thresh.gateware.lib.held import held
from thresh.gateware.lib.sum_of import sum_of
from thresh.model.arithmetic import ACCUMULATOR_BITS, GATE_INTEGER_BITS
from thresh.model.network import MAX_SHIFT

from .activation import Activation, Function
from .narrow import Narrow
from .rescale import Rescale

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
    shares_multiplier : bool
        Another block multiplies in the cycles in which no instruction does.
    span : int
        Cycles for which an operation holds, once it has come; 0 where each cycle has its own.

    Members
    -------
    operation : In(`OPERATION`), valid : In(1)
        ``begins``, where operations hold, says that one has come.
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
    multiplier_port : In(`multiplier_port`)
        Where the multiplier is shared: ``1 + multiplier.latency`` cycles from factors to product.
        Factors are lost in the cycle ``OPERANDS`` cycles after ``valid``.
    """

    OPERANDS = Narrow.latency

    @staticmethod
    def update_latency(multiplier):
        """Cycles from an accumulator to what is activated."""
        return Narrow.latency + 3 + multiplier.latency

    @classmethod
    def result_latency(cls, multiplier, read_latency):
        """Cycles from an accumulator to the result."""
        return cls.update_latency(multiplier) + Activation.latency_of(read_latency)

    def __init__(
        self,
        *,
        value_bits,
        multiplier=Multiplier,
        read_latency=1,
        shares_multiplier=False,
        span=0,
    ):
        self.value_bits = value_bits
        self.multiplier = multiplier
        self.shares_multiplier = shares_multiplier
        self.span = span
        self.activation = Activation(value_bits=value_bits, read_latency=read_latency)
        self.changed_latency = self.update_latency(multiplier) + 1
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
                **({"multiplier_port": In(multiplier_port())} if shares_multiplier else {}),
                **({"begins": In(1)} if span else {}),
            }
        )

    def elaborate(self, platform):
        m = Module()
        bits, value = self.value_bits, signed(self.value_bits)
        fraction = bits - GATE_INTEGER_BITS
        m.submodules.narrow = narrow = Narrow(value_bits=bits)
        m.submodules.multiplier = multiplier = self.multiplier(a_bits=bits, b_bits=bits)
        m.submodules.rescale = rescale = Rescale(value_bits=bits)
        m.submodules.activation = activation = self.activation
        product_at = narrow.latency + 1 + multiplier.latency
        y_at = product_at + 2
        operation = self._operations(m, y_at)
        valid = delayed(m, self.valid, y_at, "valid")
        m.d.comb += [narrow.accumulator.eq(self.accumulator), narrow.shift.eq(self.shift)]

        # Choose operands. Without a product B passes through the multiplier, times one.
        now = operation[narrow.latency]
        addend = Mux(now.add, self.c, 0)
        chosen = Mux(now.accumulator, narrow.pre, self.b)
        gate = Mux(now.multiply, self.a.as_unsigned(), 1 << fraction)
        unlike = Mux(now.lerp, addend, 0)
        difference = chosen - unlike
        if self.shares_multiplier:
            # Either difference of two is one adder's, which a foreign factor enters by its side.
            port, own = self.multiplier_port, valid[narrow.latency]
            gate = Mux(own, gate, port.unsigned)
            difference = sum_of(Mux(own, chosen, 0), Mux(own, ~unlike, port.signed)[:bits], own)
            m.d.comb += port.product.eq(multiplier.product)
        factor, b, c, e = Signal.like(multiplier.a), Signal(value), Signal(value), Signal(value)
        m.d.sync += [
            factor.eq(multiplier.prepare(gate)),
            b.eq(self.b),
            c.eq(addend),
            e.eq(difference),
        ]

        # Multiply, add C and half a unit in one adder, rescale; C is 0 where the product goes to
        # another scale, so that half a unit stands where C has no bit.
        m.d.comb += [
            multiplier.a.eq(factor),
            multiplier.b.eq(e),
            rescale.to_pre.eq(operation[product_at + 1].to_pre),
        ]
        c_delayed = delayed(m, c, multiplier.latency, "c")[-1] << fraction
        half = rescale.half(operation[product_at].to_pre)
        total = multiplier.product + c_delayed + half
        if self.span:
            total = multiplier.product + (c_delayed | half)
        m.d.sync += rescale.total.eq(total)
        b_delayed = delayed(m, b, multiplier.latency + 2, "b")[-1]
        m.d.sync += self.changed.eq(rescale.y != b_delayed)

        m.d.comb += [
            activation.y.eq(rescale.y),
            activation.force.eq(self.force),
            activation.forced.eq(self.forced),
            activation.function.eq(operation[y_at].function),
            self.result.eq(activation.z),
        ]
        self._saturations(m, narrow, rescale, operation, valid, y_at)
        return m

    def _saturations(self, m, narrow, rescale, operation, valid, y_at):
        """Which of the two values that are cut to ``value_bits`` were."""
        clipped_pre, clipped_y = Signal(), Signal()
        pre_at = narrow.latency - 1
        m.d.sync += [
            clipped_pre.eq(narrow.clips & valid[pre_at] & operation[pre_at].accumulator),
            clipped_y.eq(rescale.clips & valid[y_at - 1]),
        ]
        m.d.comb += [
            self.saturated.eq(clipped_pre | clipped_y),
            self.saturated_twice.eq(clipped_pre & clipped_y),
        ]

    def _operations(self, m, cycles):
        """The operation after every number of cycles."""
        if not self.span:
            return delayed(m, self.operation, cycles, "operation")
        begins = delayed(m, self.begins, cycles, "begins")
        return [
            held(m, self.operation, begins, cycle, self.span, f"operation_{cycle}")
            for cycle in range(cycles + 1)
        ]
