"""Sparse column memory: weights and the rows between them, a word of every lane per cycle."""

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.delayed import delayed

from .column_requests import column_job

FLAGS = ("busy", "reads", "first", "last", "final", "end")


class SparseColumnMemory(wiring.Component):
    """Two `ColumnMemory` with the same addresses, and the reader that goes along a column.

    Columns follow one another after the cycles that the image lets each wait.

    Parameters
    ----------
    column_memory : class
    width : int
        Bits of a word of weights, and of a word of rows.
    depth : int
        Words of each.
    init : sequence of int
        Words at power-up: one of weights, one of rows, and so on.
    request : Shape
        ``address`` and ``bursts`` of a column, whose words are bursts of one, and ``rest``: how
        many cycles the next one waits.
    value_bits : int

    Members
    -------
    i : In(stream of ``request``), jobs : In(stream of `column_job`)
        A column, and what to do with it; or, without a column, the ``end`` of a layer.
    valid : Out(1), first : Out(1)
        A word comes; it is its column's first.
    end : Out(1)
        A layer ends.
    delta, side : Out
        The job's, in the same cycles.
    weights, rows : Out(width)
    claims : In(1), address : In(range(2 * depth)), word : Out(width)
        Read from outside, as the `ColumnStage`'s; odd addresses are rows.
    write_enable : In(1), write_address : In(range(2 * depth)), write_data : In(width)
    """

    begin_latency = 1
    """Cycles from a column or an end that is taken until it is under way."""

    @staticmethod
    def word_latency(column_memory):
        """Cycles from a column's beginning to its first word, and from a layer's end to `end`."""
        return 1 + column_memory.latency

    def __init__(self, *, column_memory, width, depth, init, request, value_bits):
        self.column_memory = column_memory
        self.width = width
        self.depth = depth
        self.init = init
        super().__init__(
            {
                "i": In(stream.Signature(request)),
                "jobs": In(stream.Signature(column_job(value_bits))),
                "valid": Out(1),
                "first": Out(1),
                "end": Out(1),
                "delta": Out(signed(value_bits)),
                "side": Out(1),
                "weights": Out(width),
                "rows": Out(width),
                "claims": In(1),
                "address": In(range(2 * depth)),
                "word": Out(width),
                "write_enable": In(1),
                "write_address": In(range(2 * depth)),
                "write_data": In(width),
            }
        )

    def elaborate(self, platform):
        m = Module()
        job, column = self.jobs.p, self.i.p
        busy, reads, first, last, final, end = (Signal(name=n) for n in FLAGS)
        at, left = Signal(range(self.depth)), Signal.like(column.bursts)
        rest = Signal.like(column.rest)
        delta, side = Signal.like(self.delta), Signal()
        free, ends, begins = Signal(), Signal(), Signal()
        m.d.comb += [
            free.eq(~busy | final),
            ends.eq(free & self.jobs.valid & job.end),
            begins.eq(free & self.jobs.valid & ~job.end & self.i.valid),
            self.jobs.ready.eq(ends | begins),
            self.i.ready.eq(begins),
        ]
        m.d.sync += [end.eq(ends), first.eq(begins)]
        with m.If(free):
            m.d.sync += [
                busy.eq(begins),
                reads.eq(begins),
                at.eq(column.address),
                left.eq(column.bursts - 1),
                last.eq(column.bursts == 1),
                rest.eq(column.rest),
                final.eq((column.bursts == 1) & (column.rest == 0)),
                delta.eq(job.delta),
                side.eq(job.side),
            ]
        with m.Else():
            going = reads & ~last
            m.d.sync += [
                reads.eq(going),
                at.eq(at + 1),
                left.eq(left - 1),
                last.eq(left == 1),
                rest.eq(rest - ~going),
                final.eq(Mux(going, (left == 1) & (rest == 0), rest == 1)),
            ]

        # What is known of a word goes beside it through the memories.
        address = Signal.like(at)
        m.d.sync += address.eq(Mux(self.claims, self.address[1:], at))
        for number, (name, data) in enumerate((("weights", self.weights), ("rows", self.rows))):
            memory = self.column_memory(
                width=self.width,
                depth=self.depth,
                init=self.init[number::2],
            )
            m.submodules[name] = memory
            m.d.comb += [
                memory.read_address.eq(address),
                memory.write_enable.eq(self.write_enable & (self.write_address[0] == number)),
                memory.write_address.eq(self.write_address[1:]),
                memory.write_data.eq(self.write_data),
                data.eq(memory.read_data),
            ]
        travel = self.word_latency(self.column_memory)
        beside = {"valid": reads, "first": first, "end": end, "delta": delta, "side": side}
        for name, signal in beside.items():
            m.d.comb += getattr(self, name).eq(delayed(m, signal, travel, name)[-1])
        odd = delayed(m, self.address[0], travel, "odd")[-1]
        m.d.comb += self.word.eq(Mux(odd, self.rows, self.weights))
        return m
