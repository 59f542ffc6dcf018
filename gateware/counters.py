"""Counters: what a sequence cost so far."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from thresh.model.link import Counter

from .nonzero_queue import SEGMENTS

COUNTER_BITS = 32


class Counters(wiring.Component):
    """Words of `thresh.model.link.Counter`, modulo 2**32.

    Parameters
    ----------
    count_bits : int
        Width of a list's length.
    saturation_bits : int
        Width of the saturations of one cycle.

    Members
    -------
    clear : In(1)
    active, issue, done, skip : In(1)
        A step is under way; an entry enters the lanes; the step is complete; a layer is skipped.
    saturated : In
        Values clipped in this cycle.
    x_listed, h_listed : In(1), x_count, h_count, h_segment : In
        Lists completed, their lengths, and the hidden list's number.
    address : In, value : Out(32)
        Three cycles.
    """

    def __init__(self, *, count_bits, saturation_bits):
        self.count_bits = count_bits
        self.saturation_bits = saturation_bits
        super().__init__(
            {
                "clear": In(1),
                "active": In(1),
                "issue": In(1),
                "done": In(1),
                "skip": In(1),
                "saturated": In(saturation_bits),
                "x_listed": In(1),
                "x_count": In(count_bits),
                "h_listed": In(1),
                "h_count": In(count_bits),
                "h_segment": In(range(SEGMENTS)),
                "address": In(range(Counter.FIRED + SEGMENTS)),
                "value": Out(COUNTER_BITS),
            }
        )

    def elaborate(self, platform):
        m = Module()
        step, step_cycles = Signal(COUNTER_BITS), Signal(COUNTER_BITS)
        busy, idle = Signal(COUNTER_BITS), Signal(COUNTER_BITS)
        saturations, skipped = Signal(COUNTER_BITS), Signal(COUNTER_BITS)
        saturated = Signal.like(self.saturated)
        m.d.sync += [
            busy.eq(busy + (self.active & self.issue)),
            idle.eq(idle + (self.active & ~self.issue)),
            step.eq(step + self.active),
            saturated.eq(self.saturated),
            saturations.eq(saturations + saturated),
            skipped.eq(skipped + self.skip),
        ]
        with m.If(self.done):
            m.d.sync += [step_cycles.eq(step + 1), step.eq(0)]

        # Entries per list: one total after another in a memory.
        m.submodules.fired = fired = Memory(shape=COUNTER_BITS, depth=SEGMENTS, init=[])
        read, write = fired.read_port(), fired.write_port()
        x_waits, h_waits = Signal(), Signal()
        x_count, h_count = Signal.like(self.x_count), Signal.like(self.h_count)
        h_segment, segment = Signal.like(self.h_segment), Signal.like(self.h_segment)
        amount, total = Signal.like(self.x_count), Signal(COUNTER_BITS)
        sweep, sweeping = Signal(range(SEGMENTS)), Signal()
        with m.FSM():
            with m.State("WAIT"):
                m.d.comb += [
                    read.addr.eq(self.address - Counter.FIRED),
                    write.en.eq(sweeping),
                    write.addr.eq(sweep),
                ]
                m.d.sync += [
                    segment.eq(Mux(h_waits, h_segment, 0)),
                    amount.eq(Mux(h_waits, h_count, x_count)),
                ]
                with m.If(h_waits | x_waits):
                    m.d.sync += [h_waits.eq(0), x_waits.eq(x_waits & h_waits)]
                    m.next = "FETCH"
            with m.State("FETCH"):
                m.d.comb += read.addr.eq(segment)
                m.next = "ADD"
            with m.State("ADD"):
                m.d.sync += total.eq(read.data + amount)
                m.next = "STORE"
            with m.State("STORE"):
                m.d.comb += [write.en.eq(1), write.addr.eq(segment), write.data.eq(total)]
                m.next = "WAIT"
        with m.If(sweeping):
            m.d.sync += [sweep.eq(sweep + 1), sweeping.eq(sweep != SEGMENTS - 1)]
        with m.If(self.x_listed):
            m.d.sync += [x_waits.eq(1), x_count.eq(self.x_count)]
        with m.If(self.h_listed):
            m.d.sync += [
                h_waits.eq(1),
                h_count.eq(self.h_count),
                h_segment.eq(self.h_segment),
            ]
        with m.If(self.clear):
            m.d.sync += [
                signal.eq(0) for signal in (step, step_cycles, busy, idle, saturations, skipped)
            ]
            m.d.sync += [sweep.eq(0), sweeping.eq(1), x_waits.eq(0), h_waits.eq(0)]

        # Read out.
        address, chosen = Signal.like(self.address), Signal(COUNTER_BITS)
        m.d.sync += address.eq(self.address)
        values = {
            Counter.STEP_CYCLES: step_cycles,
            Counter.BUSY_CYCLES: busy,
            Counter.IDLE_CYCLES: idle,
            Counter.SATURATIONS: saturations,
            Counter.SKIPPED_LAYERS: skipped,
        }
        with m.Switch(address):
            for number, value in values.items():
                with m.Case(number.value):
                    m.d.comb += chosen.eq(value)
            with m.Default():
                m.d.comb += chosen.eq(read.data)
        m.d.sync += self.value.eq(chosen)
        return m
