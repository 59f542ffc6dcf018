"""Lane rows: where each lane's weight of a sparse word belongs."""

from amaranth import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out


class LaneRows(wiring.Component):
    """``row[p] = (0 if first else row[p]) + offset[p]``; a weight that is 0 adds nothing.

    Parameters
    ----------
    lanes, weight_bits : int
    depth : int
        Rows of a lane.

    Members
    -------
    valid : In(1), first : In(1)
        There is a word; it is its column's first.
    weights, offsets : In(lanes * weight_bits)
    rows : Out(array of range(depth)), adds : Out(lanes)
        In the same cycle.
    """

    def __init__(self, *, lanes, weight_bits, depth):
        self.lanes = lanes
        self.weight_bits = weight_bits
        self.depth = depth
        super().__init__(
            {
                "valid": In(1),
                "first": In(1),
                "weights": In(lanes * weight_bits),
                "offsets": In(lanes * weight_bits),
                "rows": Out(data.ArrayLayout(range(depth), lanes)),
                "adds": Out(lanes),
            }
        )

    def elaborate(self, platform):
        m = Module()
        for lane in range(self.lanes):
            weight = self.weights.word_select(lane, self.weight_bits)
            offset = self.offsets.word_select(lane, self.weight_bits)
            row = Signal(range(self.depth), name=f"row_{lane}")
            m.d.comb += [
                self.rows[lane].eq(Mux(self.first, 0, row) + offset),
                self.adds[lane].eq(self.valid & weight.any()),
            ]
            with m.If(self.valid):
                m.d.sync += row.eq(self.rows[lane])
        return m
