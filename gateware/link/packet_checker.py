"""Packet checker: whether a packet may be executed."""

from functools import reduce
from operator import or_

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.layout.link import (
    COMMIT_BYTES,
    NONCE_BYTES,
    PACKET_OVERHEAD,
    WRITE_OVERHEAD,
    Command,
    Fault,
)

from .region_checker import RegionChecker

CHECK_CYCLES = 5
"""Cycles until a packet at hand has been checked, one comparison between registers."""


class PacketChecker(wiring.Component):
    """Why a whole packet must be refused, before anything of it is executed.

    The answer holds `CHECK_CYCLES` after the packet does.

    Parameters
    ----------
    geometry : thresh.layout.geometry.Geometry

    Members
    -------
    length, command, region, address, count, more : In
        From the `PacketReceiver`.
    is_identify, ... : Out(1), bare : Out(1)
        Which `thresh.layout.link.Command` it is; it has no payload.
    written : In(32)
        What COMMIT must say was written.
    loaded : In(1), inputs_minus_1 : In(16)
        Whether a network is there, and how many inputs a STEP must bring.
    fault : Out
        A `thresh.layout.link.Fault`, or 0.
    """

    def __init__(self, *, geometry):
        self.geometry = geometry
        super().__init__(
            {
                "length": In(range(geometry.packet_bytes + 1)),
                "command": In(8),
                "region": In(8),
                "address": In(16),
                "count": In(8),
                "more": In(8),
                "written": In(32),
                "loaded": In(1),
                "inputs_minus_1": In(16),
                **{f"is_{command.name.lower()}": Out(1) for command in Command},
                "bare": Out(1),
                "fault": Out(range(max(Fault) + 1)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        payload = Signal(range(self.geometry.packet_bytes + 1))
        data, wanted = Signal.like(payload), Signal(18)
        kind = {command: getattr(self, f"is_{command.name.lower()}") for command in Command}
        m.d.sync += [flag.eq(self.command == command) for command, flag in kind.items()]
        m.d.sync += [
            payload.eq(self.length - PACKET_OVERHEAD),
            data.eq(payload - WRITE_OVERHEAD),
            wanted.eq((self.inputs_minus_1 + 1) << 1),
        ]
        m.submodules.words = words = RegionChecker(geometry=self.geometry)
        for name in ("region", "address", "count"):
            m.d.comb += getattr(words, name).eq(getattr(self, name))
        m.d.comb += [words.data_bytes.eq(data), words.is_read.eq(kind[Command.READ])]
        short, empty, wrong_step, bare = Signal(), Signal(), Signal(), self.bare
        as_identify, as_commit, as_read, no_words = Signal(), Signal(), Signal(), Signal()
        said, other_low, other_high = Cat(self.address, self.count, self.more), Signal(), Signal()
        m.d.sync += [
            short.eq(payload < WRITE_OVERHEAD),
            empty.eq(data == 0),
            bare.eq(payload == 0),
            as_identify.eq(payload == NONCE_BYTES),
            as_commit.eq(payload == COMMIT_BYTES),
            other_low.eq(self.region[0] & (said[:16] != self.written[:16])),
            other_high.eq(self.region[0] & (said[16:] != self.written[16:])),
            as_read.eq(payload == WRITE_OVERHEAD + 1),
            no_words.eq(self.count == 0),
            wrong_step.eq(payload != wanted),
        ]
        unloaded = (~self.loaded, Fault.NOT_LOADED)
        faults = {
            Command.IDENTIFY: self._first((~bare & ~as_identify, Fault.LENGTH)),
            Command.WRITE: self._first(
                (short, Fault.LENGTH),
                (~words.writable, Fault.RANGE),
                (empty | ~words.whole, Fault.LENGTH),
                (words.beyond, Fault.RANGE),
            ),
            Command.READ: self._first(
                (~as_read, Fault.LENGTH),
                (~words.known, Fault.RANGE),
                (no_words | ~words.fits, Fault.LENGTH),
                (words.beyond, Fault.RANGE),
            ),
            Command.COMMIT: self._first(
                (~as_commit, Fault.LENGTH), (other_low | other_high, Fault.CHECKSUM)
            ),
            Command.NEW_SEQUENCE: self._first((~bare, Fault.LENGTH), unloaded),
            Command.STEP: self._first(unloaded, (wrong_step, Fault.LENGTH)),
        }
        assert set(faults) == set(Command)
        of_none = Mux(Cat(kind.values()).any(), 0, Fault.COMMAND)
        m.d.sync += self.fault.eq(
            reduce(or_, (Mux(kind[command], why, 0) for command, why in faults.items()), of_none)
        )
        return m

    def _first(self, *reasons):
        """The first reason whose condition holds, or 0."""
        chosen = C(0, len(self.fault))
        for condition, reason in reversed(reasons):
            chosen = Mux(condition, reason, chosen)
        return chosen
