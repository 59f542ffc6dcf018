"""A multiply-accumulate unit whose sum can be passed on."""

from typing import ClassVar

from amaranth import *
from amaranth.lib.wiring import In

from thresh.model.arithmetic import ACCUMULATOR_BITS

from .mac_lane import MacLane


class ChainLane(MacLane):
    """A `MacLane` whose sum is replaced by that of the lane behind it.

    Members
    -------
    shift : In(1), behind : In(signed(32))
        With ``shift`` the accumulator becomes ``behind`` instead of its sum.
    """

    more_members: ClassVar[dict] = {"shift": In(1), "behind": In(signed(ACCUMULATOR_BITS))}

    def elaborate(self, platform):
        m = super().elaborate(platform)
        with m.If(self.shift):
            m.d.sync += self.accumulator.eq(self.behind)
        return m
