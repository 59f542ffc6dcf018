"""Fetched rows: where the weights of a word from SDRAM belong."""

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.sdram.column_fetcher import FETCHED_WORD

from .column_requests import column_job
from .dense_rows import DenseRows
from .whole_column_mac import lane_word


class FetchedRows(wiring.Component):
    """A dense column's word is S weights of one row. A sparse column's is one weight, ``offset``
    rows behind the one before it (`thresh.layout.sparse_columns`), for one of the S lanes.

    A dense column's row comes back after 8 cycles at the earliest. Rows of a sparse column rise, so
    that only the column after it must wait until the products before it have been added.

    Parameters
    ----------
    geometry : thresh.layout.geometry.Geometry
        Its ``sparse`` says whether a column may be.
    read_latency : int
        Of the sums.

    Members
    -------
    jobs : In(stream of `column_job`), words : In(stream of `FETCHED_WORD`)
    o : Out(`lane_word`)
    busy : Out(1)
        There is a word.
    """

    def __init__(self, *, geometry, read_latency):
        self.geometry = geometry
        self.read_latency = read_latency
        self.lanes = geometry.pointwise_lanes
        word = lane_word(
            lanes=self.lanes, weight_bits=geometry.weight_bits, value_bits=geometry.value_bits,
            depth=geometry.accumulator_depth, own_rows=False,
        )  # fmt: skip
        super().__init__(
            {
                "jobs": In(stream.Signature(column_job(geometry.value_bits))),
                "words": In(stream.Signature(FETCHED_WORD)),
                "o": Out(word),
                "busy": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        job, word, taken, rested = self.jobs.p, self.words.p, Signal(), Signal(init=1)
        m.d.comb += [
            self.words.ready.eq(self.jobs.valid & ~job.end & rested),
            taken.eq(self.words.valid & self.words.ready),
            self.jobs.ready.eq(job.end | (taken & word.last)),
            self.busy.eq(taken),
            self.o.end.eq(self.jobs.valid & job.end),
            self.o.side.eq(job.side),
            self.o.delta.eq(job.delta),
        ]
        m.submodules.dense = dense = DenseRows(
            beats=self.geometry.beats, depth=self.geometry.accumulator_depth
        )
        m.d.comb += [
            dense.kind.eq(job.kind),
            dense.inputs.eq(job.inputs),
            dense.valid.eq(taken),
            dense.last.eq(word.last),
        ]
        if self.geometry.sparse:
            self._rest(m, taken, rested)
            sparse_row, sparse_adds, alike = self._sparse(m, taken)
            row = Mux(job.sparse, sparse_row, dense.row)
            adds = Mux(job.sparse, sparse_adds, ~C(0, self.lanes))
            weights = Mux(job.sparse, alike, word.word)
        else:
            row, adds, weights = dense.row, ~C(0, self.lanes), word.word
        m.d.comb += [
            self.o.rows[0].eq(row),
            self.o.adds.eq(Mux(taken, adds, 0)),
            self.o.weights.eq(weights),
        ]
        return m

    def _rest(self, m, taken, rested):
        """After a sparse column, until a sum that has been written is the one that is read."""
        last, pause = Signal(), Signal(range(self.read_latency + 1))
        m.d.comb += last.eq(taken & self.words.p.last & self.jobs.p.sparse)
        with m.If(last):
            m.d.sync += [pause.eq(self.read_latency), rested.eq(0)]
        with m.Elif(~rested):
            m.d.sync += [pause.eq(pause - 1), rested.eq(pause == 0)]

    def _sparse(self, m, taken):
        """Row and lane of a sparse column's weight, and the weight for every lane."""
        bits, word = self.geometry.weight_bits, self.words.p.word
        weight, offset = word[:bits], word[bits:]
        lane_bits = self.lanes.bit_length() - 1
        before, place = (
            Signal(len(self.o.rows[0]) + lane_bits, name=name) for name in ("before", "place")
        )
        m.d.comb += place.eq(before + offset)
        with m.If(taken):
            m.d.sync += before.eq(Mux(self.words.p.last, 0, place))
        adds = Cat((place[:lane_bits] == n) & weight.any() for n in range(self.lanes))
        return place[lane_bits:], adds, weight.replicate(self.lanes)
