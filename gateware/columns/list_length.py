"""List length: what of a list's length must be known without a comparison."""

from amaranth import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out


def list_length(depth):
    """A list's length: whether it is not 0, 1, 2; and ``limit``, the position of the third event
    from the end, modulo a power of two."""
    return data.StructLayout({"some": 1, "one": 1, "two": 1, "limit": range(depth + 1)})


class ListLength(wiring.Component):
    """Registers that say how long a list is, a cycle after ``load``.

    Parameters
    ----------
    depth : int
        Most events of a list.

    Members
    -------
    load : In(1), length : In
    o : Out(`list_length`)
    """

    def __init__(self, *, depth):
        self.depth = depth
        super().__init__(
            {"load": In(1), "length": In(range(depth + 1)), "o": Out(list_length(depth))}
        )

    def elaborate(self, platform):
        m = Module()
        with m.If(self.load):
            m.d.sync += [
                self.o.limit.eq(self.length - 3),
                self.o.some.eq(self.length != 0),
                self.o.one.eq(self.length == 1),
                self.o.two.eq(self.length == 2),
            ]
        return m
