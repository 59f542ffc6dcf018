"""Host link: executes the packets of `thresh.layout.link` on the core."""

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.core import READ_LATENCY
from thresh.gateware.lib.access import region_port
from thresh.layout.link import (
    ERROR,
    IDENTITY_BYTES,
    WRITE_OVERHEAD,
    Command,
    Counter,
    Fault,
    Region,
    word_bytes,
)

from .answer_bytes import AnswerBytes, Source
from .packet_judge import JUDGE_CYCLES, PacketJudge
from .packet_receiver import PacketReceiver
from .packet_sender import PacketSender

DATA_AT = 2 + WRITE_OVERHEAD
"""Where the words of a WRITE begin in its packet; the inputs of a STEP begin at 2."""


class HostLink(wiring.Component):
    """Bytes in, bytes out; between them, one packet at a time.

    A packet is judged whole before anything happens: a refused one changes nothing. A packet with
    the sequence number of the last executed one is answered again, not executed.

    Parameters
    ----------
    geometry : thresh.layout.geometry.Geometry
    clock_khz : int
        What IDENTIFY says.
    loaded : bool
        A network is there from power-up.

    Members
    -------
    i, o : In, Out(stream of 8 bits)
    x, new_sequence, done, busy, access, ... :
        To the `Core`, by the same names.
    loaded : Out(1)
    """

    def __init__(self, *, geometry, clock_khz, loaded=False):
        self.geometry = geometry
        self.clock_khz = clock_khz
        self.preloaded = loaded
        self.word_bits = geometry.weight_word_bits
        super().__init__(
            {
                "i": In(stream.Signature(8, always_ready=True)),
                "o": Out(stream.Signature(8)),
                "x": Out(stream.Signature(signed(geometry.value_bits))),
                "new_sequence": Out(1),
                "done": In(1),
                "busy": In(1),
                "access": Out(region_port(self.word_bits)),
                "output_base": In(16),
                "output_words_minus_1": In(16),
                "inputs_minus_1": In(16),
                "loaded": Out(1, init=int(loaded)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.receiver = receiver = PacketReceiver(packet_bytes=self.geometry.packet_bytes)
        m.submodules.sender = sender = PacketSender(packet_bytes=self.geometry.packet_bytes)
        m.d.comb += [receiver.i.valid.eq(self.i.valid), receiver.i.payload.eq(self.i.payload)]
        wiring.connect(m, sender.o, wiring.flipped(self.o))
        m.submodules.answer = answer = AnswerBytes(geometry=self.geometry, clock_khz=self.clock_khz)
        m.submodules.judge = judge = PacketJudge(geometry=self.geometry)
        fault = judge.fault
        m.d.comb += [
            judge.length.eq(receiver.length),
            judge.command.eq(receiver.command),
            judge.region.eq(receiver.region),
            judge.address.eq(receiver.address),
            judge.count.eq(receiver.count),
            judge.loaded.eq(self.loaded),
            judge.inputs_minus_1.eq(self.inputs_minus_1),
        ]

        # Bytes of a word: the lowest comes first.
        word, left = Signal(self.word_bits), Signal(range(self.word_bits // 8 + 1))
        size = self._by_region(m, "size", lambda region: word_bytes(region, self.geometry))
        # It moves in the cycle after the state that moves it, so that one register enables it.
        moves, loads = Signal(), Signal()
        inserted = Signal(self.word_bits)
        m.d.comb += inserted.eq(word >> 8)
        with m.If(moves):
            m.d.sync += word.eq(Mux(loads, self.access.read_data, inserted))
        for bytes_of_word in {word_bytes(region, self.geometry) for region in Region}:
            chosen = Signal(name=f"bytes_{bytes_of_word}")
            m.d.sync += chosen.eq(size == bytes_of_word)
            with m.If(chosen):
                m.d.comb += inserted.word_select(bytes_of_word - 1, 8).eq(receiver.read_data)
        position = Signal(range(self.geometry.packet_bytes + 1))
        words_left = Signal(range(self.geometry.packet_bytes))
        waiting = Signal(range(max(READ_LATENCY, JUDGE_CYCLES + 1) + 1))
        last_sequence, answered = Signal(8), Signal()
        reading_cycles, damaged, repeated, refused, accepted = (Signal() for _ in range(5))
        is_command = {kind: getattr(judge, f"is_{kind.name.lower()}") for kind in Command}
        # Comparisons are registered: what they compare rests for a cycle before they are used.
        stop, ends, last_byte, last_word = Signal.like(position), Signal(), Signal(), Signal()
        m.d.sync += [
            damaged.eq(~receiver.intact),
            repeated.eq(
                answered & (receiver.sequence == last_sequence) & ~is_command[Command.IDENTIFY]
            ),
            refused.eq(fault != 0),
            stop.eq(receiver.length - 2),
            ends.eq(position == stop),
            last_byte.eq(left == size - 1),
            last_word.eq(words_left == 1),
        ]
        m.d.comb += [
            receiver.read_address.eq(position),
            sender.sequence.eq(Mux(receiver.intact, receiver.sequence, 0)),
            sender.status.eq(ERROR | Mux(damaged, Fault.PACKET, fault)),
            self.access.write_data.eq(word),
            self.x.payload.eq(word),
            answer.sequence.eq(receiver.sequence),
            answer.command.eq(receiver.command),
            answer.loaded.eq(self.loaded),
            answer.position.eq(position),
            answer.word.eq(word),
            sender.put.eq(answer.valid),
            sender.byte.eq(answer.byte),
        ]

        def put(source):
            m.d.comb += [answer.put.eq(1), answer.source.eq(source)]

        def read(region, address, count):
            """Append ``count`` words to the answer."""
            m.d.sync += [self.access.region.eq(region), self.access.address.eq(address)]
            m.d.sync += words_left.eq(count)
            m.d.sync += [waiting.eq(0), self.access.enable.eq(1)]
            m.next = "READ"

        m.d.sync += accepted.eq(self.x.valid & self.x.ready)
        with m.If(self.x.ready):
            m.d.sync += self.x.valid.eq(0)
        m.d.sync += [sender.send.eq(0), sender.refuse.eq(0), moves.eq(0), loads.eq(0)]
        with m.FSM():
            with m.State("REST"):
                m.d.sync += [reading_cycles.eq(0), waiting.eq(0)]
                with m.If(receiver.held & ~sender.busy):
                    m.next = "JUDGE"
            with m.State("JUDGE"):
                m.d.sync += waiting.eq(waiting + 1)
                with m.If(waiting == JUDGE_CYCLES + 1):
                    m.next = "DECIDE"
            with m.State("DECIDE"):
                with m.If(damaged):
                    m.d.sync += sender.refuse.eq(1)
                    m.next = "RELEASE"
                with m.Elif(repeated):
                    m.d.sync += sender.send.eq(1)
                    m.next = "RELEASE"
                with m.Elif(refused):
                    m.d.sync += sender.refuse.eq(1)
                    m.next = "RELEASE"
                with m.Else():
                    m.d.comb += sender.clear.eq(1)
                    m.next = "SEQUENCE"
            with m.State("SEQUENCE"):
                put(Source.SEQUENCE)
                m.next = "STATUS"
            with m.State("STATUS"):
                put(Source.COMMAND)
                m.d.sync += [
                    self.access.region.eq(receiver.region),
                    self.access.address.eq(receiver.address),
                    left.eq(0),
                    waiting.eq(0),
                ]
                with m.If(is_command[Command.IDENTIFY]):
                    m.d.sync += position.eq(0)
                    m.next = "IDENTIFY"
                with m.If(is_command[Command.WRITE]):
                    m.d.sync += [position.eq(DATA_AT), self.access.enable.eq(1)]
                    m.next = "FETCH"
                with m.If(is_command[Command.READ]):
                    read(receiver.region, receiver.address, receiver.count)
                with m.If(is_command[Command.COMMIT]):
                    m.d.sync += self.loaded.eq(receiver.region[0])
                    m.next = "ANSWER"
                with m.If(is_command[Command.NEW_SEQUENCE]):
                    m.d.sync += self.new_sequence.eq(1)
                    m.next = "AWAIT_SEQUENCE"
                with m.If(is_command[Command.STEP]):
                    m.d.sync += [position.eq(2), self.access.region.eq(Region.REFERENCES)]
                    m.next = "FETCH"
            with m.State("IDENTIFY"):
                put(Source.IDENTITY)
                m.d.sync += position.eq(position + 1)
                with m.If(position == IDENTITY_BYTES - 1):
                    m.next = "ANSWER"
            with m.State("AWAIT_SEQUENCE"):
                m.d.sync += [self.new_sequence.eq(0), waiting.eq(waiting + (waiting < 4))]
                with m.If((waiting == 4) & ~self.busy):
                    m.next = "ANSWER"

            # Collect a word of a WRITE or STEP.
            with m.State("FETCH"):
                m.next = "AWAIT_BYTE"
            with m.State("AWAIT_BYTE"):
                m.d.sync += position.eq(position + 1)
                m.next = "INSERT"
            with m.State("INSERT"):
                m.d.sync += [moves.eq(1), left.eq(left + 1)]
                m.next = "FETCH"
                with m.If(last_byte & is_command[Command.STEP]):
                    m.next = "INPUT"
                with m.Elif(last_byte):
                    m.next = "WRITE"

            # WRITE: store it.
            with m.State("WRITE"):
                m.d.sync += self.access.write.eq(1)
                m.next = "WRITTEN"
            with m.State("WRITTEN"):
                m.d.sync += [self.access.write.eq(0), left.eq(0)]
                m.d.sync += self.access.address.eq(self.access.address + 1)
                m.next = "FETCH"
                with m.If(ends):
                    m.next = "ANSWER"

            # READ: fetch a word, append its bytes.
            with m.State("READ"):
                m.d.sync += [waiting.eq(waiting + 1), left.eq(0)]
                with m.If(waiting == READ_LATENCY - 1):
                    m.d.sync += [moves.eq(1), loads.eq(1)]
                with m.If(loads):
                    m.next = "READ_APPEND"
            with m.State("READ_APPEND"):
                put(Source.WORD)
                m.d.sync += [moves.eq(1), left.eq(left + 1)]
                m.next = "READ_AWAIT"
                with m.If(last_byte):
                    m.d.sync += [
                        self.access.address.eq(self.access.address + 1),
                        words_left.eq(words_left - 1),
                        waiting.eq(0),
                    ]
                    m.next = "READ"
                    with m.If(last_word):
                        m.next = "ANSWER"
                        with m.If(reading_cycles):
                            m.d.sync += reading_cycles.eq(0)
                            read(Region.STATE, self.output_base, self.output_words_minus_1 + 1)
            with m.State("READ_AWAIT"):
                m.next = "READ_APPEND"

            # STEP: hand it over; after the last, wait, append cycles and outputs.
            with m.State("INPUT"):
                m.d.sync += [self.x.valid.eq(1), left.eq(0)]
                m.next = "OFFER"
            with m.State("OFFER"):
                with m.If(accepted):
                    m.next = "FETCH"
                    with m.If(ends):
                        m.d.sync += reading_cycles.eq(1)
                        m.next = "AWAIT_STEP"
            with m.State("AWAIT_STEP"):
                with m.If(self.done):
                    m.next = "AWAIT_REST"
            with m.State("AWAIT_REST"):
                with m.If(~self.busy):
                    read(Region.COUNTERS, Counter.STEP_CYCLES, 1)

            with m.State("ANSWER"):
                m.d.sync += [sender.send.eq(1), self.access.enable.eq(0)]
                m.d.sync += [answered.eq(1), last_sequence.eq(receiver.sequence)]
                m.next = "RELEASE"
            with m.State("RELEASE"):
                m.d.comb += receiver.release.eq(1)
                m.next = "REST"
        return m

    def _by_region(self, m, name, value):
        """A signal that follows the region addressed."""
        chosen = Signal(range(self.word_bits // 8 + 1), name=name)
        with m.Switch(self.access.region):
            for region in Region:
                with m.Case(region):
                    m.d.comb += chosen.eq(value(region))
        return chosen
