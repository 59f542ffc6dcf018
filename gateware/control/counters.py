"""Counters: what a sequence cost so far."""

from functools import reduce
from operator import or_

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from thresh.gateware.encode.nonzero_queue import SEGMENTS
from thresh.layout.link import COUNTER_WORDS, Counter
from thresh.model.network import MAX_LAYERS

COUNTER_BITS = 32

NOTHING = COUNTER_WORDS - 1
"""A word that has no meaning and stays 0."""

REPLACE_STEP, ADD_STEP, ADD_SKIPPED = 1, 2, 3
"""What follows an addition: its amount replaces, or is added to, the step's cycles; or the
skipped layers are added."""


class Counters(wiring.Component):
    """Words of `thresh.layout.link.Counter`, modulo 2**32, added up in a memory between steps.

    A list's length must hold for 10 cycles after it is done.

    Parameters
    ----------
    count_bits : int
        Width of a list's length.
    saturation_bits : int
        Width of the saturations of one cycle.
    step_bits : int
        A step may cost fewer than ``2**step_bits`` cycles, events or saturations.

    Members
    -------
    clear : In(1)
    active, issue, done, skip : In(1)
        A step is under way; an event enters the lanes; the step is complete; a layer is skipped.
    saturated : In
        Values clipped in this cycle.
    x_done, h_done : In(1), x_count, h_count, h_segment : In
        Lists completed, their lengths, and the hidden list's number.
    busy : Out(1)
        Amounts are still to be added.
    address : In, value : Out(32)
        Two cycles, while not ``busy``.
    """

    def __init__(self, *, count_bits, saturation_bits, step_bits):
        self.count_bits = count_bits
        self.saturation_bits = saturation_bits
        self.step_bits = step_bits
        super().__init__(
            {
                "clear": In(1),
                "active": In(1),
                "issue": In(1),
                "done": In(1),
                "skip": In(1),
                "saturated": In(saturation_bits),
                "x_done": In(1),
                "x_count": In(count_bits),
                "h_done": In(1),
                "h_count": In(count_bits),
                "h_segment": In(range(SEGMENTS)),
                "busy": Out(1),
                "address": In(range(COUNTER_WORDS)),
                "value": Out(COUNTER_BITS),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.totals = totals = Memory(shape=COUNTER_BITS, depth=COUNTER_WORDS, init=[])
        read, write = totals.read_port(), totals.write_port()

        # What has not been added yet.
        busy, idle = Signal(self.step_bits), Signal(self.step_bits)
        saturations, skipped = Signal(self.step_bits), Signal(range(MAX_LAYERS + 1))
        saturated = Signal.like(self.saturated)
        issued, stalled = Signal(), Signal()
        m.d.sync += [
            issued.eq(self.active & self.issue),
            stalled.eq(self.active & ~self.issue),
            busy.eq(busy + issued),
            idle.eq(idle + stalled),
            saturated.eq(self.saturated),
            saturations.eq(saturations + saturated),
            skipped.eq(skipped + self.skip),
        ]

        # One amount after another is moved into the memory; the cycles go to two counters.
        moves = (
            (Counter.FIRED, self.x_count, 0),
            (Counter.FIRED + self.h_segment, self.h_count, 0),
            (Counter.BUSY_CYCLES, busy, REPLACE_STEP),
            (Counter.IDLE_CYCLES, idle, ADD_STEP),
            (Counter.SATURATIONS, saturations, ADD_SKIPPED),
        )
        waits, amount = Signal(len(moves)), Signal(self.step_bits)
        first, pending = Signal.like(waits), Signal()
        m.d.sync += [first.eq(waits & (~waits + 1)), pending.eq(waits.any())]
        asked = Signal.like(self.address)
        m.d.sync += asked.eq(self.address)
        place, again = Signal(range(COUNTER_WORDS)), Signal(2)
        total, replace = Signal(COUNTER_BITS), Signal()
        cleared, clearing = Signal(range(COUNTER_WORDS)), Signal()

        def chosen(values):
            """Of the amount that is moved first."""
            return reduce(or_, (Mux(first[n], value, 0) for n, value in enumerate(values)))

        m.d.comb += self.busy.eq(1)
        with m.FSM():
            with m.State("REST"):
                m.d.comb += [
                    read.addr.eq(asked),
                    self.busy.eq(clearing | waits.any()),
                    write.en.eq(clearing),
                    write.addr.eq(cleared),
                ]
                with m.If(pending):
                    m.d.sync += [
                        waits.eq(waits & ~first),
                        place.eq(chosen(where for where, _, _ in moves)),
                        amount.eq(chosen(value for _, value, _ in moves)),
                        again.eq(chosen(then for _, _, then in moves)),
                    ]
                    m.next = "FETCH"
                with m.If(first[2]):
                    m.d.sync += busy.eq(issued)
                with m.If(first[3]):
                    m.d.sync += idle.eq(stalled)
                with m.If(first[4]):
                    m.d.sync += saturations.eq(saturated)
            with m.State("FETCH"):
                m.d.comb += read.addr.eq(Mux(replace, NOTHING, place))
                m.next = "ADD"
            with m.State("ADD"):
                m.d.sync += total.eq(read.data + amount)
                m.next = "WRITE"
            with m.State("WRITE"):
                m.d.comb += [write.en.eq(1), write.addr.eq(place), write.data.eq(total)]
                m.d.sync += [again.eq(0), replace.eq(again == REPLACE_STEP)]
                m.next = "REST"
                with m.If(again == ADD_SKIPPED):
                    m.d.sync += [
                        place.eq(Counter.SKIPPED_LAYERS),
                        amount.eq(skipped),
                        skipped.eq(self.skip),
                    ]
                    m.next = "FETCH"
                with m.Elif(again != 0):
                    m.d.sync += place.eq(Counter.STEP_CYCLES)
                    m.next = "FETCH"
        m.d.comb += self.value.eq(read.data)

        with m.If(self.x_done):
            m.d.sync += waits[0].eq(1)
        with m.If(self.h_done):
            m.d.sync += waits[1].eq(1)
        with m.If(self.done):
            m.d.sync += waits[2:].eq(-1)
        with m.If(clearing):
            m.d.sync += [cleared.eq(cleared + 1), clearing.eq(cleared != COUNTER_WORDS - 1)]
        with m.If(self.clear):
            m.d.sync += [cleared.eq(0), clearing.eq(1), waits.eq(0), first.eq(0), pending.eq(0)]
            m.d.sync += [signal.eq(0) for signal in (busy, idle, saturations, skipped)]
        return m
