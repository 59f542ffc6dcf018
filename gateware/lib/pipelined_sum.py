"""A sum of many small numbers, two at a time."""

from amaranth import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from .delayed import delayed


class PipelinedSum(wiring.Component):
    """``o = sum(i)``, ``latency = 1 + log2(count)`` cycles later.

    Parameters
    ----------
    count : int
        Numbers, a power of two.
    width : int
        Bits of each.

    Members
    -------
    i : In(array of count numbers)
    o : Out
    """

    def __init__(self, *, count, width):
        self.count = count
        self.width = width
        self.latency = count.bit_length()
        super().__init__(
            {
                "i": In(data.ArrayLayout(width, count)),
                "o": Out(range(count * ((1 << width) - 1) + 1)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        numbers = [self.i[n] for n in range(self.count)]
        while len(numbers) > 1:
            pairs = [sum(numbers[n : n + 2]) for n in range(0, len(numbers), 2)]
            numbers = [delayed(m, pair, 1, f"sum_{len(pairs)}")[-1] for pair in pairs]
        m.d.sync += self.o.eq(numbers[0])
        return m
