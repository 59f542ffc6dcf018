"""Packet inbox: one packet at a time, received whole and checked."""

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from thresh.layout.link import Command, Fault

from .packet_checker import CHECK_CYCLES, PacketChecker
from .packet_receiver import PacketReceiver

RESULT_CYCLES = CHECK_CYCLES + 1
"""Cycles from ``held`` until the result of the check is there."""

HEAD_KEPT = ("sequence", "command", "region", "address", "count")
"""First bytes of a packet that its execution needs."""


def packet_port(packet_bytes):
    """Signature of a packet that is held until it is released.

    ``damaged``, ``repeated`` and ``refused``, because of ``fault``, hold `RESULT_CYCLES` after
    ``held``. It is repeated when its sequence number and its CRC, ``check``, are ``last_sequence``
    and ``last_check``, those of the packet that was ``answered`` last. ``read_data``, any of its
    bytes, follows ``read_address`` by two cycles; its CRC begins at ``end``. One of
    ``is_identify``, ... says which `thresh.layout.link.Command` it is; it is ``bare`` without a
    payload.
    """
    return wiring.Signature(
        {
            "held": Out(1),
            "release": In(1),
            "intact": Out(1),
            "damaged": Out(1),
            "repeated": Out(1),
            "refused": Out(1),
            "fault": Out(range(max(Fault) + 1)),
            **{f"is_{command.name.lower()}": Out(1) for command in Command},
            "sequence": Out(8),
            "command": Out(8),
            "region": Out(8),
            "address": Out(16),
            "count": Out(8),
            "bare": Out(1),
            "check": Out(16),
            "end": Out(range(packet_bytes + 1)),
            "read_address": In(range(packet_bytes)),
            "read_data": Out(8),
            "answered": In(1),
            "last_sequence": In(8),
            "last_check": In(16),
        }
    )


class PacketInbox(wiring.Component):
    """`PacketReceiver` and `PacketChecker` behind one another.

    Parameters
    ----------
    geometry : thresh.layout.geometry.Geometry

    Members
    -------
    i : In(stream of 8 bits), always ready
    nonce : In(16), restart : In(1)
        As the `PacketReceiver`'s.
    written : In(32)
        What COMMIT must say was written.
    loaded : In(1), inputs_minus_1 : In(16)
        Whether a network is there, and how many inputs a STEP must bring.
    o : Out(`packet_port`)
    """

    def __init__(self, *, geometry):
        self.geometry = geometry
        super().__init__(
            {
                "i": In(stream.Signature(8, always_ready=True)),
                "nonce": In(16),
                "restart": In(1),
                "written": In(32),
                "loaded": In(1),
                "inputs_minus_1": In(16),
                "o": Out(packet_port(geometry.packet_bytes)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.receiver = receiver = PacketReceiver(packet_bytes=self.geometry.packet_bytes)
        m.submodules.checker = checker = PacketChecker(geometry=self.geometry)
        wiring.connect(m, wiring.flipped(self.i), receiver.i)
        m.d.comb += [
            receiver.nonce.eq(self.nonce),
            receiver.restart.eq(self.restart),
            receiver.release.eq(self.o.release),
            receiver.read_address.eq(self.o.read_address),
            checker.length.eq(receiver.length),
            checker.written.eq(self.written),
            checker.loaded.eq(self.loaded),
            checker.inputs_minus_1.eq(self.inputs_minus_1),
        ]
        for name in ("command", "region", "address", "count", "more"):
            m.d.comb += getattr(checker, name).eq(getattr(receiver, name))
        for name in ("held", "intact", "read_data", "check", *HEAD_KEPT):
            m.d.comb += getattr(self.o, name).eq(getattr(receiver, name))
        m.d.comb += [self.o.bare.eq(checker.bare), self.o.fault.eq(checker.fault)]
        for command in Command:
            name = f"is_{command.name.lower()}"
            m.d.comb += getattr(self.o, name).eq(getattr(checker, name))
        same_number, same_check = Signal(), Signal()
        m.d.sync += [
            same_number.eq(self.o.answered & (receiver.sequence == self.o.last_sequence)),
            same_check.eq(receiver.check == self.o.last_check),
            self.o.damaged.eq(~receiver.intact),
            self.o.repeated.eq(same_number & same_check & ~checker.is_identify),
            self.o.refused.eq(checker.fault != 0),
            self.o.end.eq(receiver.length - 2),
        ]
        return m
