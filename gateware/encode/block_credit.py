"""Block credit: how many blocks of results may still be on their way."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

BLOCKS = 2
"""Most blocks that are reserved and not released."""


class BlockCredit(wiring.Component):
    """Counts reserved blocks, at most `BLOCKS`.

    Members
    -------
    reserve : In(1)
        Only while there was ``credit`` in the cycle before.
    release : In(1)
    credit : Out(1)
        One more block may be reserved.
    """

    def __init__(self):
        super().__init__({"reserve": In(1), "release": In(1), "credit": Out(1, init=1)})

    def elaborate(self, platform):
        m = Module()
        reserved, following = Signal(range(BLOCKS + 1)), Signal(range(BLOCKS + 1))
        m.d.comb += following.eq(reserved + self.reserve - self.release)
        m.d.sync += [reserved.eq(following), self.credit.eq(following < BLOCKS)]
        return m
