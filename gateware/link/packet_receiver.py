"""Packets of the serial link: unescaped, buffered and checked before anything acts on them."""

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.memory_shape import MemoryShape
from thresh.gateware.lib.read_word import read_word
from thresh.layout.link import (
    CRC_INITIAL,
    CRC_RESIDUE,
    END,
    ESCAPE,
    ESCAPED_END,
    ESCAPED_ESCAPE,
    PACKET_OVERHEAD,
    Command,
)

from .crc16 import crc16_step

HEAD = ("sequence", "command", "region", "address_low", "address_high", "count", "more")
"""The first bytes of a packet, kept at hand."""


class PacketReceiver(wiring.Component):
    """Collects the bytes between two ENDs (SLIP, RFC 1055) and checks length and CRC.

    While a packet is held, what comes in is lost up to the next END, so that only whole packets are
    ever seen. One byte per cycle. The CRC takes in the nonce behind the second byte, except of an
    IDENTIFY.

    Parameters
    ----------
    packet_bytes : int
        Longest packet.

    Members
    -------
    i : In(stream of 8 bits), always ready
    nonce : In(16)
    restart : In(1)
        What was received of a packet is dropped, unless a whole one is held.
    held : Out(1), release : In(1)
        A packet waits; it is dealt with.
    intact : Out(1)
        Its CRC is right, and so is its length.
    length : Out
        Bytes, CRC included.
    sequence, command, region, address, count, more : Out
        Its first bytes.
    check : Out(16)
        Its last two: its CRC.
    read_address : In, read_data : Out(8)
        Any of its bytes, two cycles later.
    """

    def __init__(self, *, packet_bytes):
        self.packet_bytes = packet_bytes
        super().__init__(
            {
                "i": In(stream.Signature(8, always_ready=True)),
                "nonce": In(16),
                "restart": In(1),
                "held": Out(1),
                "release": In(1),
                "intact": Out(1),
                "length": Out(range(packet_bytes + 1)),
                "sequence": Out(8),
                "command": Out(8),
                "region": Out(8),
                "address": Out(16),
                "count": Out(8),
                "more": Out(8),
                "check": Out(16),
                "read_address": In(range(packet_bytes)),
                "read_data": Out(8),
            }
        )

    @staticmethod
    def memories(packet_bytes):
        """The memory."""
        return [MemoryShape(bits=8, words=packet_bytes)]

    def elaborate(self, platform):
        m = Module()
        m.submodules.buffer = buffer = Memory(shape=8, depth=self.packet_bytes, init=[])
        write, read = buffer.write_port(), buffer.read_port()
        m.d.comb += [read.addr.eq(self.read_address), self.read_data.eq(read_word(m, read.data, 2))]

        escaped, byte, byte_valid, end_valid = self._unescape(m)

        # Over a whole packet, which ends with its own CRC, it comes to a constant.
        crc = Signal(16, init=CRC_INITIAL)
        dropping, full, overlong = Signal(), Signal(), Signal()
        place = Signal(len(HEAD), init=1)
        head = Cat(
            self.sequence, self.command, self.region, self.address, self.count, self.more
        )  # fmt: skip
        keyed = place[HEAD.index("command")] & (byte != Command.IDENTIFY)
        m.d.comb += [
            write.addr.eq(self.length),
            write.data.eq(byte),
            write.en.eq(byte_valid & ~self.held & ~dropping & ~full),
        ]
        with m.If(self.held):
            with m.If(byte_valid):
                m.d.sync += dropping.eq(1)
        with m.Elif(byte_valid & ~dropping):
            with m.If(full):
                m.d.sync += overlong.eq(1)
            with m.Else():
                m.d.sync += [
                    self.length.eq(self.length + 1),
                    full.eq(self.length == self.packet_bytes - 1),
                    place.eq(place << 1),
                    crc.eq(crc16_step(crc, byte) ^ Mux(keyed, self.nonce, 0)),
                    self.check.eq(Cat(byte, self.check[:8])),
                ]
                for number in range(len(HEAD)):
                    with m.If(place[number]):
                        m.d.sync += head.word_select(number, 8).eq(byte)
        with m.If(end_valid & ~self.held):
            m.d.sync += [
                dropping.eq(0),
                self.held.eq(~dropping & (self.length != 0)),
                self.intact.eq(~overlong & ~place[:PACKET_OVERHEAD].any() & (crc == CRC_RESIDUE)),
            ]
        with m.If(self.restart):
            m.d.sync += [escaped.eq(0), dropping.eq(0)]
        with m.If(self.release | (self.restart & ~self.held)):
            m.d.sync += [self.held.eq(0), self.length.eq(0), full.eq(0), overlong.eq(0)]
            m.d.sync += [place.eq(place.init), crc.eq(CRC_INITIAL)]
        return m

    def _unescape(self, m):
        """Whether the last was an escape; a byte, whether it is one, and whether a packet ends."""
        escaped, byte, end_valid, byte_valid = Signal(), Signal(8), Signal(), Signal()
        raw, is_end, is_escape = self.i.payload, Signal(), Signal()
        m.d.comb += [is_end.eq(raw == END), is_escape.eq(~escaped & (raw == ESCAPE))]
        m.d.sync += [
            byte.eq(raw),
            end_valid.eq(self.i.valid & is_end),
            byte_valid.eq(self.i.valid & ~is_end & ~is_escape),
        ]
        with m.If(escaped):
            with m.If(raw == ESCAPED_END):
                m.d.sync += byte.eq(END)
            with m.Elif(raw == ESCAPED_ESCAPE):
                m.d.sync += byte.eq(ESCAPE)
        with m.If(self.i.valid):
            m.d.sync += escaped.eq(~is_end & is_escape)
        return escaped, byte, byte_valid, end_valid
