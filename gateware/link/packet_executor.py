"""Packet executor: does what a packet asks, and says which bytes answer it."""

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.access import region_port
from thresh.layout.link import IDENTITY_BYTES, WRITE_OVERHEAD, Region
from thresh.layout.packet_budget import most_outputs

from .answer_bytes import Source, answer_port
from .packet_inbox import RESULT_CYCLES, packet_port
from .word_register import word_port
from .word_states import Progress, WordStates
from .write_checksum import WriteChecksum

PAYLOAD_AT = 2
"""Where a payload begins in its packet, and with it the inputs of a STEP."""

DATA_AT = PAYLOAD_AT + WRITE_OVERHEAD
"""Where the words of a WRITE begin; what lies before them only enters the checksum."""

RESET_CYCLES = 4
"""Cycles after which a new sequence has made the core busy."""


class PacketExecutor(WordStates, wiring.Component):
    """One packet at a time; a packet that is not executed changes nothing.

    Parameters
    ----------
    geometry : thresh.layout.geometry.Geometry
    loaded : bool
        A network is there from power-up.

    Members
    -------
    packet : In(`packet_port`)
    answer : Out(`answer_port`)
    word : Out(`word_port`)
    x, new_sequence, done, busy, fault, access, ... :
        To the `Core`, by the same names.
    loaded : Out(1)
        No longer once a step has shown that the memories hold no network.
    faulty : Out(1)
        They do not: what is refused is.
    nonce : Out(16)
        That the last IDENTIFY gave.
    written : Out(32)
        `thresh.layout.link.checksum` of the payloads of all WRITEs since the last COMMIT of 0.
    """

    def __init__(self, *, geometry, loaded=False):
        self.geometry = geometry
        self.preloaded = loaded
        bits = geometry.weight_word_bits
        super().__init__(
            {
                "packet": In(packet_port(geometry.packet_bytes)),
                "answer": Out(answer_port()),
                "word": Out(word_port(bits)),
                "x": Out(stream.Signature(signed(geometry.value_bits))),
                "new_sequence": Out(1),
                "done": In(1),
                "busy": In(1),
                "fault": In(1),
                "access": Out(region_port(bits)),
                "output_base": In(16),
                "output_words_minus_1": In(16),
                "loaded": Out(1, init=int(loaded)),
                "faulty": Out(1),
                "nonce": Out(16),
                "written": Out(32),
            }
        )

    def elaborate(self, platform):
        m = Module()
        now = Progress(self.geometry.packet_bytes)
        accepted = Signal()
        m.submodules.checksum = self.checksum = checksum = WriteChecksum()
        m.d.comb += [
            checksum.byte.eq(self.packet.read_data),
            self.written.eq(checksum.value),
            self.packet.read_address.eq(now.position),
            self.answer.position.eq(now.position),
            self.word.region.eq(self.access.region),
            self.access.write_data.eq(self.word.word),
            self.x.payload.eq(self.word.word),
        ]
        # Comparisons are registered: what they compare rests for a cycle before they are used.
        m.d.sync += [
            now.at_end.eq(now.position == self.packet.end),
            now.in_words.eq(self.packet.is_step | (now.position >= DATA_AT)),
            now.last_word.eq(now.words_left == 1),
            accepted.eq(self.x.valid & self.x.ready),
            now.wrong.eq(self.fault | (self.output_words_minus_1 >= most_outputs(self.geometry))),
            self.answer.send.eq(0),
            self.answer.refuse.eq(0),
            self.word.move.eq(0),
            self.word.load.eq(0),
        ]
        with m.If(self.x.ready):
            m.d.sync += self.x.valid.eq(0)
        with m.FSM():
            self._decide(m, now)
            self._begin(m, now)
            self._identify(m, now)
            self._await_sequence(m, now)
            self._collect_word(m, now)
            self._write(m, now)
            self._read(m, now)
            self._step(m, now, accepted)
            self._end_step(m, now)
            self._finish(m)
        return m

    def _decide(self, m, now):
        """A packet is checked whole before anything happens."""
        packet, answer = self.packet, self.answer
        with m.State("IDLE"):
            m.d.sync += [now.reads_cycles.eq(0), now.cycles.eq(0), self.faulty.eq(0)]
            with m.If(packet.held & ~answer.busy):
                m.next = "CHECK"
        with m.State("CHECK"):
            m.d.sync += now.cycles.eq(now.cycles + 1)
            with m.If(now.cycles == RESULT_CYCLES):
                m.next = "DECIDE"
        with m.State("DECIDE"):
            with m.If(packet.damaged):
                m.d.sync += answer.refuse.eq(1)
                m.next = "RELEASE"
            with m.Elif(packet.repeated):
                m.d.sync += answer.send.eq(1)
                m.next = "RELEASE"
            with m.Elif(packet.refused):
                m.d.sync += answer.refuse.eq(1)
                m.next = "RELEASE"
            with m.Else():
                m.d.comb += answer.clear.eq(1)
                m.next = "ANSWER_SEQUENCE"

    def _begin(self, m, now):
        """Every answer begins with two bytes; meanwhile the command begins."""
        packet, access = self.packet, self.access
        with m.State("ANSWER_SEQUENCE"):
            self._put(m, Source.SEQUENCE)
            m.next = "ANSWER_STATUS"
        with m.State("ANSWER_STATUS"):
            self._put(m, Source.COMMAND)
            m.d.sync += [
                access.region.eq(packet.region),
                access.address.eq(packet.address),
                self.word.index.eq(0),
                now.cycles.eq(0),
            ]
            with m.If(packet.is_identify):
                given = Cat(packet.region, packet.address[:8])
                m.d.sync += [now.position.eq(0), self.nonce.eq(Mux(packet.bare, 0, given))]
                m.next = "IDENTIFY"
            with m.If(packet.is_write):
                m.d.sync += [now.position.eq(PAYLOAD_AT), access.enable.eq(1)]
                m.next = "FETCH_BYTE"
            with m.If(packet.is_read):
                self._begin_read(m, now, packet.region, packet.address, packet.count)
            with m.If(packet.is_commit):
                m.d.sync += self.loaded.eq(packet.region[0])
                m.d.comb += self.checksum.clear.eq(~packet.region[0])
                m.next = "SEND"
            with m.If(packet.is_new_sequence):
                m.d.sync += self.new_sequence.eq(1)
                m.next = "AWAIT_SEQUENCE"
            with m.If(packet.is_step):
                m.d.sync += [now.position.eq(PAYLOAD_AT), access.region.eq(Region.REFERENCES)]
                m.next = "FETCH_BYTE"

    def _identify(self, m, now):
        with m.State("IDENTIFY"):
            self._put(m, Source.IDENTITY)
            m.d.sync += now.position.eq(now.position + 1)
            with m.If(now.position == IDENTITY_BYTES - 1):
                m.next = "SEND"

    def _await_sequence(self, m, now):
        """The core is busy only some cycles after it is asked for a new sequence."""
        with m.State("AWAIT_SEQUENCE"):
            elapsed = now.cycles == RESET_CYCLES
            m.d.sync += [
                self.new_sequence.eq(0),
                now.cycles.eq(now.cycles + (now.cycles < RESET_CYCLES)),
            ]
            with m.If(elapsed & ~self.busy):
                m.next = "SEND"

    def _finish(self, m):
        """The answer is sent, its packet forgotten but for its number."""
        packet = self.packet
        with m.State("SEND"):
            m.d.sync += [self.answer.send.eq(1), self.access.enable.eq(0)]
            m.d.sync += [
                packet.answered.eq(1),
                packet.last_sequence.eq(packet.sequence),
                packet.last_check.eq(packet.check),
            ]
            m.next = "RELEASE"
        with m.State("RELEASE"):
            m.d.comb += packet.release.eq(1)
            m.next = "IDLE"
