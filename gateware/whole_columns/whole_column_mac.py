"""Whole column MAC: a word of a column per cycle into sums in block RAM."""

from itertools import product

from amaranth import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.delayed import delayed
from thresh.model.arithmetic import ACCUMULATOR_BITS

from .product_lane import ProductLane
from .sum_memory import SumMemory
from .sum_sides import SIDES, SumSides

ADDED = ProductLane.latency + 1
"""Cycles from a word until its product is added."""


def lane_word(*, lanes, weight_bits, value_bits, depth, own_rows):
    """A word for the lanes: their weights and rows, one row each or one for all of them, and which
    of them add; the delta they multiply and the side of the sums. ``end`` is no word: the side's
    layer is complete.
    """
    rows = lanes if own_rows else 1
    return data.StructLayout(
        {
            "weights": lanes * weight_bits,
            "rows": data.ArrayLayout(range(depth), rows),
            "adds": lanes,
            "delta": signed(value_bits),
            "side": 1,
            "end": 1,
        }
    )


class WholeColumnMAC(wiring.Component):
    """``sum[row[p]] += weight[p] * delta`` for L lanes per cycle.

    A lane's sums lie in the order in which the pointwise stage takes them: block, pass, unit.
    Taking them clears them, see `SumSides`. A product is added `ADDED` cycles after its word came.
    The same row of a lane may come again after ``2 + read_latency`` cycles.

    Parameters
    ----------
    lanes, pointwise_lanes, weight_bits, value_bits : int
    depth : int
        Rows of a lane on each side.
    own_rows : bool
        Each lane has a row of its own.
    read_latency : int

    Members
    -------
    i : In(`lane_word`)
    begin : In(1)
        The next layer's sums are wanted from now on.
    complete : Out(1)
        They are complete.
    shift : In(1)
        S sums are taken.
    sums : Out(S * 32)
        ``read_latency`` cycles later.
    wipe : In(1), wipe_at : In
        The word of sums with this number is cleared on both sides, while nothing else is done.
    """

    end_latency = ADDED + 3
    """Cycles from a layer's end until its sums can be taken."""

    def __init__(
        self, *, lanes, pointwise_lanes, weight_bits, value_bits, depth, own_rows, read_latency
    ):
        self.lanes = lanes
        self.pointwise_lanes = pointwise_lanes
        self.weight_bits = weight_bits
        self.value_bits = value_bits
        self.depth = depth
        self.own_rows = own_rows
        self.read_latency = read_latency
        word = lane_word(
            lanes=lanes, weight_bits=weight_bits, value_bits=value_bits, depth=depth,
            own_rows=own_rows,
        )  # fmt: skip
        super().__init__(
            {
                "i": In(word),
                "begin": In(1),
                "complete": Out(1),
                "shift": In(1),
                "sums": Out(pointwise_lanes * ACCUMULATOR_BITS),
                "wipe": In(1),
                "wipe_at": In(range(depth * lanes // pointwise_lanes)),
            }
        )

    @staticmethod
    def memories(*, lanes, depth):
        """A memory of sums for every lane and side."""
        return SumMemory.memories(depth) * (SIDES * lanes)

    def elaborate(self, platform):
        m = Module()
        groups = self.lanes // self.pointwise_lanes
        m.submodules.sides = sides = SumSides(depth=self.depth * groups)
        m.d.comb += [
            sides.end.eq(delayed(m, self.i.end, ADDED + 2, "end")[-1]),
            sides.end_side.eq(delayed(m, self.i.side, ADDED + 2, "end_side")[-1]),
            sides.begin.eq(self.begin),
            sides.shift.eq(self.shift),
            sides.wipe.eq(self.wipe),
            sides.wipe_at.eq(self.wipe_at),
            self.complete.eq(sides.full),
        ]
        memories = self._memories(m, sides, self._products(m))
        self._leave(m, sides, memories)
        return m

    def _products(self, m):
        """Each lane's product, `ProductLane.latency` cycles after its word."""
        # The delta's register is common, so that the lanes' own ones are a multiplier's.
        delta, products = delayed(m, self.i.delta, 1, "delta")[-1], []
        for number in range(self.lanes):
            m.submodules[f"lane_{number}"] = lane = ProductLane(
                weight_bits=self.weight_bits, value_bits=self.value_bits
            )
            m.d.comb += [
                lane.weight.eq(self.i.weights.word_select(number, self.weight_bits)),
                lane.delta.eq(delta),
            ]
            products.append(lane.product)
        return products

    def _memories(self, m, sides, products):
        """The sums: a memory per lane and side, from which S lanes are taken at a time."""
        groups = self.lanes // self.pointwise_lanes
        bits, asked = groups.bit_length() - 1, ADDED - 1 - self.read_latency
        rows = [delayed(m, row, ADDED, f"row_{n}") for n, row in enumerate(self.i.rows)]
        adds = delayed(m, self.i.adds, ADDED, "adds")[-1]
        side = delayed(m, self.i.side, ADDED, "side")[-1]
        memories = {}
        for number, lane in product(range(SIDES), range(self.lanes)):
            m.submodules[f"sums_{number}_{lane}"] = sums = SumMemory(
                depth=self.depth, read_latency=self.read_latency, product_bits=len(products[lane])
            )
            row, group = rows[lane if self.own_rows else 0], lane // self.pointwise_lanes
            m.d.comb += [
                sums.asked.eq(row[asked]),
                sums.product.eq(products[lane]),
                sums.adds.eq(adds[lane] & (side == number)),
                sums.row.eq(row[-1]),
                sums.takes.eq(sides.opens[number]),
                sums.at.eq(sides.at[bits:]),
                sums.clears.eq(sides.clears[number] & (sides.clear_at[:bits] == group)),
                sums.clear_at.eq(sides.clear_at[bits:]),
            ]
            memories[number, lane] = sums
        return memories

    def _leave(self, m, sides, memories):
        """The S sums that are taken; of several groups, the group's, by way of a register."""
        groups = self.lanes // self.pointwise_lanes
        if groups == 1:
            words = [Cat(memories[n, p].sum for p in range(self.lanes)) for n in range(SIDES)]
            m.d.comb += self.sums.eq(Mux(sides.active, words[1], words[0]))
            return
        bits, latency = groups.bit_length() - 1, max(1, self.read_latency - 1)
        group = delayed(m, sides.at[:bits], latency, "group")[-1]
        words = Array(
            Cat(
                memories[n, g * self.pointwise_lanes + p].early for p in range(self.pointwise_lanes)
            )
            for n, g in product(range(SIDES), range(groups))
        )
        domain = m.d.sync if self.read_latency > 1 else m.d.comb
        domain += self.sums.eq(words[Cat(group, sides.active)])
