"""Multiplier of the pointwise stage."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


class Multiplier(wiring.Component):
    """``product = gate * b``, `latency` cycles later, one per cycle; ``a`` is the gate, prepared.

    The behavioural twin of every board's own multiplier; synthesis maps it to a hard one where
    there is one.

    Parameters
    ----------
    a_bits, b_bits : int

    Members
    -------
    a : In
        ``prepare(gate)`` of a gate from 0 to ``2**(a_bits - 1)``: a_bits - 1 fraction bits, one
        included.
    b : In(signed(b_bits))
    product : Out(signed(a_bits + b_bits))
    """

    latency = 3
    multipliers = 1
    """Of the device's own."""

    def __init__(self, *, a_bits, b_bits):
        self.a_bits = a_bits
        self.b_bits = b_bits
        super().__init__(
            {
                "a": In(self.prepared_bits(a_bits)),
                "b": In(signed(b_bits)),
                "product": Out(signed(a_bits + b_bits)),
            }
        )

    @staticmethod
    def prepare(gate):
        """What of a gate can be computed a cycle before: an expression, or a number."""
        return gate

    @staticmethod
    def prepared_bits(a_bits):
        """Width of a prepared gate."""
        return a_bits

    def elaborate(self, platform):
        m = Module()
        a, b = Signal.like(self.a), Signal.like(self.b)
        product = Signal.like(self.product)
        m.d.sync += [a.eq(self.a), b.eq(self.b), product.eq(a * b), self.product.eq(product)]
        return m


class LogicMultiplier(Multiplier):
    """The same product from adders alone, for devices whose multipliers are all lanes.

    Radix 4 with the digits -1, 0, 1 and 2, which need one 4-input table per bit of a partial
    product: the two-bit groups of ``gate + 0b0101...01`` are the digits plus one. A digit of -1
    adds ``~b`` here and its missing 1 where the adder tree has free low bits. At most one adder and
    the choice of digits lie between registers; 16 x 16 bits cost about 300 logic cells.
    """

    latency = 3
    multipliers = 0

    def __init__(self, *, a_bits, b_bits):
        if a_bits > 16:
            raise ValueError(f"a_bits must be at most 16, not {a_bits!r}")
        super().__init__(a_bits=a_bits, b_bits=b_bits)

    @staticmethod
    def prepare(gate):
        return gate + 0x5555

    @staticmethod
    def prepared_bits(a_bits):
        return 16

    def elaborate(self, platform):
        m = Module()
        # Terms of one level: the value, and the 1s of its digits of -1 not yet added, by place.
        terms = []
        for number in range(8):
            digit = self.a.word_select(number, 2)
            term = Signal(signed(self.b_bits + 1), name=f"term_{number}")
            minus = Signal(name=f"minus_{number}")
            with m.Switch(digit):
                with m.Case(0):
                    m.d.comb += term.eq(~self.b)
                with m.Case(1):
                    m.d.comb += term.eq(0)
                with m.Case(2):
                    m.d.comb += term.eq(self.b)
                with m.Case(3):
                    m.d.comb += term.eq(self.b << 1)
            m.d.comb += minus.eq(digit == 0)
            terms.append((term, {0: minus}))
        shift = 2
        while len(terms) > 1:
            sums = []
            for (low, low_ones), (high, high_ones) in zip(terms[0::2], terms[1::2], strict=True):
                # The shifted term has free low bits for the ones at places below the shift.
                ones = low_ones | {place + shift: one for place, one in high_ones.items()}
                free = Cat(ones.pop(place, C(0, 1)) for place in range(shift))
                total = Signal(signed(len(high) + shift + 1), name=f"sum_{shift}_{len(sums)}")
                m.d.sync += total.eq(low + Cat(free, high).as_signed())
                rest = {}
                for place, one in ones.items():
                    rest[place] = Signal(name=f"one_{shift}_{len(sums)}_{place}")
                    m.d.sync += rest[place].eq(one)
                sums.append((total, rest))
            terms, shift = sums, 2 * shift
        # The top digit is never -1: a gate stays below 2**16 - 2**14.
        m.d.comb += self.product.eq(terms[0][0])
        return m
