"""Small counts, kept so that whether something is left is a register."""

from amaranth import *


def tally(m, *, up, down, most, full=False, name="tally"):
    """Whether a count of 0 to ``most`` is not 0; it changes a cycle after up or down.

    Starts at 0, or at ``most`` when ``full``. Up at the most and down at 0 change nothing.
    """
    ones = Signal(most, init=-1 if full else 0, name=name)
    with m.If(up & ~down):
        m.d.sync += ones.eq(Cat(1, ones))
    with m.Elif(down & ~up):
        m.d.sync += ones.eq(ones[1:])
    return ones[0]
