"""The states in which a packet's words come in and an answer's words go out."""

from amaranth import *

from thresh.layout.link import READ_LATENCY, Counter, Region

from .answer_bytes import Source
from .packet_inbox import RESULT_CYCLES


class Progress:
    """How far a packet has come.

    Parameters
    ----------
    packet_bytes : int

    Attributes
    ----------
    position, at_end : Signal
        Of a byte of the packet or of IDENTIFY's answer; it was the packet's last in the cycle
        before.
    in_words : Signal
        It belonged to a word in the cycle before.
    words_left, last_word : Signal
        Words still to be read; it was one in the cycle before.
    cycles : Signal
        Cycles of a wait.
    wrong : Signal
        The step that is over was no network's, or its outputs fit no packet.
    reads_cycles : Signal
        The words that are read are a step's cycles: its outputs follow.
    """

    def __init__(self, packet_bytes):
        self.position = Signal(range(packet_bytes + 1))
        self.at_end = Signal()
        self.in_words = Signal()
        self.words_left = Signal(range(packet_bytes))
        self.last_word = Signal()
        self.cycles = Signal(range(max(READ_LATENCY, RESULT_CYCLES) + 1))
        self.wrong = Signal()
        self.reads_cycles = Signal()


class WordStates:
    """Part of the state machine of the `PacketExecutor`, whose members these are."""

    def _collect_word(self, m, now):
        """A word of a WRITE or an input of a STEP, byte by byte."""
        with m.State("FETCH_BYTE"):
            m.next = "AWAIT_BYTE"
        with m.State("AWAIT_BYTE"):
            m.d.sync += now.position.eq(now.position + 1)
            m.next = "INSERT_BYTE"
        with m.State("INSERT_BYTE"):
            m.d.sync += [self.word.move.eq(1), self.word.index.eq(self.word.index + now.in_words)]
            m.d.comb += self.checksum.put.eq(self.packet.is_write)
            m.next = "FETCH_BYTE"
            with m.If(self.word.last & self.packet.is_step):
                m.next = "INPUT"
            with m.Elif(self.word.last):
                m.next = "WRITE"

    def _write(self, m, now):
        """WRITE: the word is stored."""
        access = self.access
        with m.State("WRITE"):
            m.d.sync += access.write.eq(1)
            m.next = "WRITTEN"
        with m.State("WRITTEN"):
            m.d.sync += [
                access.write.eq(0),
                access.address.eq(access.address + 1),
                self.word.index.eq(0),
            ]
            m.next = "FETCH_BYTE"
            with m.If(now.at_end):
                m.next = "SEND"

    def _begin_read(self, m, now, region, address, count):
        """Append ``count`` words to the answer."""
        m.d.sync += [
            self.access.region.eq(region),
            self.access.address.eq(address),
            self.access.enable.eq(1),
            now.words_left.eq(count),
            now.cycles.eq(0),
        ]
        m.next = "READ"

    def _read(self, m, now):
        """READ, and the end of a STEP: a word is fetched, its bytes are appended."""
        access, word = self.access, self.word
        with m.State("READ"):
            m.d.sync += [now.cycles.eq(now.cycles + 1), word.index.eq(0)]
            with m.If(now.cycles == READ_LATENCY - 1):
                m.d.sync += [word.move.eq(1), word.load.eq(1)]
            with m.If(word.load):
                m.next = "APPEND_BYTE"
        with m.State("APPEND_BYTE"):
            self._put(m, Source.WORD)
            m.d.sync += [word.move.eq(1), word.index.eq(word.index + 1)]
            m.next = "NEXT_BYTE"
            with m.If(word.last):
                m.d.sync += [
                    access.address.eq(access.address + 1),
                    now.words_left.eq(now.words_left - 1),
                    now.cycles.eq(0),
                ]
                m.next = "READ"
                with m.If(now.last_word):
                    m.next = "SEND"
                    with m.If(now.reads_cycles):
                        m.d.sync += now.reads_cycles.eq(0)
                        count = self.output_words_minus_1 + 1
                        self._begin_read(m, now, Region.STATE, self.output_base, count)
        with m.State("NEXT_BYTE"):
            m.next = "APPEND_BYTE"

    def _step(self, m, now, accepted):
        """STEP: an input is handed over; after the last, cycles and outputs are appended."""
        with m.State("INPUT"):
            m.d.sync += [self.x.valid.eq(1), self.word.index.eq(0)]
            m.next = "OFFER"
        with m.State("OFFER"):
            with m.If(accepted):
                m.next = "FETCH_BYTE"
                with m.If(now.at_end):
                    m.d.sync += now.reads_cycles.eq(1)
                    m.next = "AWAIT_STEP"
        with m.State("AWAIT_STEP"):
            with m.If(self.done):
                m.next = "AWAIT_IDLE"

    def _end_step(self, m, now):
        """A step of no network is the last one: no answer to it can be asked for again."""
        with m.State("AWAIT_IDLE"):
            with m.If(~self.busy):
                self._begin_read(m, now, Region.COUNTERS, Counter.STEP_CYCLES, 1)
                with m.If(now.wrong):
                    m.d.sync += [
                        self.access.enable.eq(0),
                        self.loaded.eq(0),
                        self.faulty.eq(1),
                        self.packet.answered.eq(0),
                    ]
                    m.next = "REFUSE"
        with m.State("REFUSE"):
            m.d.sync += self.answer.refuse.eq(1)
            m.next = "RELEASE"

    def _put(self, m, source):
        """Append a byte to the answer."""
        m.d.comb += [self.answer.put.eq(1), self.answer.source.eq(source)]
