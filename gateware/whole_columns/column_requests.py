"""Column requests: from list events to columns in memory and the deltas they meet."""

from amaranth import *
from amaranth.lib import data, fifo, stream, wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.encode.event_memory import stored_event
from thresh.gateware.lib.delayed import delayed
from thresh.gateware.lib.memory_shape import queue_memory
from thresh.gateware.lib.stream_register import StreamRegister

from .whole_column_walker import column_events

UNDER_WAY = 16
"""Most events between the walker and the lanes: enough to hide the SDRAM's latency even when a
column is one burst."""


def column_job(value_bits):
    """What is done with a column: its delta, its layer's cell and list, whether it is sparse, and
    the place for sums.

    ``end`` is no column: the layer's sums are complete.
    """
    return data.StructLayout(
        {"delta": signed(value_bits), "kind": 4, "sparse": 1, "inputs": 1, "side": 1, "end": 1}
    )


class ColumnRequests(wiring.Component):
    """``address = base << base_bits + bursts * (first + index)``, one event every 3 cycles.

    Parameters
    ----------
    request : StructLayout
        ``address`` of a column's first burst, how many ``bursts`` it has, and perhaps ``rest``:
        what is above these in the walker's word.
    base_bits : int
        Bits of an address below those of ``base``.
    value_bits, depth, read_latency : int
        ``depth`` events in a bank of the nonzero queue.

    Members
    -------
    i : In(`column_events`)
        From the `WholeColumnWalker`.
    event : In(`stored_event`)
        The event wanted, ``read_latency`` cycles after ``i.issue``.
    o : Out(stream of ``request``)
    jobs : Out(stream of `column_job`)
        One per request, in order, and one per mark.
    """

    @staticmethod
    def request_latency(read_latency):
        """Cycles from an event at the walker until its column can be asked for."""
        return 7 + read_latency

    @staticmethod
    def job_latency(read_latency):
        """Cycles from an event or a mark at the walker until it is a job."""
        return 3 + read_latency

    def __init__(self, *, request, base_bits, value_bits, depth, read_latency):
        self.request = request
        self.base_bits = base_bits
        self.value_bits = value_bits
        self.depth = depth
        self.read_latency = read_latency
        super().__init__(
            {
                "i": In(column_events(depth)),
                "event": In(stored_event(value_bits, Shape.cast(range(depth)).width)),
                "o": Out(stream.Signature(request)),
                "jobs": Out(stream.Signature(column_job(value_bits))),
            }
        )

    @staticmethod
    def memories(*, request, value_bits):
        """The requests and the jobs that wait."""
        layouts = request, column_job(value_bits)
        return [queue_memory(bits=layout.size, depth=UNDER_WAY + 1) for layout in layouts]

    def elaborate(self, platform):
        m = Module()
        issued = delayed(m, self.i.issue, self.read_latency, "issued")[-1]
        marked = delayed(m, self.i.mark, self.read_latency, "marked")[-1]
        self._request(m, issued)
        self._job(m, issued, marked)
        pending = Signal(range(UNDER_WAY + 1))
        m.d.sync += [
            pending.eq(
                pending + (self.i.issue | self.i.mark) - (self.jobs.valid & self.jobs.ready)
            ),
            self.i.credit.eq(pending < UNDER_WAY - 1),
        ]
        return m

    def _request(self, m, issued):
        """The column's address: the product takes three cycles, for which the rest is kept."""
        request = Signal(self.request)
        number, base = Signal.like(self.i.first), Signal.like(self.i.base)
        bursts = Signal.like(request.bursts)
        partial, product = Signal.like(request.address), Signal.like(request.address)
        m.d.sync += [
            partial.eq(number * bursts),
            product.eq(partial),
            request.address.eq(product + (base << self.base_bits)),
            request.bursts.eq(bursts),
        ]
        if "rest" in dict(self.request):
            rest = Signal.like(request.rest)
            m.d.sync += request.rest.eq(rest)
            with m.If(issued):
                m.d.sync += rest.eq(self.i.bursts[len(bursts) :])
        with m.If(issued):
            m.d.sync += [
                number.eq(self.event.index + self.i.first),
                base.eq(self.i.base),
                bursts.eq(self.i.bursts),
            ]
        computed = delayed(m, issued, 4, "computed")[-1]
        self._queue(m, "request", request, computed, self.o)

    def _job(self, m, issued, marked):
        """What is done with the column, or the layer's end."""
        # The walker is in the next layer when a mark arrives.
        side = delayed(m, self.i.side, self.read_latency, "side")[-1]
        job = Signal(column_job(self.value_bits))
        m.d.comb += [
            job.delta.eq(self.event.delta),
            job.kind.eq(self.i.kind),
            job.sparse.eq(self.i.sparse),
            job.inputs.eq(self.i.inputs),
            job.side.eq(side),
            job.end.eq(marked),
        ]
        self._queue(m, "job", job, issued | marked, self.jobs)

    def _queue(self, m, name, payload, valid, o):
        """Payloads wait in a queue, and leave it by way of a register."""
        m.submodules[f"{name}_queue"] = queue = fifo.SyncFIFOBuffered(
            width=payload.shape().size, depth=UNDER_WAY + 1
        )
        m.submodules[f"{name}_register"] = out = StreamRegister(payload.shape())
        m.d.comb += [
            queue.w_data.eq(payload),
            queue.w_en.eq(valid),
            out.i.payload.eq(queue.r_data),
            out.i.valid.eq(queue.r_rdy),
            queue.r_en.eq(out.i.ready),
        ]
        wiring.connect(m, out.o, wiring.flipped(o))
