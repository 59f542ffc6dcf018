"""Whole column engine: an event meets its whole column before the next one."""

from amaranth import *
from amaranth.lib import wiring

from thresh.gateware.columns.column_engine import engine_members

from .column_requests import ColumnRequests
from .whole_column_mac import WholeColumnMAC
from .whole_column_walker import WholeColumnWalker


class WholeColumnEngine(wiring.Component):
    """`WholeColumnWalker` -> `ColumnRequests` -> source -> `WholeColumnMAC`: event outer.

    An event meets its column of every pass and block, a word per cycle. What sparse columns and
    columns from SDRAM have in common; they differ in where their words come from.

    Parameters
    ----------
    geometry : thresh.layout.geometry.Geometry
    primitives : Primitives
    source : component
        A `SparseSource` or an `SdramSource`.

    Members
    -------
    As `engine_members` says, and the source's ``pins`` where it has some. ``access.capture`` and
    ``access.flush`` mean nothing here. Sums that are taken are cleared; ``access.clear`` clears
    those that no layer took.
    """

    def __init__(self, *, geometry, primitives, source):
        self.geometry = geometry
        self.primitives = primitives
        self.source = source
        self.step_bits = source.step_bits
        pins = {name: member for name, member in source.signature.members.items() if name == "pins"}
        super().__init__({**engine_members(geometry), **pins})

    @staticmethod
    def memories(geometry, primitives, source):
        """Columns, what waits between the blocks, and sums; ``source`` is the source's class."""
        request = source.request_layout(geometry)
        return [
            *source.memories(geometry, primitives),
            *ColumnRequests.memories(request=request, value_bits=geometry.value_bits),
            *WholeColumnMAC.memories(**source.shape(geometry)),
        ]

    @staticmethod
    def multipliers(geometry, primitives, source):
        """Those of the lanes, and of a column's address, where the device makes them of `*`."""
        return (source.shape(geometry)["lanes"] + 1) * primitives.infers_multipliers

    def elaborate(self, platform):
        m = Module()
        shape, latency, source = self.geometry, self.primitives.read_latency, self.source
        m.submodules.source = source
        m.submodules.walker = walker = WholeColumnWalker(
            depth=shape.value_depth, read_latency=latency
        )
        m.submodules.requests = requests = ColumnRequests(
            request=source.request, base_bits=source.base_bits, value_bits=shape.value_bits,
            depth=shape.value_depth, read_latency=latency,
        )  # fmt: skip
        m.submodules.mac = mac = WholeColumnMAC(
            lanes=source.lanes, pointwise_lanes=shape.pointwise_lanes,
            weight_bits=shape.weight_bits, value_bits=shape.value_bits, depth=source.depth,
            own_rows=source.own_rows, read_latency=latency,
        )  # fmt: skip
        for name in ("table", "lists", "layers"):
            wiring.connect(m, getattr(walker, name), wiring.flipped(getattr(self, name)))
        wiring.connect(m, walker.o, requests.i)
        wiring.connect(m, requests.o, source.i)
        wiring.connect(m, requests.jobs, source.jobs)
        wiring.connect(m, wiring.flipped(self.access), source.access)
        if "pins" in self.signature.members:
            wiring.connect(m, source.pins, wiring.flipped(self.pins))
        token = self.layers.token
        m.d.comb += [
            requests.event.eq(self.event),
            mac.i.eq(source.o),
            mac.begin.eq(token.valid & token.ready),
            mac.shift.eq(self.passes.shift),
            mac.wipe.eq(self.access.clear),
            mac.wipe_at.eq(self.access.clear_address),
            self.passes.complete.eq(mac.complete),
            self.sums.eq(mac.sums),
            self.waiting.eq(walker.waiting),
            self.busy.eq(source.busy),
        ]
        return m
