"""Decision pins: what was heard, for as long as somebody looks."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.cdc import FFSynchronizer
from amaranth.lib.wiring import In, Out

from thresh.audio.spotter import MOST_CLASSES


class DecisionPins(wiring.Component):
    """A pulse, the label, and one pin per class for ``hold`` frames.

    Three to four cycles after ``changes`` changed.

    Cost on iCE40: 25 logic cells, and two per class.

    Parameters
    ----------
    classes : int
        Pins; there are no others than these classes.
    hold : int
        Frames for which a pin stays high, unless another word is heard.

    Members
    -------
    changes : In(1), heard_label : In(range(64))
        Of another domain: changes with an announcement, whose label rests for a frame.
    frame : In(1)
        A frame's time has passed.
    heard : Out(1), label : Out(range(64)), word : Out(classes)
    """

    def __init__(self, *, classes, hold):
        if not 1 <= classes <= MOST_CLASSES:
            raise ValueError(f"There are 1 to {MOST_CLASSES} decision pins, not {classes!r}")
        if hold < 1:
            raise ValueError(f"A decision is held for at least 1 frame, not {hold!r}")
        self.classes = classes
        self.hold = hold
        super().__init__(
            {
                "changes": In(1),
                "heard_label": In(range(MOST_CLASSES)),
                "frame": In(1),
                "heard": Out(1),
                "label": Out(range(MOST_CLASSES)),
                "word": Out(classes),
            }
        )

    def elaborate(self, platform):
        m = Module()
        heard_label = self.heard_label[: max(1, (self.classes - 1).bit_length())]
        now, before, left = Signal(), Signal(), Signal(range(self.hold + 1))
        m.submodules.settled = FFSynchronizer(self.changes, now)
        m.d.sync += [before.eq(now), self.heard.eq(now ^ before)]
        with m.If(self.frame & (left != 0)):
            m.d.sync += left.eq(left - 1)
        with m.If(left == 0):
            m.d.sync += self.word.eq(0)
        with m.If(now ^ before):
            m.d.sync += [
                self.label.eq(heard_label),
                self.word.eq(Cat(heard_label == place for place in range(self.classes))),
                left.eq(self.hold),
            ]
        return m
