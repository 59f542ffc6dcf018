"""Column stage: from list events to the sums of passes."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.delayed import delayed
from thresh.gateware.lib.tally import tally
from thresh.model.arithmetic import ACCUMULATOR_BITS

from .column_mac import ColumnMAC

MARK_DISTANCE = 4
"""Least cycles between two marks."""


def stage_members(geometry, index_bits):
    """Members of every stage from list events to sums: the `ColumnStage`'s but ``base``."""
    address, word = range(geometry.weight_depth), geometry.weight_word_bits
    return {
        "issue": In(1),
        "mark": In(1),
        "index": In(index_bits),
        "delta": In(signed(geometry.value_bits)),
        "credit": Out(1),
        "full": Out(1),
        "take": In(1),
        "shift": In(1),
        "sums": Out(geometry.pointwise_lanes * ACCUMULATOR_BITS),
        "claims": In(1),
        "address": In(address),
        "word": Out(word),
        "write_enable": In(1),
        "write_address": In(address),
        "write_data": In(word),
        "capture": In(1),
        "flush": In(1),
    }


class ColumnStage(wiring.Component):
    """Column memory and lanes: an event's column slice and its delta meet in the lanes.

    Parameters
    ----------
    geometry : thresh.layout.geometry.Geometry
    primitives : Primitives
    weights : sequence of int
        Words at power-up.
    index_bits : int
        Width of a column's number.

    Members
    -------
    issue, mark, base : In
        From the `ColumnWalker`; ``base`` a cycle later.
    index, delta : In
        The event wanted, the board's ``read_latency`` cycles after ``issue``.
    credit : Out(1)
        Another pass may be marked.
    full : Out(1), take : In(1), shift : In(1), sums : Out(S * 32)
        As the `ColumnMAC`'s, but sums leave ``read_latency`` cycles after ``shift``.
    claims : In(1), address : In, word : Out
        Read from outside: the word is there ``1 + latency of the memory`` cycles later.
    write_enable, write_address, write_data : In
    capture, flush : In(1)
        Capture and shift for a new sequence.
    """

    mark_interval = MARK_DISTANCE
    """Least cycles between two marks."""

    @staticmethod
    def mark_latency(geometry, primitives):
        """Cycles from a mark until its pass is captured."""
        return 2 + primitives.column_memory.latency + primitives.lane_of(geometry).latency

    @classmethod
    def capture_latency(cls, geometry, primitives):
        """Cycles from a mark until its pass's sums can be taken."""
        return cls.mark_latency(geometry, primitives) + (primitives.captures > 1)

    @classmethod
    def credit_latency(cls, geometry, primitives):
        """Cycles from the taking of a pass's sums until one more pass may be marked."""
        return 1 + max(0, geometry.beats - cls.mark_latency(geometry, primitives) - 1)

    def __init__(self, *, geometry, primitives, weights, index_bits):
        self.geometry = geometry
        self.primitives = primitives
        self.weights = weights
        base = In(range(geometry.weight_depth))
        super().__init__({**stage_members(geometry, index_bits), "base": base})

    def elaborate(self, platform):
        m = Module()
        shape, make = self.geometry, self.primitives
        m.submodules.columns = columns = make.column_memory(
            width=shape.weight_word_bits, depth=shape.weight_depth, init=self.weights
        )
        m.submodules.mac = mac = ColumnMAC(
            lanes=shape.lanes,
            pointwise_lanes=shape.pointwise_lanes,
            weight_bits=shape.weight_bits,
            value_bits=shape.value_bits,
            mac_lane=make.lane_of(shape),
            captures=make.captures,
            lead=make.read_latency - 1,
        )
        late = make.read_latency
        base = delayed(m, self.base, late - 1, "base")[-1]
        issued = delayed(m, self.issue, late, "issued")[-1]
        marks = delayed(m, self.mark, late + 1 + columns.latency, "mark")
        delta = Signal.like(self.delta)
        m.d.sync += [
            columns.read_address.eq(Mux(self.claims, self.address, base + self.index)),
            delta.eq(Mux(issued, self.delta, 0)),
        ]
        deltas = delayed(m, delta, columns.latency, "delta")
        shift = delayed(m, self.shift, late - 1 - (make.captures > 1), "shift")[-1]
        m.d.comb += [
            columns.write_enable.eq(self.write_enable),
            columns.write_address.eq(self.write_address),
            columns.write_data.eq(self.write_data),
            self.word.eq(columns.read_data),
            mac.weights.eq(columns.read_data),
            mac.delta.eq(deltas[-1]),
            mac.mark.eq(marks[-1] | self.capture),
            mac.take.eq(self.take | self.flush),
            mac.shift.eq(shift | self.flush),
            self.full.eq(mac.full),
            self.sums.eq(mac.sums),
        ]

        # A pass may be marked when its capture will find room: its mark travels while the sums
        # before it leave.
        leaving = delayed(m, self.take, self.credit_latency(shape, make) - 1, "leaving")[-1]
        credit = tally(m, up=leaving, down=self.mark, most=make.captures, full=True, name="credit")
        # The walker knows the pass after the next a few cycles late.
        rested = Signal(init=1)
        m.d.sync += rested.eq(~Cat(marks[: MARK_DISTANCE - 1]).any())
        m.d.comb += self.credit.eq(credit & rested)
        return m
