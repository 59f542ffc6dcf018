"""A clock divided by an even number, by registers of which none toggles faster than the result."""

from itertools import pairwise

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


class ClockRing(wiring.Component):
    """A ring of ``divisor / 2`` registers with one inversion, as many cycles high as low.

    ``o`` rises every ``divisor`` cycles; ``before`` is high in the cycle that ends one cycle before
    it rises. From any state the ring comes to its own within ``divisor`` cycles.

    Registers of domain ``divided`` take only what registers of ``divided_fall``, its falling edge,
    hold, and these only what those hold: half a cycle lies between any two, so that their clock may
    be a plain wire with any skew below that.

    Parameters
    ----------
    divisor : int
        Even, from 6 on.

    Members
    -------
    clear : In(1)
    o : Out(1)
        Straight from a register.
    before : Out(1)
    """

    def __init__(self, *, divisor):
        if divisor < 6 or divisor % 2:
            raise ValueError(f"A ring divides by an even number from 6 on, not {divisor!r}")
        self.divisor = divisor
        super().__init__({"clear": In(1), "o": Out(1), "before": Out(1)})

    def elaborate(self, platform):
        m = Module()
        count = self.divisor // 2
        ring = [Signal(name=f"ring_{place}") for place in range(count)]
        held = [Signal(name=f"held_{place}") for place in range(count)]
        m.d.divided_fall += [later.eq(now) for now, later in zip(ring, held, strict=True)]
        m.d.divided += ring[0].eq(~held[-1] & ~self.clear)
        for (before, _), (_, after) in pairwise(zip(held, ring, strict=True)):
            m.d.divided += after.eq(before & (held[0] | held[-1]) & ~self.clear)
        m.d.comb += [self.o.eq(ring[-1]), self.before.eq(held[-3] & ~held[-2])]
        return m
