"""UART, 8 data bits, no parity, 1 stop bit."""

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from thresh.layout.link import BREAK_BITS, MIN_BIT_CYCLES


class UartReceiver(wiring.Component):
    """Bytes from a line that is already synchronous to the clock.

    A byte is sampled in the middle of its bits; one whose stop bit is not high is dropped. A byte
    that is not taken before the next one ends is lost. A line that stays low for
    `thresh.layout.link.BREAK_BITS` bit times is a break.

    Parameters
    ----------
    divisor : int
        Clock cycles per bit, at least `thresh.layout.link.MIN_BIT_CYCLES`.

    Members
    -------
    rx : In(1)
    o : Out(stream of 8 bits)
    broken : Out(1)
        A break, for a cycle; again every 32 bit times of a longer one.
    """

    def __init__(self, *, divisor):
        if divisor < MIN_BIT_CYCLES:
            raise ValueError(
                f"A bit must last at least {MIN_BIT_CYCLES} clock cycles, not {divisor!r}"
            )
        self.divisor = divisor
        super().__init__({"rx": In(1, init=1), "o": Out(stream.Signature(8)), "broken": Out(1)})

    def elaborate(self, platform):
        m = Module()
        timer, bits = Signal(range(self.divisor)), Signal(range(32))
        shift = Signal(8)
        # Each is known a cycle ahead.
        due, starts, stops = Signal(), Signal(), Signal()
        m.d.sync += [due.eq(0), starts.eq(bits == 0), stops.eq(bits == 9), self.broken.eq(0)]
        with m.If(self.o.ready):
            m.d.sync += self.o.valid.eq(0)
        with m.FSM():
            with m.State("IDLE"):
                m.d.sync += [timer.eq(self.divisor // 2 - 1), bits.eq(0)]
                with m.If(~self.rx):
                    m.next = "RECEIVE"
            with m.State("RECEIVE"):
                m.d.sync += [timer.eq(timer - 1), due.eq(timer == 1)]
                with m.If(due):
                    m.d.sync += [timer.eq(self.divisor - 1), bits.eq(bits + 1)]
                    m.d.sync += shift.eq(Cat(shift[1:], self.rx))
                    with m.If(starts):
                        with m.If(self.rx):  # A glitch, not a start bit.
                            m.next = "IDLE"
                    with m.Elif(stops):
                        m.d.sync += shift.eq(shift)
                        with m.If(self.rx):
                            m.d.sync += [self.o.payload.eq(shift), self.o.valid.eq(1)]
                        m.next = "AWAIT_HIGH"
            with m.State("AWAIT_HIGH"):
                m.d.sync += [timer.eq(timer - 1), due.eq(timer == 1)]
                with m.If(due):
                    m.d.sync += [timer.eq(self.divisor - 1), bits.eq(bits + 1)]
                    m.d.sync += self.broken.eq(bits == BREAK_BITS - 1)
                with m.If(self.rx):
                    m.next = "IDLE"
        return m


class UartTransmitter(wiring.Component):
    """Bytes to a line.

    Parameters
    ----------
    divisor : int
        Clock cycles per bit, at least 3.

    Members
    -------
    i : In(stream of 8 bits)
    tx : Out(1)
    """

    def __init__(self, *, divisor):
        if divisor < 3:
            raise ValueError(f"A bit must last at least 3 clock cycles, not {divisor!r}")
        self.divisor = divisor
        super().__init__({"i": In(stream.Signature(8)), "tx": Out(1, init=1)})

    def elaborate(self, platform):
        m = Module()
        timer, left = Signal(range(self.divisor)), Signal(range(11))
        shift = Signal(9)
        # The end of a bit is known a cycle ahead.
        due, idle = Signal(), Signal(init=1)
        m.d.comb += self.i.ready.eq(idle)
        m.d.sync += due.eq(timer == 1)
        with m.If(idle):
            m.d.sync += timer.eq(self.divisor - 1)
            with m.If(self.i.valid):
                m.d.sync += [
                    self.tx.eq(0),
                    shift.eq(Cat(self.i.payload, 1)),
                    left.eq(9),
                    idle.eq(0),
                ]
        with m.Else():
            m.d.sync += timer.eq(Mux(due, self.divisor - 1, timer - 1))
            with m.If(due):
                m.d.sync += [
                    self.tx.eq(shift[0]),
                    shift.eq(Cat(shift[1:], 1)),
                    left.eq(left - 1),
                    idle.eq(left == 0),
                ]
        return m
