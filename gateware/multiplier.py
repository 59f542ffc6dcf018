"""Multiplier of the pointwise stage."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


class Multiplier(wiring.Component):
    """``product = a * b`` of signed values, `latency` cycles later, one per cycle.

    The behavioural twin of every board's own multiplier; synthesis maps it to a hard one where
    there is one.

    Parameters
    ----------
    a_bits, b_bits : int

    Members
    -------
    a : In(signed(a_bits))
    b : In(signed(b_bits))
    product : Out(signed(a_bits + b_bits))
    """

    latency = 3

    def __init__(self, *, a_bits, b_bits):
        self.a_bits = a_bits
        self.b_bits = b_bits
        super().__init__(
            {
                "a": In(signed(a_bits)),
                "b": In(signed(b_bits)),
                "product": Out(signed(a_bits + b_bits)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        a, b = Signal.like(self.a), Signal.like(self.b)
        product = Signal.like(self.product)
        m.d.sync += [a.eq(self.a), b.eq(self.b), product.eq(a * b), self.product.eq(product)]
        return m


class LogicMultiplier(Multiplier):
    """The same product from adders alone, for devices whose multipliers are all lanes.

    Radix 4: each pair of bits of ``b`` selects 0, a, 2a or 3a (the top pair 0, a, -2a or -a); the
    eight partial products are added pairwise, one adder between registers. ``b`` has at most 16
    bits; 16 x 16 bits cost about 500 logic cells.
    """

    latency = 4

    def __init__(self, *, a_bits, b_bits):
        if b_bits > 16:
            raise ValueError(f"b_bits must be at most 16, not {b_bits!r}")
        super().__init__(a_bits=a_bits, b_bits=b_bits)

    def elaborate(self, platform):
        m = Module()
        b = Signal(signed(16))
        m.d.comb += b.eq(self.b)
        terms = []
        for shift in range(0, 16, 2):
            once = Mux(b[shift], self.a, 0)
            twice = Mux(b[shift + 1], self.a << 1, 0)
            term = Signal(signed(self.a_bits + 2), name=f"term_{shift}")
            m.d.sync += term.eq(once - twice if shift == 14 else once + twice)
            terms.append(term)
        step = 2
        while len(terms) > 1:
            sums = []
            for low, high in zip(terms[0::2], terms[1::2], strict=True):
                value = low + (high << step)
                total = Signal(value.shape(), name=f"sum_{step}_{len(sums)}")
                m.d.sync += total.eq(value)
                sums.append(total)
            terms, step = sums, 2 * step
        m.d.comb += self.product.eq(terms[0])
        return m
