"""Measures: a whole number that falls in every cycle in which a block does not wait for another."""

from amaranth import *
from amaranth.hdl import Assert


def falls(m, measure, *, waits, begins, most):
    """A block ends: what is left for it to do falls with every cycle, or it waits.

    While it waits nothing is added. A block has therefore worked for ``most`` cycles at most from
    one beginning to the next.

    Parameters
    ----------
    m : Module
    measure : Value
        Cycles that are left at most, if it never waits.
    waits : Value
        It waits for another block in this cycle.
    begins : Value
        Something new begins behind this cycle.
    most : int
        Of the measure.
    """
    before, waited, began = Signal(len(measure) + 1), Signal(), Signal(init=1)
    m.d.sync += [before.eq(measure), waited.eq(waits), began.eq(begins)]
    m.d.comb += Assert(measure <= most)
    with m.If(~began):
        m.d.comb += Assert(Mux(waited, measure <= before, measure < before))


def chosen(value, table, otherwise=0):
    """``table[value]``, as logic; ``otherwise`` where it has no such key."""
    found = C(otherwise, max([otherwise, *table.values()]).bit_length() or 1)
    for key, result in table.items():
        found = Mux(value == key, C(result, len(found)), found)
    return found
