"""Packet judge: whether a packet may be executed."""

from functools import reduce
from operator import or_

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.layout.link import (
    MAX_READ_WORDS,
    PACKET_OVERHEAD,
    WRITE_OVERHEAD,
    Command,
    Fault,
    Region,
    region_words,
    word_bytes,
)

JUDGE_CYCLES = 5
"""Cycles until a packet at hand has been judged, one comparison between registers."""


class PacketJudge(wiring.Component):
    """Why a whole packet must be refused, before anything of it is executed.

    The answer holds `JUDGE_CYCLES` after the packet does.

    Parameters
    ----------
    geometry : thresh.layout.geometry.Geometry

    Members
    -------
    length, command, region, address, count : In
        From the `PacketReceiver`.
    is_identify, ... : Out(1)
        Which `thresh.layout.link.Command` it is.
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
                "loaded": In(1),
                "inputs_minus_1": In(16),
                **{f"is_{command.name.lower()}": Out(1) for command in Command},
                "fault": Out(range(max(Fault) + 1)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape = self.geometry
        payload = Signal(range(shape.packet_bytes + 1))
        data = Signal.like(payload)
        m.d.sync += payload.eq(self.length - PACKET_OVERHEAD)
        m.d.sync += data.eq(payload - WRITE_OVERHEAD)
        words, whole, fits = Signal.like(payload), Signal(), Signal()
        limit = Signal(17)
        kind = {command: getattr(self, f"is_{command.name.lower()}") for command in Command}
        m.d.sync += [flag.eq(self.command == command) for command, flag in kind.items()]
        known, writable = Signal(), Signal()
        m.d.sync += [
            known.eq(self.region <= max(Region)),
            writable.eq((self.region <= max(Region)) & (self.region != Region.COUNTERS)),
        ]
        # What depends on the region, chosen by one bit per region.
        inside = {region: Signal(name=f"in_{region.name.lower()}") for region in Region}
        m.d.sync += [flag.eq(self.region == region.value) for region, flag in inside.items()]

        def chosen(value):
            """``value(region)`` of the packet's region."""
            return reduce(or_, (Mux(flag, value(region), 0) for region, flag in inside.items()))

        def shift(region):
            return word_bytes(region, shape).bit_length() - 1

        def room(region):
            words_in_packet = (shape.packet_bytes - PACKET_OVERHEAD) // word_bytes(region, shape)
            return min(words_in_packet, MAX_READ_WORDS)

        written = chosen(lambda region: data >> shift(region))
        m.d.sync += [
            words.eq(Mux(kind[Command.READ], self.count, written)),
            whole.eq(~chosen(lambda region: data[: shift(region)].any())),
            fits.eq(chosen(lambda region: self.count <= room(region))),
            limit.eq(chosen(lambda region: region_words(region, shape))),
        ]
        fault, beyond = self.fault, Signal()
        end, short, empty, wrong_step = Signal(17), Signal(), Signal(), Signal()
        bare, one_byte, as_read, no_words = Signal(), Signal(), Signal(), Signal()
        wanted = Signal(18)
        m.d.sync += [
            end.eq(self.address + words),
            beyond.eq(end > limit),
            short.eq(payload < WRITE_OVERHEAD),
            empty.eq(data == 0),
            bare.eq(payload == 0),
            one_byte.eq(payload == 1),
            as_read.eq(payload == WRITE_OVERHEAD + 1),
            no_words.eq(self.count == 0),
            wanted.eq((self.inputs_minus_1 + 1) << 1),
            wrong_step.eq(payload != wanted),
        ]

        def first(*reasons):
            """The first reason whose condition holds, or 0."""
            chosen = C(0, len(fault))
            for condition, reason in reversed(reasons):
                chosen = Mux(condition, reason, chosen)
            return chosen

        unloaded = (~self.loaded, Fault.NOT_LOADED)
        faults = {
            Command.IDENTIFY: first((~bare, Fault.LENGTH)),
            Command.WRITE: first(
                (short, Fault.LENGTH),
                (~writable, Fault.RANGE),
                (empty | ~whole, Fault.LENGTH),
                (beyond, Fault.RANGE),
            ),
            Command.READ: first(
                (~as_read, Fault.LENGTH),
                (~known, Fault.RANGE),
                (no_words | ~fits, Fault.LENGTH),
                (beyond, Fault.RANGE),
            ),
            Command.COMMIT: first((~one_byte, Fault.LENGTH)),
            Command.NEW_SEQUENCE: first((~bare, Fault.LENGTH), unloaded),
            Command.STEP: first(unloaded, (wrong_step, Fault.LENGTH)),
        }
        assert set(faults) == set(Command)
        of_none = Mux(Cat(kind.values()).any(), 0, Fault.COMMAND)
        m.d.sync += fault.eq(
            reduce(or_, (Mux(kind[command], why, 0) for command, why in faults.items()), of_none)
        )
        return m
