"""Column requests: from list events to columns in SDRAM and the deltas they meet."""

from amaranth import *
from amaranth.lib import data, fifo, stream, wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.delayed import delayed
from thresh.gateware.lib.stream_register import StreamRegister

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


def request_members(value_bits, index_bits):
    """Members by which events come, as the `ColumnRequests` has them."""
    return {
        "issue": In(1),
        "mark": In(1),
        "base": In(16),
        "first": In(index_bits + 1),
        "bursts": In(16),
        "kind": In(4),
        "sparse": In(1),
        "inputs": In(1),
        "side": In(1),
        "index": In(index_bits),
        "delta": In(signed(value_bits)),
        "credit": Out(1),
    }


def pass_events(m, inner, outer, value_bits, index_bits):
    """Connect the `request_members` of a stage to those of the requests inside."""
    for name, member in request_members(value_bits, index_bits).items():
        here, there = getattr(inner, name), getattr(outer, name)
        m.d.comb += there.eq(here) if member.flow == Out else here.eq(there)


class ColumnRequests(wiring.Component):
    """``address = base << base_bits + bursts * (first + index)``, one event every 3 cycles.

    Parameters
    ----------
    request : StructLayout
        ``address`` of a column's first burst, how many ``bursts`` it has, and perhaps ``rest``:
        what is above these in the walker's word.
    base_bits : int
        Bits of an address below those of ``base``.
    value_bits, index_bits, read_latency : int

    Members
    -------
    issue, mark, base, first, bursts, kind, sparse, inputs, side : In
        From the `SdramWalker`.
    index, delta : In
        The event wanted, ``read_latency`` cycles after ``issue``.
    credit : Out(1)
        Another event or mark can be taken.
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

    def __init__(self, *, request, base_bits, value_bits, index_bits, read_latency):
        self.request = request
        self.base_bits = base_bits
        self.value_bits = value_bits
        self.index_bits = index_bits
        self.read_latency = read_latency
        super().__init__(
            {
                **request_members(value_bits, index_bits),
                "o": Out(stream.Signature(request)),
                "jobs": Out(stream.Signature(column_job(value_bits))),
            }
        )

    def elaborate(self, platform):
        m = Module()
        issued = delayed(m, self.issue, self.read_latency, "issued")[-1]
        marked = delayed(m, self.mark, self.read_latency, "marked")[-1]
        # The walker is in the next layer when a mark arrives.
        side = delayed(m, self.side, self.read_latency, "side")[-1]

        # The product takes three cycles, for which base and bursts are kept.
        request = Signal(self.request)
        number, base = Signal(self.index_bits + 1), Signal.like(self.base)
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
                m.d.sync += rest.eq(self.bursts[len(bursts) :])
        with m.If(issued):
            m.d.sync += [
                number.eq(self.index + self.first),
                base.eq(self.base),
                bursts.eq(self.bursts),
            ]
        m.submodules.requests = requests = fifo.SyncFIFOBuffered(
            width=self.request.size, depth=UNDER_WAY + 1
        )
        m.d.comb += [
            requests.w_data.eq(request),
            requests.w_en.eq(delayed(m, issued, 4, "worked_out")[-1]),
        ]
        self._pass_on(m, "requested", requests, self.o)

        job = Signal(column_job(self.value_bits))
        m.submodules.waiting = waiting = fifo.SyncFIFOBuffered(
            width=job.shape().size, depth=UNDER_WAY + 1
        )
        m.d.comb += [
            job.delta.eq(self.delta),
            job.kind.eq(self.kind),
            job.sparse.eq(self.sparse),
            job.inputs.eq(self.inputs),
            job.side.eq(side),
            job.end.eq(marked),
            waiting.w_data.eq(job),
            waiting.w_en.eq(issued | marked),
        ]
        self._pass_on(m, "job", waiting, self.jobs)
        under_way = Signal(range(UNDER_WAY + 1))
        m.d.sync += [
            under_way.eq(
                under_way + (self.issue | self.mark) - (self.jobs.valid & self.jobs.ready)
            ),
            self.credit.eq(under_way < UNDER_WAY - 1),
        ]
        return m

    def _pass_on(self, m, name, queue, o):
        """What leaves a queue, by way of a register."""
        m.submodules[name] = out = StreamRegister(o.payload.shape())
        m.d.comb += [
            out.i.payload.eq(queue.r_data),
            out.i.valid.eq(queue.r_rdy),
            queue.r_en.eq(out.i.ready),
        ]
        wiring.connect(m, out.o, wiring.flipped(o))
