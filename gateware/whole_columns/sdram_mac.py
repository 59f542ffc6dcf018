"""Streamed multiply-accumulate: whole columns into sums in block RAM."""

from itertools import product

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.delayed import delayed
from thresh.gateware.sdram.column_fetcher import FETCHED_WORD
from thresh.layout.sdram_image import list_passes
from thresh.model.arithmetic import ACCUMULATOR_BITS
from thresh.model.cells import CELLS

from .column_requests import column_job
from .sum_memory import SumMemory
from .sum_sides import SIDES, SumSides

ADDED = 5
"""Cycles from a word until its product is added."""


class SdramMAC(wiring.Component):
    """``sum[row] += W[row, column] * delta`` for S rows per cycle, all rows of a column in turn.

    Or for one row per cycle, which is ``offset`` rows behind the one before it, where columns are
    sparse (`thresh.layout.sparse_columns`).

    The sums of a layer's step lie in the order in which the pointwise stage takes them: block,
    pass, unit. Taking them clears them, see `SumSides`. A product is added `ADDED` cycles after its
    word was taken; a row comes back after 8 cycles at the earliest, or, as every unit has a memory
    of its own and rows of a sparse column rise, when the column after it has waited for the
    products to be added.

    Parameters
    ----------
    pointwise_lanes, beats, weight_bits, value_bits, depth, read_latency : int
        ``depth`` words of S sums on each side.

    Members
    -------
    jobs : In(stream of `column_job`), words : In(stream of `FETCHED_WORD`)
    works : Out(1)
        A word is multiplied.
    begin : In(1)
        The next layer's sums are wanted from now on.
    full : Out(1)
        They are complete.
    shift : In(1)
        S sums are taken.
    sums : Out(S * 32)
        ``read_latency`` cycles later.
    """

    def __init__(self, *, pointwise_lanes, beats, weight_bits, value_bits, depth, read_latency):
        self.pointwise_lanes = pointwise_lanes
        self.beats = beats
        self.weight_bits = weight_bits
        self.value_bits = value_bits
        self.depth = depth
        self.read_latency = read_latency
        super().__init__(
            {
                "jobs": In(stream.Signature(column_job(value_bits))),
                "words": In(stream.Signature(FETCHED_WORD)),
                "works": Out(1),
                "begin": In(1),
                "full": Out(1),
                "shift": In(1),
                "sums": Out(pointwise_lanes * ACCUMULATOR_BITS),
            }
        )

    def elaborate(self, platform):
        m = Module()
        job, taken, ends = self.jobs.p, Signal(), Signal()
        last, pause, rested = Signal(), Signal(range(self.read_latency + 1)), Signal(init=1)
        m.d.comb += [
            self.words.ready.eq(self.jobs.valid & ~job.end & rested),
            last.eq(taken & self.words.p.last & job.sparse),
            taken.eq(self.words.valid & self.words.ready),
            ends.eq(self.jobs.valid & job.end),
            self.jobs.ready.eq(job.end | (taken & self.words.p.last)),
            self.works.eq(taken),
        ]
        with m.If(last):
            # Until a sum that has been written is the one that is read.
            m.d.sync += [pause.eq(self.read_latency), rested.eq(0)]
        with m.Elif(~rested):
            m.d.sync += [pause.eq(pause - 1), rested.eq(pause == 0)]
        address, units = self._rows(m, taken)

        # Products meet the sums of their rows.
        alike = self.words.p.word[: self.weight_bits].replicate(self.pointwise_lanes)
        chosen = Mux(job.sparse, alike, self.words.p.word)
        delta, word = delayed(m, job.delta, 1, "delta")[-1], delayed(m, chosen, 1, "word")[-1]
        products = []
        for number in range(self.pointwise_lanes):
            # Registers that a multiplier can take in: its own.
            weight = Signal(signed(self.weight_bits), name=f"weight_{number}", reset_less=True)
            own = Signal(signed(self.value_bits), name=f"delta_{number}", reset_less=True)
            shape = signed(self.weight_bits + self.value_bits)
            partial = Signal(shape, name=f"partial_{number}", reset_less=True)
            whole = Signal(shape, name=f"product_{number}", reset_less=True)
            m.d.sync += [
                weight.eq(word.word_select(number, self.weight_bits)),
                own.eq(delta),
                partial.eq(weight * own),
                whole.eq(partial),
            ]
            products.append(whole)
        moved = delayed(m, units, ADDED, "moved")
        rows = delayed(m, address, ADDED, "row")
        sides = delayed(m, job.side, ADDED, "side")
        asked = ADDED - 1 - self.read_latency

        m.submodules.sides = place = SumSides(depth=self.depth)
        m.d.comb += [
            place.end.eq(delayed(m, ends, ADDED + 2, "ended")[-1]),
            place.end_side.eq(delayed(m, job.side, ADDED + 2, "ended_side")[-1]),
            place.begin.eq(self.begin),
            place.shift.eq(self.shift),
            self.full.eq(place.full),
        ]

        found = [[], []]
        for side, number in product(range(SIDES), range(self.pointwise_lanes)):
            product_bits = len(products[number])
            m.submodules[f"sums_{side}_{number}"] = sums = SumMemory(
                depth=self.depth, read_latency=self.read_latency, product_bits=product_bits
            )
            found[side].append(sums.sum)
            m.d.comb += [
                sums.asked.eq(rows[asked]),
                sums.product.eq(products[number]),
                sums.adds.eq(moved[-1][number] & (sides[-1] == side)),
                sums.row.eq(rows[-1]),
                sums.takes.eq(place.takes[side]),
                sums.at.eq(place.at),
                sums.gone.eq(place.gone[side]),
                sums.gone_at.eq(place.gone_at),
            ]
        m.d.comb += self.sums.eq(Mux(place.active, Cat(found[1]), Cat(found[0])))
        return m

    def _rows(self, m, taken):
        """Address of the sums that the present word adds to, and to which of them it does."""
        job = self.jobs.p
        bits = Shape.cast(range(self.beats)).width
        element, position = Signal(bits), Signal(2)
        row = Signal(Shape.cast(range(self.depth)).width - bits)
        # From one pass that uses the list to the next one, which may be the next block's first.
        step, last = Signal(range(5)), Signal()
        m.d.sync += [step.eq(0), last.eq(0)]
        with m.Switch(Cat(position, job.inputs, job.kind)):
            for cell in CELLS.values():
                for number, name in enumerate(("hidden", "inputs")):
                    passes = list_passes(cell, name)
                    assert passes[:1] in ([], [0])
                    for place, pass_ in enumerate(passes):
                        follows = [*passes, len(cell.passes)][place + 1]
                        with m.Case(cell.code << 3 | number << 2 | place):
                            m.d.sync += [
                                step.eq(follows - pass_),
                                last.eq(place == len(passes) - 1),
                            ]
        with m.If(taken):
            m.d.sync += element.eq(element + 1)
            with m.If(element == self.beats - 1):
                m.d.sync += [row.eq(row + step), position.eq(Mux(last, 0, position + 1))]
            with m.If(self.words.p.last):
                m.d.sync += [element.eq(0), position.eq(0), row.eq(0)]
        # A sparse word says how far it lies behind the one before it.
        dense, unit_bits = Cat(element, row), self.pointwise_lanes.bit_length() - 1
        place, now = Signal(len(dense) + unit_bits), Signal(len(dense) + unit_bits)
        weight, offset = (
            self.words.p.word[: self.weight_bits],
            self.words.p.word[self.weight_bits :],
        )
        m.d.comb += now.eq(place + offset)
        with m.If(taken):
            m.d.sync += place.eq(Mux(self.words.p.last, 0, now))
        only = Cat((now[:unit_bits] == n) & weight.any() for n in range(self.pointwise_lanes))
        units = Mux(taken, Mux(job.sparse, only, ~C(0, self.pointwise_lanes)), 0)
        return Mux(job.sparse, now[unit_bits:], dense), units
