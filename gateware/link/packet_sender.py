"""Answers of the serial link: kept, so that they can be sent again, and escaped on their way."""

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.read_word import read_word
from thresh.layout.link import CRC_INITIAL, END, ESCAPE, ESCAPED_END, ESCAPED_ESCAPE

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
                "busy": Out(1),
                "o": Out(stream.Signature(8)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.buffer = buffer = Memory(shape=8, depth=self.packet_bytes, init=[])
        write, read = buffer.write_port(), buffer.read_port()
        length = Signal(range(self.packet_bytes + 1))
        m.d.comb += [
            write.addr.eq(length),
            write.data.eq(self.byte),
            write.en.eq(self.put),
        ]
        with m.If(self.put):
            m.d.sync += length.eq(length + 1)
        with m.If(self.clear):
            m.d.sync += length.eq(0)

        some_left = Signal()
        at, left = Signal(range(self.packet_bytes)), Signal.like(length)
        refusal, refusing = Signal(16), Signal()
        crc, checked, byte = Signal(16), Signal(2), Signal(8)
        out = self.o
        m.d.comb += read.addr.eq(at)
        is_end, is_escape = Signal(), Signal()
        m.d.sync += [
            some_left.eq(left != 0),
            is_end.eq(byte == END),
            is_escape.eq(byte == ESCAPE),
        ]
        kept = read_word(m, read.data, 2)

        def emit(value, then):
            """Send ``value`` and go on."""
            m.d.comb += [out.valid.eq(1), out.payload.eq(value)]
            with m.If(out.ready):
                m.next = then

        m.d.comb += self.busy.eq(1)
        with m.FSM():
            with m.State("REST"):
                m.d.comb += self.busy.eq(0)
                m.d.sync += [crc.eq(CRC_INITIAL), checked.eq(0)]
                with m.If(self.send | self.refuse):
                    m.d.sync += [
                        refusing.eq(self.refuse),
                        refusal.eq(Cat(self.sequence, self.status)),
                        left.eq(Mux(self.refuse, 2, length)),
                    ]
                    m.next = "BEGIN"
            with m.State("BEGIN"):
                emit(END, "CHOOSE")
            with m.State("CHOOSE"):
                with m.If(some_left):
                    m.d.sync += [
                        byte.eq(Mux(refusing, refusal[:8], kept)),
                        refusal.eq(refusal >> 8),
                        at.eq(at + 1),
                        left.eq(left - 1),
                    ]
                    m.next = "CHECK"
                with m.Elif(checked == 2):
                    m.next = "FINISH"
                with m.Else():
                    m.d.sync += [byte.eq(~crc[8:]), crc.eq(crc << 8), checked.eq(checked + 1)]
                    m.next = "PAUSE"
            with m.State("CHECK"):
                m.d.sync += crc.eq(crc16_step(crc, byte))
                m.next = "SEND"
            with m.State("PAUSE"):
                m.next = "SEND"
            with m.State("SEND"):
                with m.If(is_end | is_escape):
                    emit(ESCAPE, "SEND_ESCAPED")
                with m.Else():
                    emit(byte, "CHOOSE")
            with m.State("SEND_ESCAPED"):
                emit(Mux(is_end, ESCAPED_END, ESCAPED_ESCAPE), "CHOOSE")
            with m.State("FINISH"):
                m.d.sync += at.eq(0)
                emit(END, "REST")
        return m
