"""New sequence: state and references to zero, M to bias."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.encode.nonzero_queue import SEGMENTS

SETTLE = 8
"""Cycles in which anything under way in lanes and memories has arrived."""


class SequenceReset(wiring.Component):
    """Resets every word in use, one per cycle.

    Reset does not clear memories, so a new sequence is a command. The biases come out of the
    column memory, where they lie behind the weights. Whatever ``last`` is, it takes at most
    `longest` cycles: bits of it that no address has are not looked at.

    Parameters
    ----------
    geometry : thresh.layout.geometry.Geometry
    latency : int
        Of the column memory.

    Members
    -------
    start : In(1)
    bias_base : In(16), last : In
        Weight address of the first bias word; last address to reset.
    active : Out(1)
    capture, shift : Out(1)
        Flush what the lanes have accumulated.
    address : Out, clear : Out(1)
        A word of state, references and list lengths to be zeroed.
    weight_address : Out
        Bias word wanted, one cycle before it is the column memory's address.
    bias_address : Out, bias_part : Out, bias_write : Out(1)
        Where in M which part of the column memory's word belongs.
    """

    def __init__(self, *, geometry, latency):
        self.geometry = geometry
        self.latency = latency
        # No memory has more words to reset, and no network more list lengths.
        self.largest = max(
            geometry.accumulator_depth, geometry.state_depth, geometry.value_depth, 2 * SEGMENTS
        )
        super().__init__(
            {
                "start": In(1),
                "bias_base": In(16),
                "last": In(range(2 * self.largest)),
                "active": Out(1),
                "capture": Out(1),
                "shift": Out(1),
                "address": Out(range(2 * self.largest)),
                "clear": Out(1),
                "weight_address": Out(range(geometry.weight_depth)),
                "bias_address": Out(range(geometry.accumulator_depth)),
                "bias_part": Out(range(geometry.biases_per_word)),
                "bias_write": Out(1),
            }
        )

    @property
    def longest(self):
        """Cycles from ``start`` until a new sequence is no longer active, at most."""
        return (1 << len(self.last)) + 2 * SETTLE + 2

    def elaborate(self, platform):
        m = Module()
        parts = self.geometry.biases_per_word.bit_length() - 1
        depth_bits = len(self.bias_address)
        tail = Signal(range(SETTLE))
        # Where to end is found a cycle late: the word after the last one in use is reset as well.
        resetting, ends = Signal(), Signal()
        m.d.sync += ends.eq(resetting & (self.address == self.last))
        m.d.comb += [
            self.clear.eq(resetting),
            self.weight_address.eq(self.bias_base + (self.address >> parts)),
        ]
        # The column memory answers latency cycles after its address register.
        at, valid = self.address[:depth_bits], resetting & ~self.address[depth_bits:].any()
        depth = self.geometry.accumulator_depth
        if depth & (depth - 1):
            valid &= at < depth
        for cycle in range(self.latency + 1):
            later = Signal.like(self.bias_address, name=f"at_{cycle}")
            later_valid = Signal(name=f"valid_{cycle}")
            m.d.sync += [later.eq(at), later_valid.eq(valid)]
            at, valid = later, later_valid
        m.d.comb += [
            self.bias_address.eq(at),
            self.bias_part.eq(at[:parts]),
            self.bias_write.eq(valid),
        ]
        with m.FSM():
            with m.State("IDLE"), m.If(self.start):
                m.d.sync += self.active.eq(1)
                m.d.comb += self.capture.eq(1)
                m.next = "FLUSH"
            with m.State("FLUSH"):
                m.d.sync += tail.eq(tail + 1)
                with m.If(tail == SETTLE - 1):
                    m.d.sync += [resetting.eq(1), self.address.eq(0), tail.eq(0)]
                    m.d.sync += self.shift.eq(1)
                    m.next = "RESET"
            with m.State("RESET"):
                m.d.sync += self.address.eq(self.address + 1)
                with m.If(self.address == self.geometry.beats - 1):
                    m.d.sync += self.shift.eq(0)
                with m.If(ends):
                    m.d.sync += [resetting.eq(0), self.shift.eq(0)]
                    m.next = "DRAIN"
            with m.State("DRAIN"):
                m.d.sync += tail.eq(tail + 1)
                with m.If(tail == SETTLE - 1):
                    m.d.sync += [self.active.eq(0), tail.eq(0)]
                    m.next = "IDLE"
        return m
