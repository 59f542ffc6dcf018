"""Threshold bound: a threshold as the largest change that does not fire."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


class ThresholdBound(wiring.Component):
    """``bound = max(threshold - 1, 0)``: no change never fires, whatever the threshold.

    Two cycles.

    Parameters
    ----------
    width : int

    Members
    -------
    threshold : In(width)
    bound : Out(width)
    """

    def __init__(self, *, width):
        self.width = width
        super().__init__({"threshold": In(width), "bound": Out(width)})

    def elaborate(self, platform):
        m = Module()
        positive = Signal()
        m.d.sync += [
            positive.eq(self.threshold != 0),
            self.bound.eq(self.threshold - positive),
        ]
        return m
