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

    Radix 4: pairs of bits of ``b`` select 0, a, 2a or 3a (the top pair 0, a, -2a, -a); the
    partial products are then added pairwise. One level of adders lies between registers; 16 x 16
    bits cost about 500 logic cells.
    """

    def elaborate(self, platform):
        m = Module()
        a, b = self.a, self.b
        width = self.a_bits + self.b_bits
        pairs = -(-self.b_bits // 2)
        digits = Signal(signed(2 * pairs))
        m.d.comb += digits.eq(b)
        terms = []
        for pair in range(pairs):
            low, high = digits[2 * pair], digits[2 * pair + 1]
            once = Mux(low, a, 0)
            twice = Mux(high, a << 1, 0)
            term = Signal(signed(self.a_bits + 2), name=f"term_{pair}")
            top = pair == pairs - 1
            m.d.sync += term.eq(once - twice if top else once + twice)
            terms.append((2 * pair, term))
        level = 0
        while len(terms) > 1:
            level += 1
            added = []
            for (shift, low), (other, high) in zip(terms[0::2], terms[1::2], strict=False):
                total = Signal(signed(width), name=f"sum_{level}_{shift}")
                value = low + (high << (other - shift))
                # Two levels of adders share the last stage when there are more than latency - 1.
                if level in self._registered(pairs):
                    m.d.sync += total.eq(value)
                else:
                    m.d.comb += total.eq(value)
                added.append((shift, total))
            if len(terms) % 2:
                added.append(terms[-1])
            terms = added
        m.d.comb += self.product.eq(terms[0][1])
        return m

    latency = 4

    @staticmethod
    def _registered(pairs):
        """Levels of the adder tree with a register behind them: the last `latency - 1`."""
        levels = (pairs - 1).bit_length()
        return set(range(levels - 2, levels + 1)) if levels >= 3 else set()
