"""Packet inbox: one packet at a time, received whole and checked."""

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from thresh.layout.link import Command, Fault

from .packet_checker import CHECK_CYCLES, PacketChecker
from .packet_receiver import PacketReceiver

RESULT_CYCLES = CHECK_CYCLES + 1
"""Cycles from ``held`` until the result of the check is there."""


def packet_port(packet_bytes):
    """Signature of a packet that is held until it is released.

    ``damaged``, ``repeated`` and ``refused``, because of ``fault``, hold `RESULT_CYCLES` after
    ``held``. It is repeated when its sequence number is ``last_sequence``, that of the packet that
    was ``answered`` last. ``read_data``, any of its bytes, follows ``read_address`` by two cycles;
    its CRC begins at ``end``. One of ``is_identify``, ... says which
    `thresh.layout.link.Command` it is.
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
            "end": Out(range(packet_bytes + 1)),
            "read_address": In(range(packet_bytes)),
            "read_data": Out(8),
            "answered": In(1),
            "last_sequence": In(8),
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
    loaded : In(1), inputs_minus_1 : In(16)
        Whether a network is there, and how many inputs a STEP must bring.
    o : Out(`packet_port`)
    """

    def __init__(self, *, geometry):
        self.geometry = geometry
        super().__init__(
            {
                "i": In(stream.Signature(8, always_ready=True)),
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
            receiver.release.eq(self.o.release),
            receiver.read_address.eq(self.o.read_address),
            checker.length.eq(receiver.length),
            checker.loaded.eq(self.loaded),
            checker.inputs_minus_1.eq(self.inputs_minus_1),
        ]
        for name in ("command", "region", "address", "count"):
            m.d.comb += getattr(checker, name).eq(getattr(receiver, name))
        for name in ("held", "intact", "read_data", "sequence", "command", "region", "address"):
            m.d.comb += getattr(self.o, name).eq(getattr(receiver, name))
        m.d.comb += [self.o.count.eq(receiver.count), self.o.fault.eq(checker.fault)]
        for command in Command:
            name = f"is_{command.name.lower()}"
            m.d.comb += getattr(self.o, name).eq(getattr(checker, name))
        same = self.o.answered & (receiver.sequence == self.o.last_sequence)
        m.d.sync += [
            self.o.damaged.eq(~receiver.intact),
            self.o.repeated.eq(same & ~checker.is_identify),
            self.o.refused.eq(checker.fault != 0),
            self.o.end.eq(receiver.length - 2),
        ]
        return m
