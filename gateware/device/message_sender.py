"""Message sender: what a device says, from the memory that its core writes to the line."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from thresh.gateware.link.uart import UartTransmitter
from thresh.layout.device_link import START, Identity, MessageKind
from thresh.layout.device_memories import HEADERS, MESSAGE_DEPTH, PAYLOAD, message_words


class MessageSender(wiring.Component):
    """Sends a message of `thresh.layout.device_link` where it lies, header, words and check byte.

    An identity is sent before a message that was asked for as well.

    Cost on iCE40: 99 logic cells and a block RAM, the transmitter included.

    Parameters
    ----------
    bit_cycles : int
        Of the line, in cycles of ``audio``.

    Members
    -------
    write : In(1), address : In(8), data : In(16)
        In domain ``sync``: a word of the memory; the header of an identity is there from the start.
    identify : In(1)
        In domain ``audio``: the identity is to be sent.
    wanted : In(1), frame : In(1), answer : Out(1)
        In domain ``audio``: a frame report, or what was heard, is to be sent; it has been.
    tx : Out(1)
    """

    def __init__(self, *, bit_cycles):
        self.bit_cycles = bit_cycles
        super().__init__(
            {
                "write": In(1),
                "address": In(range(MESSAGE_DEPTH)),
                "data": In(16),
                "identify": In(1),
                "wanted": In(1),
                "frame": In(1),
                "answer": Out(1),
                "tx": Out(1, init=1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        # Without a network only the identity is sent, of which the header tells the length.
        m.submodules.memory = memory = Memory(
            shape=16, depth=MESSAGE_DEPTH, init=message_words(Identity(), 1)
        )
        write, read = memory.write_port(domain="sync"), memory.read_port(domain="audio")
        m.submodules.transmitter = line = DomainRenamer("audio")(
            UartTransmitter(divisor=self.bit_cycles)
        )
        place, left, check = Signal.like(read.addr), Signal(8), Signal(8)
        identifies, identity, upper, sent = Signal(), Signal(), Signal(), Signal()
        word = read.data
        m.d.comb += [
            write.en.eq(self.write),
            write.addr.eq(self.address),
            write.data.eq(self.data),
            read.addr.eq(place),
            self.tx.eq(line.tx),
            line.i.payload.eq(Mux(upper, word[8:], word[:8])),
            sent.eq(line.i.valid & line.i.ready),
        ]
        with m.If(sent):
            m.d.audio += [check.eq(check - line.i.payload), upper.eq(~upper)]
            with m.If(upper):
                m.d.audio += place.eq(place + 1)
        with m.FSM(domain="audio"):
            with m.State("IDLE"):
                # The check leaves START out.
                m.d.audio += [check.eq(START), upper.eq(0)]
                m.d.audio += place.eq(
                    Mux(
                        identifies,
                        HEADERS[MessageKind.IDENTITY],
                        Mux(self.frame, HEADERS[MessageKind.FRAME], HEADERS[MessageKind.HEARD]),
                    )
                )
                m.d.audio += identity.eq(identifies)
                with m.If(identifies | self.wanted):
                    m.d.audio += identifies.eq(0)
                    m.next = "FETCH"
            self._send(m, line, place, left, check, sent, upper, identity)
        with m.If(self.identify):
            m.d.audio += identifies.eq(1)
        return m

    def _send(self, m, line, place, left, check, sent, upper, identity):
        """The states of a message: its kind and length, its words, lower byte first, its check."""
        with m.State("FETCH"):
            m.next = "KIND"
        with m.State("KIND"):
            m.d.comb += line.i.valid.eq(1)
            with m.If(sent & upper):
                m.next = "COUNT"
        with m.State("COUNT"):
            m.d.comb += line.i.valid.eq(1)
            with m.If(sent & ~upper):
                m.d.audio += left.eq(line.i.payload)
            with m.If(sent & upper):
                with m.If(~identity):
                    m.d.audio += place.eq(PAYLOAD)
                m.next = "WORDS"
        with m.State("WORDS"):
            m.d.comb += line.i.valid.eq(1)
            with m.If(sent & upper):
                m.d.audio += left.eq(left - 1)
                with m.If(left == 1):
                    m.next = "CHECK"
        with m.State("CHECK"):
            m.d.comb += [line.i.valid.eq(1), line.i.payload.eq(check)]
            with m.If(sent):
                m.d.comb += self.answer.eq(~identity)
                m.next = "IDLE"
