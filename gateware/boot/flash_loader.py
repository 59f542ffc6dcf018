"""Flash loader: a network from the SPI flash into the core's memories."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.access import region_port
from thresh.layout.flash_slots import (
    CRC_BYTES,
    CRC_POLYNOMIAL,
    CRC_RESIDUE,
    NUMBER_BYTES,
    BootResult,
)

from .flash_reader import FlashReader
from .record_writer import RecordWriter
from .slot_choice import HEADER_BITS, SlotChoice

CRC_BITS = 8 * CRC_BYTES
NUMBER_BITS = 8 * NUMBER_BYTES


class FlashLoader(wiring.Component):
    """``thresh.layout.flash_boot.boot`` after reset, once.

    A slot is read twice: no word is written before the first reading has been found whole, and
    nothing is said to be loaded before the second has. A start takes
    `thresh.layout.flash_boot.boot_cycles`.

    Cost on iCE40: 340 logic cells, no block RAM; with words of 64 bits.

    Parameters
    ----------
    layout : thresh.layout.flash_slots.FlashLayout
    word_bits : int
        Of the core's widest region.
    divisor, wake_cycles : int
        As the `FlashReader`'s.

    Members
    -------
    access : Out(`region_port`)
    done : Out(1)
        ``result`` is final.
    result : Out(`BootResult`)
    slot : Out(1)
        Which was loaded.
    numbered : Out(1)
        The last bits of what ``access`` writes are the low ones of the sequence number of the slot
        that is tried.
    sck, cs_n, mosi : Out(1), miso : In(1)
    """

    def __init__(self, *, layout, word_bits=64, divisor=2, wake_cycles=72):
        if word_bits > 8 * layout.word_bytes:
            raise ValueError(
                f"Words of {8 * layout.word_bytes} bits in the flash do not hold {word_bits!r}"
            )
        self.layout = layout
        self.word_bits = word_bits
        self.divisor = divisor
        self.wake_cycles = wake_cycles
        self.reader = FlashReader(layout=layout, divisor=divisor, wake_cycles=wake_cycles)
        super().__init__(
            {
                "access": Out(region_port(word_bits)),
                "done": Out(1),
                "result": Out(BootResult),
                "slot": Out(1),
                "numbered": Out(1),
                "sck": Out(1),
                "cs_n": Out(1, init=1),
                "mosi": Out(1),
                "miso": In(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.reader = reader = self.reader
        m.submodules.choice = choice = SlotChoice()
        m.submodules.writer = writer = RecordWriter(word_bits=self.word_bits)
        bits = 8 * self.layout.word_bytes
        word, crc = Signal(bits), Signal(CRC_BITS)
        place = Signal(range(max(HEADER_BITS, bits)))
        left, last, surveys = Signal(self.layout.length_bits), Signal(), Signal(init=1)
        self._wire(m, reader, choice, writer)
        m.d.comb += [
            last.eq(reader.strobe & (place == 0)),
            choice.place.eq(place),
            writer.word.eq(word),
        ]
        m.d.sync += writer.whole.eq(0)
        with m.If(reader.strobe):
            feedback = (crc[-1] ^ reader.bit).replicate(CRC_BITS) & CRC_POLYNOMIAL
            m.d.sync += [word.eq(Cat(reader.bit, word)), crc.eq((crc << 1) ^ feedback)]
            m.d.sync += place.eq(place - 1)
        with m.FSM():
            with m.State("BEGIN"):
                m.d.comb += writer.clear.eq(1)
                m.d.sync += [place.eq(HEADER_BITS - 1), crc.eq(~0)]
                m.next = "HEADER"
            with m.State("HEADER"):
                m.d.comb += [
                    reader.run.eq(1),
                    choice.strobe.eq(surveys & reader.strobe),
                    self.numbered.eq(~surveys & (place == NUMBER_BITS - 1)),
                ]
                with m.If(last):
                    m.next = "LENGTH"
            with m.State("LENGTH"):
                m.d.comb += reader.run.eq(~surveys)
                m.d.sync += [left.eq(word), place.eq(bits - 1)]
                m.next = "WORDS"
                with m.If(word[: len(left)] == 0):
                    m.d.sync += place.eq(CRC_BITS - 1)
                    m.next = "CRC"
                with m.If(surveys):
                    self._survey(m, choice, surveys)
            with m.State("WORDS"):
                m.d.comb += reader.run.eq(1)
                with m.If(last):
                    m.d.sync += [left.eq(left - 1), writer.whole.eq(1), place.eq(bits - 1)]
                    with m.If(left == 1):
                        m.d.sync += place.eq(CRC_BITS - 1)
                        m.next = "CRC"
            with m.State("CRC"):
                m.d.comb += reader.run.eq(1)
                with m.If(last):
                    m.next = "JUDGE"
            with m.State("JUDGE"):
                self._judge(m, choice, writer, crc == CRC_RESIDUE)
            with m.State("END"):
                m.d.comb += self.done.eq(1)
        return m

    def _wire(self, m, reader, choice, writer):
        wiring.connect(m, writer.access, wiring.flipped(self.access))
        m.d.comb += [
            self.sck.eq(reader.sck),
            self.cs_n.eq(reader.cs_n),
            self.mosi.eq(reader.mosi),
            reader.miso.eq(self.miso),
            reader.slot.eq(self.slot),
            choice.bit.eq(reader.bit),
            choice.slot.eq(self.slot),
        ]

    def _survey(self, m, choice, surveys):
        """The other slot's header, then the body that is tried first."""
        m.next = "BEGIN"
        m.d.sync += self.slot.eq(1)
        with m.If(self.slot):
            m.d.sync += [surveys.eq(0), self.slot.eq(choice.first)]
            with m.If(~choice.named.any()):
                m.next = "END"

    def _judge(self, m, choice, writer, good):
        """After the second good reading the network is there; after a bad one the other slot."""
        passed_over = Signal()
        m.next = "BEGIN"
        with m.If(good):
            m.d.sync += writer.enable.eq(1)
            with m.If(writer.enable):
                m.d.sync += writer.enable.eq(0)
                m.d.sync += self.result.eq(
                    Mux(passed_over | choice.broken, BootResult.FELL_BACK, BootResult.LOADED)
                )
                m.next = "END"
        with m.Else():
            m.d.sync += [writer.enable.eq(0), passed_over.eq(1), self.slot.eq(~self.slot)]
            with m.If(passed_over | ~choice.named.all()):
                m.next = "END"
