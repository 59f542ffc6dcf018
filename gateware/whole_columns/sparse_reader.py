"""Sparse reader: goes along one sparse column after another."""

from amaranth import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from .column_requests import column_job


def sparse_step(value_bits):
    """What is known of a word: ``valid``, there is one, ``first`` of its column; or the ``end`` of
    a layer; the column's delta and side."""
    return data.StructLayout(
        {"valid": 1, "first": 1, "end": 1, "delta": signed(value_bits), "side": 1}
    )


class SparseReader(wiring.Component):
    """A word per cycle; columns follow one another after the cycles that each one's request says.

    Parameters
    ----------
    request : StructLayout
        ``address`` and ``bursts`` of a column, whose words are bursts of one, and ``rest``: how
        many cycles the next one waits.
    value_bits : int

    Members
    -------
    i : In(stream of ``request``), jobs : In(stream of `column_job`)
        A column, and what to do with it; or, without a column, the ``end`` of a layer.
    address : Out
    o : Out(`sparse_step`)
        In the same cycle as ``address``.
    """

    begin_latency = 1
    """Cycles from a column or an end that is taken until it is under way."""

    def __init__(self, *, request, value_bits):
        self.request = request
        self.value_bits = value_bits
        super().__init__(
            {
                "i": In(stream.Signature(request)),
                "jobs": In(stream.Signature(column_job(value_bits))),
                "address": Out(dict(request)["address"].shape),
                "o": Out(sparse_step(value_bits)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        job, column = self.jobs.p, self.i.p
        busy, last, final = Signal(), Signal(), Signal()
        left, rest = Signal.like(column.bursts), Signal.like(column.rest)
        free, ends, begins = Signal(), Signal(), Signal()
        m.d.comb += [
            free.eq(~busy | final),
            ends.eq(free & self.jobs.valid & job.end),
            begins.eq(free & self.jobs.valid & ~job.end & self.i.valid),
            self.jobs.ready.eq(ends | begins),
            self.i.ready.eq(begins),
        ]
        m.d.sync += [self.o.end.eq(ends), self.o.first.eq(begins)]
        with m.If(free):
            m.d.sync += [
                busy.eq(begins),
                self.o.valid.eq(begins),
                self.address.eq(column.address),
                left.eq(column.bursts - 1),
                last.eq(column.bursts == 1),
                rest.eq(column.rest),
                final.eq((column.bursts == 1) & (column.rest == 0)),
                self.o.delta.eq(job.delta),
                self.o.side.eq(job.side),
            ]
        with m.Else():
            more = self.o.valid & ~last
            m.d.sync += [
                self.o.valid.eq(more),
                self.address.eq(self.address + 1),
                left.eq(left - 1),
                last.eq(left == 1),
                rest.eq(rest - ~more),
                final.eq(Mux(more, (left == 1) & (rest == 0), rest == 1)),
            ]
        return m
