"""Column stage: from list events to the sums of passes."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.encode.event_memory import stored_event
from thresh.gateware.lib.delayed import delayed
from thresh.gateware.lib.tally import tally
from thresh.model.arithmetic import ACCUMULATOR_BITS

from .chain_mac import ChainMAC
from .column_engine import PASSES, column_access, index_bits
from .column_mac import ColumnMAC
from .column_walker import slice_events


class ColumnStage(wiring.Component):
    """Column memory and lanes: an event's column slice and its delta meet in the lanes.

    Parameters
    ----------
    geometry : thresh.layout.geometry.Geometry
    primitives : Primitives
    weights : sequence of int
        Words at power-up.

    Members
    -------
    i : In(`slice_events`)
        From the `ColumnWalker`.
    event : In(`stored_event`)
        The event wanted, the board's ``read_latency`` cycles after ``i.issue``.
    passes : Out(`PASSES`), sums : Out(S * 32)
        As the `ColumnMAC`'s, but sums leave ``read_latency`` cycles after ``shift``.
    access : In(`column_access`)
    """

    mark_interval = 4
    """Least cycles between two marks."""

    @staticmethod
    def mark_latency(geometry, primitives):
        """Cycles from a mark until its pass is captured."""
        return 2 + primitives.column_memory.latency + primitives.lane_of(geometry).latency

    @classmethod
    def capture_latency(cls, geometry, primitives):
        """Cycles from a mark until its pass's sums can be taken."""
        later = min(primitives.captures, 2) - 1
        return cls.mark_latency(geometry, primitives) + later

    @classmethod
    def credit_latency(cls, geometry, primitives):
        """Cycles from the taking of a pass's sums until one more pass may be marked."""
        marked = cls.mark_latency(geometry, primitives)
        # Sums that stay in the lanes leave a cycle later, and the event then is added at once.
        return 1 + max(0, geometry.beats - marked + (-1 if primitives.captures else 2))

    def __init__(self, *, geometry, primitives, weights):
        self.geometry = geometry
        self.primitives = primitives
        self.weights = weights
        super().__init__(
            {
                "i": In(slice_events(geometry.weight_depth)),
                "event": In(stored_event(geometry.value_bits, index_bits(geometry))),
                "passes": Out(PASSES),
                "sums": Out(geometry.pointwise_lanes * ACCUMULATOR_BITS),
                "access": In(column_access(geometry)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape, make, access = self.geometry, self.primitives, self.access
        m.submodules.columns = columns = make.column_memory(
            width=shape.weight_word_bits, depth=shape.weight_depth, init=self.weights
        )
        captures = {"captures": make.captures, "lead": make.read_latency - 1}
        m.submodules.mac = mac = (ColumnMAC if make.captures else ChainMAC)(
            lanes=shape.lanes, pointwise_lanes=shape.pointwise_lanes,
            weight_bits=shape.weight_bits, value_bits=shape.value_bits,
            mac_lane=make.lane_of(shape), **(captures if make.captures else {}),
        )  # fmt: skip
        m.d.comb += [
            columns.write_enable.eq(access.write),
            columns.write_address.eq(access.write_address),
            columns.write_data.eq(access.write_data),
            access.word.eq(columns.read_data),
        ]
        latency = make.read_latency
        base = delayed(m, self.i.base, latency - 1, "base")[-1]
        issued = delayed(m, self.i.issue, latency, "issued")[-1]
        marks = delayed(m, self.i.mark, latency + 1 + columns.latency, "mark")
        delta = Signal.like(self.event.delta)
        m.d.sync += [
            columns.read_address.eq(Mux(access.select, access.address, base + self.event.index)),
            delta.eq(Mux(issued, self.event.delta, 0)),
        ]
        early = min(make.captures, 2)
        shift = delayed(m, self.passes.shift, latency - early, "shift")[-1]
        m.d.comb += [
            mac.weights.eq(columns.read_data),
            mac.delta.eq(delayed(m, delta, columns.latency, "delta")[-1]),
            mac.mark.eq(marks[-1] | access.capture),
            mac.take.eq(self.passes.take | access.flush),
            mac.shift.eq(shift | access.flush),
            self.passes.complete.eq(mac.full),
            self.sums.eq(mac.sums),
        ]
        # The walker knows the pass after the next a few cycles later.
        spaced = Signal(init=1)
        m.d.sync += spaced.eq(~Cat(marks[: self.mark_interval - 1]).any())
        m.d.comb += self.i.credit.eq(self._credit(m) & spaced)
        return m

    def _credit(self, m):
        """Whether a pass may be marked: its capture will find room.

        Its mark is under way for as long as sums before it may still leave. Without captures, its
        events are too: none is issued without credit.
        """
        make = self.primitives
        wait = self.credit_latency(self.geometry, make) - 1
        leaving = delayed(m, self.passes.take, wait, "leaving")[-1]
        return tally(
            m, up=leaving, down=self.i.mark, most=max(1, make.captures), full=True, name="credit"
        )
