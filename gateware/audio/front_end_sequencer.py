"""Sequencer of the front end's micro-program."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from thresh.audio.block_transform import SHIFTS
from thresh.gateware.lib.delayed import delayed

from .front_end_arithmetic import SUM_BITS
from .front_end_program import WORD, Phase, Table, program

FIRST_POWER = 6
"""Low bits of the address of ``2**0``."""


class FrontEndSequencer(wiring.Component):
    """Runs a frame: window, exponent, transform, split, then each band's bins and logarithm.

    Cost on iCE40: 95 logic cells, and 120 for a program in logic.

    Parameters
    ----------
    latency : int
        Cycles from a factor to its product.
    program_in_memory : bool

    Members
    -------
    pending : In(1)
        A frame waits.
    begin, window_done : Out(1)
        It begins; its samples are read.
    running : Out(1), control : Out(`WORD`)
        The micro-instruction of this cycle.
    phase : Out(Phase), step : Out(1), leave : In(1)
        Of the loop, as `TransformCounters` has them.
    advance : Out(1)
    word : In(16)
        What is stored, for the block's exponent.
    exponent : Out(4)
        Low bits of the address of the power of two that scales the block.
    whole : Out(5)
        The logarithm's whole part of a sum of 2**31, less the exponent.
    beyond : In(1)
        The twiddle's angle lies beyond a quarter.
    normal : In(1)
        The sum needs no further doubling.
    last_interval : In(1)
        Of the bin's table word.
    add, minus : Out(1)
        A product arrives in this cycle.
    sending : Out(1), taken : In(1)
        A feature waits; it is taken.
    next_band : Out(1)
    busy : Out(1)
    """

    def __init__(self, *, latency, program_in_memory=False):
        self.latency = latency
        self.program_in_memory = program_in_memory
        super().__init__(
            {
                "pending": In(1),
                "begin": Out(1),
                "window_done": Out(1),
                "running": Out(1),
                "control": Out(WORD),
                "phase": Out(Phase),
                "step": Out(1),
                "leave": In(1),
                "advance": Out(1),
                "word": In(16),
                "exponent": Out(4, init=FIRST_POWER),
                "whole": Out(range(SUM_BITS)),
                "beyond": In(1),
                "normal": In(1),
                "last_interval": In(1),
                "add": Out(1),
                "minus": Out(1),
                "sending": Out(1),
                "taken": In(1),
                "next_band": Out(1),
                "busy": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        words, starts = program(self.latency)
        style = "block" if self.program_in_memory else "logic"
        m.submodules.program = memory = Memory(
            shape=WORD, depth=len(words), init=words, attrs={"rom_style": style}
        )
        fetch = memory.read_port()
        here, following = Signal(range(len(words))), Signal(range(len(words)))
        final = Signal()
        m.d.sync += here.eq(following)
        m.d.comb += [
            following.eq(here),
            fetch.addr.eq(following),
            self.control.eq(fetch.data),
            self.step.eq(self.running & self.control.last),
            self.advance.eq(self.running & self.control.advance),
            self.busy.eq(1),
        ]
        phase_starts = Array(starts[phase] for phase in Phase)
        measured = self._exponent(m)

        with m.FSM():
            with m.State("REST"):
                m.d.comb += [self.busy.eq(0), following.eq(0), self.begin.eq(self.pending)]
                m.d.sync += self.phase.eq(Phase.WINDOW)
                with m.If(self.pending):
                    m.next = "RUN"
            with m.State("RUN"):
                m.d.comb += self.running.eq(1)
                with m.If(~self.control.normalise | self.normal):
                    m.d.comb += following.eq(here + 1)
                with m.If(self.control.last):
                    with m.If(~self.leave):
                        m.d.comb += following.eq(phase_starts[self.phase.as_value()])
                    with m.Else():
                        m.d.sync += self.phase.eq(self.phase.as_value() + 1)
                    with m.If(self.phase == Phase.FALL):
                        m.d.sync += final.eq(self.last_interval)
                    with m.If(self.leave & (self.phase == Phase.WINDOW)):
                        m.d.comb += self.window_done.eq(1)
                        m.next = "MEASURE"
                    with m.If(self.phase == Phase.LOGARITHM):
                        m.d.comb += following.eq(starts[Phase.RISE] - 1)
                        m.next = "SEND"
            with m.State("MEASURE"):
                with m.If(measured):
                    m.next = "RUN"
            with m.State("SEND"):
                m.d.comb += self.sending.eq(1)
                m.d.sync += self.phase.eq(Phase.RISE)
                with m.If(self.taken):
                    m.d.comb += self.next_band.eq(1)
                    m.next = "RUN"
                    with m.If(final):
                        m.next = "REST"
        self._products(m)
        return m

    def _exponent(self, m):
        """Finds the block's exponent from the bits that its words use; whether it is found."""
        used, measuring = Signal(15, reset_less=True), Signal()
        m.d.comb += measuring.eq(~self.running & (self.phase == Phase.SCALE))
        top = Signal()
        m.d.comb += [
            top.eq(used[-1] | (self.exponent == FIRST_POWER + SHIFTS - 1)),
            self.whole.eq(SUM_BITS - 1 + FIRST_POWER - self.exponent),
        ]
        with m.If(self.begin):
            m.d.sync += [used.eq(0), self.exponent.eq(FIRST_POWER)]
        with m.Elif(self.running & self.control.measure):
            m.d.sync += used.eq(used | (self.word[:-1] ^ self.word[-1].replicate(15)))
        with m.Elif(measuring & ~top):
            m.d.sync += [used.eq(used << 1), self.exponent.eq(self.exponent + 1)]
        return top

    def _products(self, m):
        """When products arrive, and with which sign: a cosine beyond a quarter is negative."""
        arrives = delayed(m, self.running & self.control.multiply, self.latency + 1, "arrives")
        negative = self.control.minus ^ ((self.control.table == Table.COSINE) & self.beyond)
        signs = delayed(m, negative, self.latency + 1, "negative")
        m.d.comb += [self.add.eq(arrives[-1]), self.minus.eq(signs[-1])]
