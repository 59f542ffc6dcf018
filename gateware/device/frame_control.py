"""Frame control: what the core's clock domain does, from the start to the next frame."""

from itertools import pairwise

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

QUIET_CYCLES = 32
"""For which neither front end nor core is at work only if the core waits for more features."""

STATUS = ("STATUS", "SCORE", "CYCLES", "REPORT")
"""States in which the status is written, and what follows."""


class FrameControl(wiring.Component):
    """Load, begin a sequence; then for every batch of samples feed, step, read, decide, report.

    A frame is wholly over before the next one begins: front end and core never work at once. It is
    over whatever the memories hold: a step for which the features do not suffice is given up.

    Cost on iCE40: 60 logic cells.

    Members
    -------
    loaded : In(1), found : In(1)
        The loader has ended, and a network is there.
    introduce : Out(1), booted : Out(1)
        What came of it is to be written down; everything is ready for samples.
    new_sequence : Out(1), core_busy, core_done, core_fault : In(1)
    faulty : Out(1)
        From its first step on: what was loaded is no network.
    batch : In(1), batch_over : Out(1)
        Samples wait; all that is to be made of them is made.
    listening : In(1), listens : Out(1)
        Somebody wants reports; as it is for the present frame. The first one begins a sequence.
    threshold : In(1), set_threshold : Out(1)
    begin : Out(1), feed : Out(1), front_busy : In(1)
        A frame begins; its samples flow until the front end is busy.
    read : Out(1)
        The outputs are to be read.
    decided : In(1), heard : In(1), take : Out(1)
        The decision waits; whether it is an announcement; it is taken.
    frame : Out(8)
    status : Out(3)
        As the `Reporter`'s.
    room : In(1), report : Out(1)
        The memory of messages is free; there is a message in it.
    recording : Out(1)
        What happens is written down.
    """

    def __init__(self):
        super().__init__(
            {
                "loaded": In(1),
                "found": In(1),
                "introduce": Out(1),
                "booted": Out(1),
                "new_sequence": Out(1),
                "core_busy": In(1),
                "core_done": In(1),
                "core_fault": In(1),
                "faulty": Out(1),
                "batch": In(1),
                "batch_over": Out(1),
                "listening": In(1),
                "listens": Out(1),
                "threshold": In(1),
                "set_threshold": Out(1),
                "begin": Out(1),
                "feed": Out(1),
                "front_busy": In(1),
                "read": Out(1),
                "decided": In(1),
                "heard": In(1),
                "take": Out(1),
                "frame": Out(8),
                "status": Out(3),
                "room": In(1),
                "report": Out(1),
                "recording": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        with m.FSM():
            self._start(m)
            self._rest(m)
            self._frame(m)
        return m

    def _start(self, m):
        """Until the network is there and its first sequence has begun."""
        with m.State("LOAD"):
            with m.If(self.loaded):
                m.next = "INTRODUCE"
        with m.State("INTRODUCE"):
            m.d.comb += self.introduce.eq(1)
            m.next = "READY"
            with m.If(self.found):
                m.next = "RESET"
        with m.State("RESET"):
            m.d.comb += self.new_sequence.eq(1)
            m.d.sync += self.frame.eq(0)
            m.next = "RESETTING"
        with m.State("RESETTING"):
            with m.If(~self.core_busy):
                m.next = "READY"
        with m.State("READY"):
            m.d.sync += self.booted.eq(1)
            m.next = "REST"

    def _rest(self, m):
        """Between frames."""
        with m.State("REST"):
            m.d.comb += self.set_threshold.eq(self.threshold)
            with m.If(self.batch):
                m.d.sync += [self.listens.eq(self.listening), self.recording.eq(self.room)]
                m.next = "BEGIN"
                with m.If(self.listening & ~self.listens):
                    m.next = "RESET"

    def _frame(self, m):
        """From its samples to its report."""
        with m.State("BEGIN"):
            m.d.comb += self.begin.eq(1)
            m.next = "FEED"
        with m.State("FEED"):
            m.d.comb += self.feed.eq(~self.front_busy)
            with m.If(self.front_busy):
                m.next = "STEP"
        quiet = Signal(range(QUIET_CYCLES))
        m.d.sync += quiet.eq(Mux(self.front_busy | self.core_busy, 0, quiet + 1))
        with m.State("STEP"):
            with m.If(self.core_done):
                m.next = "SETTLE"
            with m.Elif(quiet == QUIET_CYCLES - 1):
                m.d.sync += self.faulty.eq(1)
                m.next = "SETTLE"
        with m.State("SETTLE"):
            with m.If(~self.core_busy):
                m.d.comb += self.read.eq(1)
                with m.If(self.core_fault):
                    m.d.sync += self.faulty.eq(1)
                m.next = "DECIDE"
        with m.State("DECIDE"):
            with m.If(self.decided):
                m.next = "STATUS"
        for number, (state, following) in enumerate(pairwise(STATUS)):
            with m.State(state):
                m.d.comb += self.status[number].eq(1)
                m.next = following
        with m.State("REPORT"):
            m.d.comb += [
                self.take.eq(1),
                self.batch_over.eq(1),
                self.report.eq(self.recording & (self.listens | self.heard)),
            ]
            m.d.sync += [self.frame.eq(self.frame + 1), self.recording.eq(0)]
            m.next = "REST"
