"""Answers of the serial link: kept, so that they can be sent again, and escaped on their way."""

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from thresh.layout.link import CRC_INITIAL, END, ESCAPE, ESCAPED_END, ESCAPED_ESCAPE

from .answer_memory import AnswerMemory
from .crc16 import crc16_step


class PacketSender(wiring.Component):
    """Sends the answer that was put, or a refusal that leaves it untouched.

    Parameters
    ----------
    packet_bytes : int

    Members
    -------
    clear : In(1)
        The kept answer is dropped.
    put : In(1), byte : In(8)
        A byte is added to the answer.
    send : In(1)
        Send the kept answer; ``refuse`` sends ``sequence`` and ``status`` instead.
    refuse : In(1), sequence : In(8), status : In(8)
    nonce : In(16), plain : In(1)
        What the CRC takes in behind the second byte, and rests while ``busy``; it takes in nothing
        where ``plain`` is high with ``refuse``.
    busy : Out(1)
    o : Out(stream of 8 bits)
    """

    def __init__(self, *, packet_bytes):
        self.packet_bytes = packet_bytes
        super().__init__(
            {
                "clear": In(1),
                "put": In(1),
                "byte": In(8),
                "send": In(1),
                "refuse": In(1),
                "sequence": In(8),
                "status": In(8),
                "nonce": In(16),
                "plain": In(1),
                "busy": Out(1),
                "o": Out(stream.Signature(8)),
            }
        )

    @staticmethod
    def memories(packet_bytes):
        """That of the answer."""
        return AnswerMemory.memories(packet_bytes)

    def elaborate(self, platform):
        m = Module()
        m.submodules.answer = answer = AnswerMemory(packet_bytes=self.packet_bytes)
        for name in ("clear", "put", "byte"):
            m.d.comb += getattr(answer, name).eq(getattr(self, name))
        left, some_left = Signal.like(answer.length), Signal()
        refusal, refusing = Signal(16), Signal()
        place = Signal(3)  # of the byte, the second at the top; 0 in a plain answer
        crc, crc_bytes = Signal(16), Signal(2)
        byte, is_end, is_escape = Signal(8), Signal(), Signal()
        m.d.sync += [some_left.eq(left != 0), is_end.eq(byte == END), is_escape.eq(byte == ESCAPE)]
        m.d.comb += self.busy.eq(1)
        with m.FSM():
            with m.State("IDLE"):
                m.d.comb += self.busy.eq(0)
                m.d.sync += [crc.eq(CRC_INITIAL), crc_bytes.eq(0)]
                with m.If(self.send | self.refuse):
                    m.d.sync += [
                        refusing.eq(self.refuse),
                        refusal.eq(Cat(self.sequence, self.status)),
                        left.eq(Mux(self.refuse, 2, answer.length)),
                        place.eq(~(self.refuse & self.plain)),
                    ]
                    m.next = "BEGIN"
            with m.State("BEGIN"):
                self._send(m, END, "CHOOSE")
            with m.State("CHOOSE"):
                with m.If(some_left):
                    m.d.sync += [
                        byte.eq(Mux(refusing, refusal[:8], answer.read_data)),
                        refusal.eq(refusal >> 8),
                        answer.read_address.eq(answer.read_address + 1),
                        left.eq(left - 1),
                        place.eq(place << 1),
                    ]
                    m.next = "UPDATE_CRC"
                with m.Elif(crc_bytes == 2):
                    m.next = "FINISH"
                with m.Else():
                    m.d.sync += [byte.eq(~crc[8:]), crc.eq(crc << 8), crc_bytes.eq(crc_bytes + 1)]
                    m.next = "PAUSE"
            with m.State("UPDATE_CRC"):
                m.d.sync += crc.eq(crc16_step(crc, byte) ^ Mux(place[-1], self.nonce, 0))
                m.next = "SEND"
            with m.State("PAUSE"):
                m.next = "SEND"
            with m.State("SEND"):
                with m.If(is_end | is_escape):
                    self._send(m, ESCAPE, "SEND_ESCAPED")
                with m.Else():
                    self._send(m, byte, "CHOOSE")
            with m.State("SEND_ESCAPED"):
                self._send(m, Mux(is_end, ESCAPED_END, ESCAPED_ESCAPE), "CHOOSE")
            with m.State("FINISH"):
                m.d.sync += answer.read_address.eq(0)
                self._send(m, END, "IDLE")
        return m

    def _send(self, m, value, following):
        """Send ``value``, then go on to the state ``following``."""
        m.d.comb += [self.o.valid.eq(1), self.o.payload.eq(value)]
        with m.If(self.o.ready):
            m.next = following
