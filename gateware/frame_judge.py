"""Frame judge: whether a frame may be executed."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.model.link import (
    FRAME_OVERHEAD,
    MAX_READ_WORDS,
    WRITE_OVERHEAD,
    Command,
    Fault,
    Region,
    region_words,
    word_bytes,
)

JUDGE_CYCLES = 5
"""Cycles until a frame at hand has been judged, one comparison between registers."""


class FrameJudge(wiring.Component):
    """Why a whole frame must be refused, before anything of it is executed.

    The answer holds `JUDGE_CYCLES` after the frame does.

    Parameters
    ----------
    geometry : thresh.model.geometry.Geometry

    Members
    -------
    length, command, region, address, count : In
        From the `FrameReceiver`.
    loaded : In(1), inputs_minus_1 : In(16)
        Whether a network is there, and how many inputs a STEP must bring.
    fault : Out
        A `thresh.model.link.Fault`, or 0.
    """

    def __init__(self, *, geometry):
        self.geometry = geometry
        super().__init__(
            {
                "length": In(range(geometry.frame_bytes + 1)),
                "command": In(8),
                "region": In(8),
                "address": In(16),
                "count": In(8),
                "loaded": In(1),
                "inputs_minus_1": In(16),
                "fault": Out(range(max(Fault) + 1)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        shape = self.geometry
        payload = Signal(range(shape.frame_bytes + 1))
        data = Signal.like(payload)
        m.d.sync += payload.eq(self.length - FRAME_OVERHEAD)
        m.d.sync += data.eq(payload - WRITE_OVERHEAD)
        words, whole, fits = Signal.like(payload), Signal(), Signal()
        limit = Signal(17)
        known = self.region <= max(Region)
        reads = self.command == Command.READ
        with m.Switch(self.region):
            for region in Region:
                with m.Case(region.value):
                    size = word_bytes(region, shape)
                    shift = size.bit_length() - 1
                    room = (shape.frame_bytes - FRAME_OVERHEAD) // size
                    m.d.sync += [
                        words.eq(Mux(reads, self.count, data >> shift)),
                        whole.eq(data[:shift] == 0),
                        fits.eq(self.count <= min(room, MAX_READ_WORDS)),
                        limit.eq(region_words(region, shape)),
                    ]
        fault, beyond = self.fault, Signal()
        end, short, empty, wrong_step = Signal(17), Signal(), Signal(), Signal()
        m.d.sync += [
            end.eq(self.address + words),
            beyond.eq(end > limit),
            short.eq(payload < WRITE_OVERHEAD),
            empty.eq(data == 0),
            wrong_step.eq(payload != (self.inputs_minus_1 + 1) << 1),
            fault.eq(0),
        ]

        def refuse(*reasons):
            for number, (condition, reason) in enumerate(reasons):
                with m.If(condition) if number == 0 else m.Elif(condition):
                    m.d.sync += fault.eq(reason)

        unloaded = (~self.loaded, Fault.NOT_LOADED)
        writable = known & (self.region != Region.COUNTERS)
        with m.Switch(self.command):
            with m.Case(Command.IDENTIFY):
                refuse((payload != 0, Fault.LENGTH))
            with m.Case(Command.WRITE):
                refuse(
                    (short, Fault.LENGTH),
                    (~writable, Fault.RANGE),
                    (empty | ~whole, Fault.LENGTH),
                    (beyond, Fault.RANGE),
                )
            with m.Case(Command.READ):
                refuse(
                    (payload != WRITE_OVERHEAD + 1, Fault.LENGTH),
                    (~known, Fault.RANGE),
                    ((self.count == 0) | ~fits, Fault.LENGTH),
                    (beyond, Fault.RANGE),
                )
            with m.Case(Command.COMMIT):
                refuse((payload != 1, Fault.LENGTH))
            with m.Case(Command.NEW_SEQUENCE):
                refuse((payload != 0, Fault.LENGTH), unloaded)
            with m.Case(Command.STEP):
                refuse(unloaded, (wrong_step, Fault.LENGTH))
            with m.Default():
                m.d.sync += fault.eq(Fault.COMMAND)
        return m
