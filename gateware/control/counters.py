"""Counters: what a sequence cost so far."""

from functools import reduce
from operator import or_

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from thresh.gateware.encode.nonzero_queue import SEGMENTS
from thresh.gateware.lib.memory_shape import MemoryShape
from thresh.layout.link import COUNTER_FULL, COUNTER_WORDS, Counter
from thresh.model.network import MAX_LAYERS

COUNTER_BITS = 32

FULL_ONES = COUNTER_FULL.bit_count()
"""Bits of a counter that is full: ones at the top, zeros below."""

NOTHING = COUNTER_WORDS - 1
"""A word that has no meaning and stays 0."""

REPLACE_STEP, ADD_STEP, ADD_SKIPPED = 1, 2, 3
"""What follows an addition: its amount replaces, or is added to, the step's cycles; or the
skipped layers are added."""


class Counters(wiring.Component):
    """Words of `thresh.layout.link.Counter`, added up in a memory between steps.

    One that has reached `thresh.layout.link.COUNTER_FULL` stays as it is. A list's length must hold
    for 10 cycles after it is done.

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
        if COUNTER_FULL + (1 << step_bits) > 1 << COUNTER_BITS:
            raise ValueError(f"A step's amounts must leave a counter room, not {step_bits} bits")
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

    @staticmethod
    def memories():
        """The memory."""
        return [MemoryShape(bits=COUNTER_BITS, words=COUNTER_WORDS)]

    def elaborate(self, platform):
        m = Module()
        m.submodules.totals = totals = Memory(shape=COUNTER_BITS, depth=COUNTER_WORDS, init=[])
        read, write = totals.read_port(), totals.write_port()
        m.d.comb += self.value.eq(read.data)
        costs, increments = self._costs(m)
        busy, idle, saturations, skipped = costs

        # One amount after another is moved into the memory; the cycles go to two counters.
        moves = (
            (Counter.FIRED, self.x_count, 0),
            (Counter.FIRED + self.h_segment, self.h_count, 0),
            (Counter.BUSY_CYCLES, busy, REPLACE_STEP),
            (Counter.IDLE_CYCLES, idle, ADD_STEP),
            (Counter.SATURATIONS, saturations, ADD_SKIPPED),
        )
        requests, chosen, pending = Signal(len(moves)), Signal(len(moves)), Signal()
        m.d.sync += [chosen.eq(requests & (~requests + 1)), pending.eq(requests.any())]
        address, cleared, clearing = Signal.like(self.address), Signal.like(self.address), Signal()
        place, amount, then = Signal.like(self.address), Signal(self.step_bits), Signal(2)
        total, replace, full = Signal(COUNTER_BITS), Signal(), Signal()
        m.d.sync += address.eq(self.address)
        m.d.comb += self.busy.eq(1)
        with m.FSM():
            with m.State("IDLE"):
                m.d.comb += [
                    read.addr.eq(address),
                    self.busy.eq(clearing | requests.any()),
                    write.en.eq(clearing),
                    write.addr.eq(cleared),
                ]
                with m.If(pending):
                    m.d.sync += requests.eq(requests & ~chosen)
                    for number, register in enumerate((place, amount, then)):
                        m.d.sync += register.eq(_select(chosen, [move[number] for move in moves]))
                    m.next = "FETCH"
                # What comes in the cycle in which an amount is taken counts for the next.
                for number, cost in enumerate((busy, idle, saturations)):
                    with m.If(chosen[2 + number]):
                        m.d.sync += cost.eq(increments[number])
            with m.State("FETCH"):
                m.d.comb += read.addr.eq(Mux(replace, NOTHING, place))
                m.next = "ADD"
            with m.State("ADD"):
                m.d.sync += [total.eq(read.data + amount), full.eq(read.data[-FULL_ONES:].all())]
                m.next = "WRITE"
            with m.State("WRITE"):
                m.d.comb += [write.en.eq(~full), write.addr.eq(place), write.data.eq(total)]
                m.d.sync += [then.eq(0), replace.eq(then == REPLACE_STEP)]
                m.next = "IDLE"
                with m.If(then == ADD_SKIPPED):
                    m.d.sync += [place.eq(Counter.SKIPPED_LAYERS), amount.eq(skipped)]
                    m.d.sync += skipped.eq(increments[3])
                    m.next = "FETCH"
                with m.Elif(then != 0):
                    m.d.sync += place.eq(Counter.STEP_CYCLES)
                    m.next = "FETCH"
        self._request(m, requests)
        self._clear(m, cleared, clearing, (requests, chosen, pending, *costs))
        return m

    def _costs(self, m):
        """Cycles with and without an event, saturations and skipped layers that have not been added
        yet; and by how much each grows in this cycle."""
        issued, stalled, saturated = Signal(), Signal(), Signal.like(self.saturated)
        m.d.sync += [
            issued.eq(self.active & self.issue),
            stalled.eq(self.active & ~self.issue),
            saturated.eq(self.saturated),
        ]
        increments = (issued, stalled, saturated, self.skip)
        costs = [Signal(self.step_bits, name=name) for name in ("busy", "idle", "saturations")] + [
            Signal(range(MAX_LAYERS + 1), name="skipped")
        ]
        for cost, increment in zip(costs, increments, strict=True):
            m.d.sync += cost.eq(cost + increment)
        return costs, increments

    def _request(self, m, requests):
        """Lists and steps that are done ask for their amounts to be added."""
        with m.If(self.x_done):
            m.d.sync += requests[0].eq(1)
        with m.If(self.h_done):
            m.d.sync += requests[1].eq(1)
        with m.If(self.done):
            m.d.sync += requests[2:].eq(-1)

    def _clear(self, m, address, clearing, registers):
        """Words are cleared one after another, ``registers`` at once."""
        with m.If(clearing):
            m.d.sync += [address.eq(address + 1), clearing.eq(address != COUNTER_WORDS - 1)]
        with m.If(self.clear):
            m.d.sync += [address.eq(0), clearing.eq(1), *(part.eq(0) for part in registers)]


def _select(chosen, values):
    """The value whose bit of ``chosen`` is set; 0 without one."""
    return reduce(or_, (Mux(chosen[n], value, 0) for n, value in enumerate(values)))
