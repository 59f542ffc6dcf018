"""Flash reader: the bits of a slot, from its header on."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

READ, WAKE = 0x03, 0xAB
COMMAND_BITS, ADDRESS_BITS, WAKE_BITS = 32, 24, 8


class FlashReader(wiring.Component):
    """SPI master of a NOR flash, mode 0, one bit a time, command 0x03.

    After reset it wakes the flash, which sleeps after an iCE40 was configured from it. A read takes
    ``32 * divisor + 1`` cycles from ``run`` until its first bit's time, and every bit ``divisor``;
    between two selections lie ``wake_cycles`` at least. ``miso`` is taken at the end of the bit's
    time, one period after the edge that launched it.

    Parameters
    ----------
    layout : thresh.layout.flash_slots.FlashLayout
    divisor : int
        Cycles of ``sck``, even and at least 2.
    wake_cycles : int
        Cycles in which the flash wakes up, 3 us with most.

    Members
    -------
    run : In(1)
        Read from the header of ``slot`` on, until it falls for a cycle; not before the first bit.
    slot : In(1)
    strobe : Out(1), bit : Out(1)
        The next bit is there.
    sck, cs_n, mosi : Out(1), miso : In(1)
    """

    def __init__(self, *, layout, divisor=2, wake_cycles=72):
        if divisor < 2 or divisor % 2:
            raise ValueError(
                f"A flash clock takes an even number of cycles from 2, not {divisor!r}"
            )
        if wake_cycles < 1:
            raise ValueError(f"A flash wakes up in at least 1 cycle, not {wake_cycles!r}")
        self.layout = layout
        self.divisor = divisor
        self.wake_cycles = wake_cycles
        super().__init__(
            {
                "run": In(1),
                "slot": In(1),
                "strobe": Out(1),
                "bit": Out(1),
                "sck": Out(1),
                "cs_n": Out(1, init=1),
                "mosi": Out(1),
                "miso": In(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        phase, rest = Signal(range(self.divisor)), Signal(range(self.wake_cycles))
        place = Signal(range(COMMAND_BITS), init=COMMAND_BITS - 1)
        last, waking = Signal(), Signal()
        m.d.comb += [last.eq(~self.cs_n & (phase == self.divisor - 1)), self.bit.eq(self.miso)]
        with m.If(self.cs_n | last):
            m.d.sync += [phase.eq(0), self.sck.eq(0)]
        with m.Else():
            m.d.sync += [phase.eq(phase + 1), self.sck.eq(phase >= self.divisor // 2 - 1)]
        reads = [READ << ADDRESS_BITS | self.layout.header_address(slot) for slot in (0, 1)]
        command = Mux(self.slot, C(reads[1], COMMAND_BITS), C(reads[0], COMMAND_BITS))
        wake = C(WAKE << COMMAND_BITS - WAKE_BITS, COMMAND_BITS)
        m.d.comb += self.mosi.eq(Mux(waking, wake, command).bit_select(place, 1))
        with m.If(last):
            m.d.sync += place.eq(place - 1)
        with m.FSM():
            with m.State("WAKE"):
                m.d.comb += waking.eq(1)
                m.d.sync += self.cs_n.eq(0)
                with m.If(last & (place == COMMAND_BITS - WAKE_BITS)):
                    m.d.sync += self.cs_n.eq(1)
                    m.next = "REST"
            with m.State("REST"):
                m.d.sync += [place.eq(COMMAND_BITS - 1), rest.eq(rest + 1)]
                with m.If(rest == self.wake_cycles - 1):
                    m.d.sync += rest.eq(0)
                    m.next = "IDLE"
            with m.State("IDLE"):
                with m.If(self.run):
                    m.d.sync += self.cs_n.eq(0)
                    m.next = "COMMAND"
            with m.State("COMMAND"):
                with m.If(last & (place == 0)):
                    m.next = "READ"
            with m.State("READ"):
                m.d.comb += self.strobe.eq(last)
                with m.If(~self.run):
                    m.d.sync += self.cs_n.eq(1)
                    m.next = "REST"
        return m
