"""State counter: which units of a layer a word of new state holds."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


class StateCounter(wiring.Component):
    """Numbers the words of a layer's new state; what follows the last unit is padding.

    Parameters
    ----------
    address_bits : int
        Width of a value's address.
    pointwise_lanes : int
        Units in a word.

    Members
    -------
    begin : In(1), units_minus_1, segment : In
        A layer begins; its units, and the address of the first.
    advance : In(1)
        A word comes.
    address, row : Out
        Where its references lie, and its place in the layer's list, in words.
    active, last : Out(1)
        It holds units; it is the last that does.
    units : Out(S)
        Which lanes of the last word hold a unit.
    """

    def __init__(self, *, address_bits, pointwise_lanes):
        self.address_bits = address_bits
        self.pointwise_lanes = pointwise_lanes
        self.lane_bits = pointwise_lanes.bit_length() - 1
        row_bits = address_bits - self.lane_bits
        super().__init__(
            {
                "begin": In(1),
                "units_minus_1": In(address_bits),
                "segment": In(address_bits),
                "advance": In(1),
                "address": Out(row_bits),
                "row": Out(row_bits),
                "active": Out(1),
                "last": Out(1),
                "units": Out(pointwise_lanes),
            }
        )

    def elaborate(self, platform):
        m = Module()
        left = Signal.like(self.row)
        last_row = self.units_minus_1[self.lane_bits :]
        last_lane = self.units_minus_1[: self.lane_bits]
        with m.If(self.advance & self.active):
            m.d.sync += [
                self.address.eq(self.address + 1),
                self.row.eq(self.row + 1),
                left.eq(left - 1),
                self.last.eq(left == 1),
                self.active.eq(~self.last),
            ]
        with m.If(self.begin):
            m.d.sync += [
                self.address.eq(self.segment[self.lane_bits :]),
                self.row.eq(0),
                left.eq(last_row),
                self.last.eq(last_row == 0),
                self.active.eq(1),
                self.units.eq(Cat(last_lane >= lane for lane in range(self.pointwise_lanes))),
            ]
        return m
