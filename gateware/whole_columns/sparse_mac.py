"""Sparse multiply-accumulate: a word of sparse columns per cycle into sums in block RAM."""

from itertools import product

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.delayed import delayed
from thresh.layout.sparse_columns import SETTLE
from thresh.model.arithmetic import ACCUMULATOR_BITS

from .sum_memory import SumMemory
from .sum_sides import SIDES, SumSides

ADDED = 5
"""Cycles from a word until its product is added."""


class SparseMAC(wiring.Component):
    """``sum[row[p]] += weight[p] * delta`` for P lanes, each with a row of its own.

    A lane's sums lie in the order in which the pointwise stage takes them: a row is a pass of one
    of its units. Taking them clears them. Words that add to the same row come at least
    `thresh.layout.sparse_columns.SETTLE` cycles apart; a word whose weight is 0 adds nothing.

    Parameters
    ----------
    lanes, pointwise_lanes, weight_bits, value_bits, depth, read_latency : int
        ``depth`` words of S sums on each side, see `SumSides`.

    Members
    -------
    valid : In(1), first : In(1)
        A word comes; it is its column's first.
    end : In(1)
        No more words of the layer come.
    delta, side, weights, rows : In
        As the `SparseColumnMemory`'s.
    begin : In(1)
        The next layer's sums are wanted from now on.
    full : Out(1)
        They are complete.
    shift : In(1)
        S sums are taken.
    sums : Out(S * 32)
        ``read_latency`` cycles later.
    """

    end_latency = ADDED + 3
    """Cycles from a layer's end until its sums can be taken."""

    def __init__(self, *, lanes, pointwise_lanes, weight_bits, value_bits, depth, read_latency):
        if read_latency + 2 > SETTLE:
            raise ValueError(f"read_latency must be at most {SETTLE - 2}, not {read_latency!r}")
        self.lanes = lanes
        self.pointwise_lanes = pointwise_lanes
        self.weight_bits = weight_bits
        self.value_bits = value_bits
        self.depth = depth
        self.read_latency = read_latency
        super().__init__(
            {
                "valid": In(1),
                "first": In(1),
                "end": In(1),
                "delta": In(signed(value_bits)),
                "side": In(1),
                "weights": In(lanes * weight_bits),
                "rows": In(lanes * weight_bits),
                "begin": In(1),
                "full": Out(1),
                "shift": In(1),
                "sums": Out(pointwise_lanes * ACCUMULATOR_BITS),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.sides = sides = SumSides(depth=self.depth)
        end = delayed(m, self.end, ADDED + 2, "end")[-1]
        m.d.comb += [
            sides.end.eq(end),
            sides.end_side.eq(delayed(m, self.side, ADDED + 2, "end_side")[-1]),
            sides.begin.eq(self.begin),
            sides.shift.eq(self.shift),
            self.full.eq(sides.full),
        ]
        delta = delayed(m, self.delta, 1, "delta")[-1]
        side = delayed(m, self.side, ADDED, "side")[-1]

        # A side's word is a row of every lane, S lanes at a time.
        beats = self.lanes // self.pointwise_lanes
        bits = beats.bit_length() - 1
        found = [[], []]
        for lane in range(self.lanes):
            place, whole, adds = self._lane(m, lane, delta)
            asked = place[ADDED - 1 - self.read_latency]
            group = lane // self.pointwise_lanes
            for number in range(SIDES):
                m.submodules[f"sums_{number}_{lane}"] = sums = SumMemory(
                    depth=self.depth // beats, read_latency=self.read_latency,
                    product_bits=len(whole),
                )  # fmt: skip
                found[number].append(sums.early)
                m.d.comb += [
                    sums.asked.eq(asked),
                    sums.product.eq(whole),
                    sums.adds.eq(adds & (side == number)),
                    sums.row.eq(place[-1]),
                    sums.takes.eq(sides.takes[number]),
                    sums.at.eq(sides.at[bits:]),
                    sums.gone.eq(sides.gone[number] & (sides.gone_at[:bits] == group)),
                    sums.gone_at.eq(sides.gone_at[bits:]),
                ]

        late = max(1, self.read_latency - 1)
        taken = Cat(delayed(m, sides.at[:bits], late, "element")[-1], sides.active)
        words = Array(
            Cat(found[number][group * self.pointwise_lanes : (group + 1) * self.pointwise_lanes])
            for number, group in product(range(SIDES), range(beats))
        )
        domain = m.d.sync if self.read_latency > 1 else m.d.comb
        domain += self.sums.eq(words[taken])
        return m

    def _lane(self, m, lane, delta):
        """A lane's row after 0 to `ADDED` cycles, its product in time to be added, and whether the
        word had one then."""
        weight = self.weights.word_select(lane, self.weight_bits)
        offset = self.rows.word_select(lane, self.weight_bits)
        at = Signal(range(self.depth * self.pointwise_lanes // self.lanes), name=f"row_{lane}")
        now = Signal.like(at, name=f"now_{lane}")
        m.d.comb += now.eq(Mux(self.first, 0, at) + offset)
        with m.If(self.valid):
            m.d.sync += at.eq(now)
        adds = delayed(m, self.valid & weight.any(), ADDED, f"adds_{lane}")[-1]

        shape = signed(self.weight_bits + self.value_bits)
        operand = Signal(signed(self.weight_bits), name=f"weight_{lane}", reset_less=True)
        # Registers that a multiplier can take in: its own.
        factor = Signal.like(operand, name=f"factor_{lane}", reset_less=True)
        own = Signal.like(delta, name=f"delta_{lane}", reset_less=True)
        partial = Signal(shape, name=f"partial_{lane}", reset_less=True)
        whole = Signal(shape, name=f"product_{lane}", reset_less=True)
        m.d.sync += [
            operand.eq(weight),
            factor.eq(operand),
            own.eq(delta),
            partial.eq(factor * own),
            whole.eq(partial),
        ]
        return delayed(m, now, ADDED, f"place_{lane}"), whole, adds
