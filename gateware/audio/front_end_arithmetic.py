"""The front end's sum of products, and what is made of it."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.audio.front_end import FEATURE_BITS, LOG_FRAC
from thresh.audio.magnitude_front_end import NORM_FRAC
from thresh.gateware.lib.sum_of import sum_of

from .front_end_program import Start, Value

SUM_BITS = 32
"""Width of the sum."""

LOG_SHIFT = LOG_FRAC + 4
"""Place of a logarithm's whole part in the sum, whose table words come times 16."""


class FrontEndArithmetic(wiring.Component):
    """``sum +- product`` in 32 bits, butterflies on it, its logarithm's parts, and the feature.

    Cost on iCE40: 220 logic cells.

    Members
    -------
    product : In(signed(32)), add : In(1), minus : In(1)
        Added or subtracted in this cycle.
    start : In(Start)
    shift, exponent : In(1)
        Doubles the sum unless its top bit is set and counts down the logarithm's whole part; adds
        that part to the sum.
    whole : In(range(32)), load : In(1)
        The logarithm's whole part before any doubling.
    sample : In(signed(16))
    value : In(Value), difference : In(1), magnitude : In(1)
    word : Out(16)
        The value of the cycle before.
    normal : Out(1)
        The sum's top bit is set.
    mantissa : Out(7)
        The bits below it.
    factor : Out(signed(16))
        The sum / 16.
    x : Out(signed(16))
        The sum narrowed to a feature.
    """

    def __init__(self):
        super().__init__(
            {
                "product": In(signed(SUM_BITS)),
                "add": In(1),
                "minus": In(1),
                "start": In(Start),
                "shift": In(1),
                "exponent": In(1),
                "whole": In(range(SUM_BITS)),
                "load": In(1),
                "sample": In(signed(16)),
                "value": In(Value),
                "difference": In(1),
                "magnitude": In(1),
                "word": Out(16),
                "normal": Out(1),
                "mantissa": Out(7),
                "factor": Out(signed(16)),
                "x": Out(signed(16)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        # Only a register without a domain's reset has one of its own for nothing on iCE40.
        total = Signal(SUM_BITS, reset_less=True)
        self._sum(m, total)
        self._butterfly(m, total)
        self._narrow(m, total)
        return m

    def _sum(self, m, total):
        """A product, the sum itself, or the logarithm's whole part is added.

        The carry completes a difference.
        """
        term, carry = Signal(SUM_BITS), Signal()
        whole = Signal.like(self.whole)
        with m.If(self.shift):
            m.d.comb += term.eq(total)
        with m.Elif(self.exponent):
            m.d.comb += term.eq(whole << LOG_SHIFT)
        with m.Else():
            m.d.comb += [
                term.eq(self.product ^ self.minus.replicate(SUM_BITS)),
                carry.eq(self.minus),
            ]
        with m.Switch(self.start):
            with m.Case(Start.KEEP):
                with m.If(self.add | self.exponent | (self.shift & ~self.normal)):
                    m.d.sync += total.eq(sum_of(total, term, carry))
            with m.Case(Start.ZERO):
                m.d.sync += total.eq(0)
            with m.Case(Start.HALF_15):
                m.d.sync += total.eq(1 << 14)
            with m.Case(Start.HALF_12):
                m.d.sync += total.eq(1 << (NORM_FRAC - 1))
        with m.If(self.load):
            m.d.sync += whole.eq(self.whole)
        with m.Elif(self.shift & ~self.normal):
            m.d.sync += whole.eq(whole - 1)
        m.d.comb += [
            self.normal.eq(total[-1]),
            self.mantissa.eq(total[-8:-1]),
            self.factor.eq(total[4:20]),
        ]

    def _butterfly(self, m, total):
        """Sample +- sum / 2**15, half of it, and the magnitude of that."""
        high, both, half = Signal(signed(16)), Signal(signed(17)), Signal(16)
        m.d.comb += [
            high.eq(total[15:31]),
            both.eq(
                sum_of(
                    Cat(self.sample, self.sample[-1]),
                    Cat(high, high[-1]) ^ self.difference.replicate(17),
                    self.difference,
                )
            ),
            half.eq(both[1:] ^ (self.magnitude & both[-1]).replicate(16)),
        ]
        with m.Switch(self.value):
            with m.Case(Value.HIGH):
                m.d.sync += self.word.eq(high)
            with m.Case(Value.LOW):
                m.d.sync += self.word.eq(total[1:17])
            with m.Default():
                m.d.sync += self.word.eq(half)

    def _narrow(self, m, total):
        """The feature, for which the bits above must all be the sign's."""
        above = total[NORM_FRAC + FEATURE_BITS - 1 :]
        highest = (1 << (FEATURE_BITS - 1)) - 1
        m.d.comb += self.x.eq(
            Mux(
                above.all() | ~above.any(),
                total[NORM_FRAC : NORM_FRAC + FEATURE_BITS].as_signed(),
                Mux(total[-1], -highest - 1, highest),
            )
        )
