"""Counts to two, kept so that whether something is left is a register."""

from amaranth import *


def tally(m, *, up, down, most, full=False, name="tally"):
    """Whether a count of 0 to ``most`` (1 or 2) is not 0; it changes a cycle after up or down.

    Starts at 0, or at ``most`` when ``full``. Up at the most and down at 0 change nothing.
    """
    some = Signal(init=full, name=f"{name}_some")
    if most == 1:
        m.d.sync += some.eq(up | (some & ~down))
        return some
    two = Signal(init=full, name=f"{name}_two")
    with m.If(up & ~down):
        m.d.sync += [some.eq(1), two.eq(some)]
    with m.Elif(down & ~up):
        m.d.sync += [some.eq(two), two.eq(0)]
    return some
