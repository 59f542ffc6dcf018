"""Multiplier made of adders alone, fitted to iCE40 logic cells."""

from amaranth import *

from thresh.gateware.multiplier import Multiplier

DIGITS = 8


class BoothMultiplier(Multiplier):
    """``product = a * b`` from eight radix-4 digits of ``b``, added pairwise.

    Digit 0 is 0 to 3; the others are -2 to 2 (Booth), so that a bit of a multiple is one 4-input
    function of two bits of ``a``, *twice* and *negative*; *none* resets its flip-flop. The 1 that
    completes a negative multiple enters one of the seven adders as its carry.
    16 x 16 bits cost about 360 logic cells.

    Parameters
    ----------
    a_bits, b_bits : int
        ``b`` has at most 16 bits.
    """

    latency = 4

    def __init__(self, *, a_bits, b_bits):
        if b_bits > 2 * DIGITS:
            raise ValueError(f"b_bits must be at most {2 * DIGITS}, not {b_bits!r}")
        super().__init__(a_bits=a_bits, b_bits=b_bits)

    def elaborate(self, platform):
        m = Module()
        a, b = Signal(signed(self.a_bits + 1)), Signal(signed(2 * DIGITS))
        m.d.comb += [a.eq(self.a), b.eq(self.b)]

        multiples = [self._unsigned_multiple(m, a, b[:2])]
        carries = [Const(0, 1)]
        for number in range(1, DIGITS):
            below = b[2 * number - 1] if number > 1 else 0
            multiple, carry = self._booth_multiple(m, a, below, b[2 * number], b[2 * number + 1])
            multiples.append(multiple)
            carries.append(carry)

        # In each sum, the carry of the first multiple of its upper half is missing: it enters here.
        sums, shift = multiples, 2
        while len(sums) > 1:
            pairs = len(sums) // 2
            entering = carries[1::2]
            waiting = carries[0::2]
            sums = [
                self._sum(m, sums[2 * n], sums[2 * n + 1], entering[n], shift) for n in range(pairs)
            ]
            carries = [self._later(m, carry) for carry in waiting]
            shift *= 2
        m.d.comb += self.product.eq(sums[0])
        return m

    def _unsigned_multiple(self, m, a, digit):
        multiple = Signal(signed(self.a_bits + 2), reset_less=True)
        m.d.sync += multiple.eq(Mux(digit[0], a, 0) + Mux(digit[1], a << 1, 0))
        return multiple

    def _booth_multiple(self, m, a, below, low, negative):
        multiple = Signal(signed(self.a_bits + 1), reset_less=True)
        carry = Signal(reset_less=True)
        none, twice = Signal(), Signal()
        m.d.comb += [
            none.eq((below == low) & (low == negative)),
            twice.eq(below == low),
        ]
        chosen = Mux(twice, Cat(0, a[:-1]), a) ^ negative.replicate(len(a))
        with m.If(none):
            m.d.sync += [multiple.eq(0), carry.eq(0)]
        with m.Else():
            m.d.sync += [multiple.eq(chosen), carry.eq(negative)]
        return multiple, carry

    def _sum(self, m, low, high, carry, shift):
        """``low + (high + carry) * 2**shift``: the bits below ``shift`` pass by the adder."""
        total = Signal(signed(len(high) + shift + 1), reset_less=True)
        upper = Signal(signed(len(high) + 2))
        m.d.comb += upper.eq(
            Cat(Const(1, 1), low[shift:]).as_signed() + Cat(carry, high).as_signed()
        )
        m.d.sync += total.eq(Cat(low[:shift], upper[1:]))
        return total

    def _later(self, m, carry):
        if isinstance(carry, Const):
            return carry
        later = Signal(reset_less=True)
        m.d.sync += later.eq(carry)
        return later
