"""Decision: smoothed scores, a threshold and a refractory time per word."""

from amaranth import *
from amaranth.lib import data, enum, stream, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from thresh.audio.spotter import MOST_CLASSES

SCORE = data.StructLayout({"value": signed(16), "last": 1})
"""A class's output in a step; ``last`` ends the step."""

WORD = data.StructLayout({"label": range(MOST_CLASSES), "score": signed(16), "heard": 1})
"""The best class of a step, its smoothed score, and whether it is announced."""


class Section(enum.Enum, shape=unsigned(2)):
    """Parts of the memory, one word per class each."""

    SCORES = 0
    THRESHOLDS = 1
    REFRACTORY = 2


class WordSpotter(wiring.Component):
    """`thresh.audio.spotter.Spotter`, every integer.

    Three cycles per class and four more; a step is taken when the one before is done. Thresholds
    and refractory times are words of the memory, which ``write`` sets between steps; the number of
    classes is that of each step's scores. Reset does not clear the scores: ``clear`` begins a
    sequence.

    Cost on iCE40: 242 logic cells and a block RAM.

    Parameters
    ----------
    shift : int
        As the spotter's.

    Members
    -------
    i : In(stream of `SCORE`)
    o : Out(stream of `WORD`)
        One a step.
    scored : Out(1), smoothed : Out(signed(16))
        A class's smoothed score is there, in order of classes.
    clear : In(1)
        Between steps: the next step begins a sequence.
    write : In(1), section : In(Section), address : In(range(64)), data : In(16)
    """

    def __init__(self, *, shift=3):
        self.shift = shift
        super().__init__(
            {
                "i": In(stream.Signature(SCORE)),
                "o": Out(stream.Signature(WORD)),
                "scored": Out(1),
                "smoothed": Out(signed(16)),
                "clear": In(1),
                "write": In(1),
                "section": In(Section),
                "address": In(range(MOST_CLASSES)),
                "data": In(16),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.memory = memory = Memory(shape=16, depth=4 * MOST_CLASSES, init=[])
        read, write = memory.read_port(), memory.write_port()
        label, fresh = Signal(range(MOST_CLASSES)), Signal(init=1)
        section = Signal(Section)
        best, word = self.o.p.score, read.data.as_signed()
        smoothed, resting = self.smoothed, Signal(15)
        m.d.comb += [
            read.addr.eq(Cat(Mux(section == Section.SCORES, label, self.o.p.label), section)),
            write.addr.eq(Cat(label, Section.SCORES)),
            write.data.eq(smoothed),
        ]
        with m.If(self.write):
            m.d.comb += [
                write.addr.eq(Cat(self.address, self.section)),
                write.data.eq(self.data),
                write.en.eq(1),
            ]
        with m.If(self.clear):
            m.d.sync += [fresh.eq(1), resting.eq(0)]

        with m.FSM():
            with m.State("FETCH"):
                m.d.comb += section.eq(Section.SCORES)
                with m.If(self.i.valid):
                    m.next = "SMOOTH"
            with m.State("SMOOTH"):
                kept = Mux(fresh, 0, word)
                m.d.comb += self.i.ready.eq(1)
                m.d.sync += smoothed.eq(kept + ((self.i.p.value - kept) >> self.shift))
                m.next = "COMPARE"
                with m.If(self.i.p.last):
                    m.next = "COMPARE LAST"
            for name, last in (("COMPARE", False), ("COMPARE LAST", True)):
                with m.State(name):
                    m.d.comb += [write.en.eq(1), self.scored.eq(1)]
                    with m.If((smoothed > best) | (label == 0)):
                        m.d.sync += [best.eq(smoothed), self.o.p.label.eq(label)]
                    m.d.sync += label.eq(0 if last else label + 1)
                    m.next = "THRESHOLD" if last else "FETCH"
            with m.State("THRESHOLD"):
                m.d.comb += section.eq(Section.THRESHOLDS)
                m.d.sync += fresh.eq(0)
                m.next = "DECIDE"
            with m.State("DECIDE"):
                m.d.comb += section.eq(Section.REFRACTORY)
                m.d.sync += self.o.p.heard.eq((best > word) & (resting == 0))
                with m.If(resting != 0):
                    m.d.sync += resting.eq(resting - 1)
                m.next = "ANNOUNCE"
            with m.State("ANNOUNCE"):
                with m.If(self.o.p.heard):
                    m.d.sync += resting.eq(word)
                m.next = "SEND"
            with m.State("SEND"):
                m.d.comb += self.o.valid.eq(1)
                with m.If(self.o.ready):
                    m.next = "FETCH"
        return m
