"""Input counter: which of a step's inputs comes next."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


class InputCounter(wiring.Component):
    """Numbers the inputs of a step; once all came, it waits until their list is taken.

    Parameters
    ----------
    width : int

    Members
    -------
    inputs_minus_1 : In(width)
    accept : In(1)
        An input comes.
    taken, restart : In(1)
        The list was taken, the next step's inputs may come; a new sequence begins.
    index, following : Out(width)
        The next input's number, and what it is in the next cycle.
    last, complete : Out(1)
        It is the step's last; all inputs of the step came.
    """

    def __init__(self, *, width):
        self.width = width
        super().__init__(
            {
                "inputs_minus_1": In(width),
                "accept": In(1),
                "taken": In(1),
                "restart": In(1),
                "index": Out(width),
                "following": Out(width),
                "last": Out(1),
                "complete": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.d.comb += [
            self.last.eq(self.index == self.inputs_minus_1),
            self.following.eq(self.index),
        ]
        m.d.sync += self.index.eq(self.following)
        with m.If(self.accept):
            m.d.comb += self.following.eq(Mux(self.last, 0, self.index + 1))
            m.d.sync += self.complete.eq(self.last)
        with m.If(self.taken):
            m.d.sync += self.complete.eq(0)
        with m.If(self.restart):
            m.d.comb += self.following.eq(0)
            m.d.sync += self.complete.eq(0)
        return m
