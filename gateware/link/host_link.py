"""Host link: executes the packets of `thresh.layout.link` on the core."""

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.access import region_port
from thresh.layout.link import ERROR, Fault

from .answer_bytes import AnswerBytes
from .packet_executor import PacketExecutor
from .packet_inbox import PacketInbox
from .packet_sender import PacketSender
from .word_register import WordRegister


class HostLink(wiring.Component):
    """Bytes in, bytes out; between them, one packet at a time.

    A packet is checked whole before anything happens: a refused one changes nothing. A packet with
    the sequence number and the CRC of the last executed one is answered again, not executed.

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
    restart : In(1)
        A break on the line: what was received of a packet is dropped.
    x, new_sequence, done, busy, fault, access, ... :
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
                "restart": In(1),
                "x": Out(stream.Signature(signed(geometry.value_bits))),
                "new_sequence": Out(1),
                "done": In(1),
                "busy": In(1),
                "fault": In(1),
                "access": Out(region_port(self.word_bits)),
                "output_base": In(16),
                "output_words_minus_1": In(16),
                "inputs_minus_1": In(16),
                "loaded": Out(1, init=int(loaded)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.inbox = inbox = PacketInbox(geometry=self.geometry)
        m.submodules.executor = executor = PacketExecutor(
            geometry=self.geometry, loaded=self.preloaded
        )
        m.submodules.word = word = WordRegister(geometry=self.geometry)
        m.submodules.answer = answer = AnswerBytes(geometry=self.geometry, clock_khz=self.clock_khz)
        m.submodules.sender = sender = PacketSender(packet_bytes=self.geometry.packet_bytes)
        wiring.connect(m, wiring.flipped(self.i), inbox.i)
        wiring.connect(m, inbox.o, executor.packet)
        wiring.connect(m, executor.word, word.control)
        wiring.connect(m, sender.o, wiring.flipped(self.o))
        wiring.connect(m, executor.x, wiring.flipped(self.x))
        wiring.connect(m, executor.access, wiring.flipped(self.access))
        packet, order = inbox.o, executor.answer
        refused = Mux(executor.faulty, Fault.NO_NETWORK, packet.fault)
        m.d.comb += [
            inbox.restart.eq(self.restart),
            inbox.nonce.eq(executor.nonce),
            inbox.written.eq(executor.written),
            inbox.loaded.eq(executor.loaded),
            inbox.inputs_minus_1.eq(self.inputs_minus_1),
            word.byte.eq(packet.read_data),
            word.read_data.eq(self.access.read_data),
            executor.done.eq(self.done),
            executor.busy.eq(self.busy),
            executor.fault.eq(self.fault),
            executor.output_base.eq(self.output_base),
            executor.output_words_minus_1.eq(self.output_words_minus_1),
            self.new_sequence.eq(executor.new_sequence),
            self.loaded.eq(executor.loaded),
        ]
        # Whose packet is damaged is not known, so that its refusal has the number 0.
        m.d.comb += [
            answer.source.eq(order.source),
            answer.sequence.eq(packet.sequence),
            answer.command.eq(packet.command),
            answer.loaded.eq(executor.loaded),
            answer.position.eq(order.position),
            answer.word.eq(word.control.word),
            answer.put.eq(order.put),
            sender.clear.eq(order.clear),
            sender.put.eq(answer.valid),
            sender.byte.eq(answer.byte),
            sender.send.eq(order.send),
            sender.refuse.eq(order.refuse),
            sender.nonce.eq(executor.nonce),
            sender.plain.eq(packet.damaged),
            sender.sequence.eq(Mux(packet.intact, packet.sequence, 0)),
            sender.status.eq(ERROR | Mux(packet.damaged, Fault.PACKET, refused)),
            order.busy.eq(sender.busy),
        ]
        return m
