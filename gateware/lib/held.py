"""Values that hold for some cycles, delayed."""

from amaranth import *


def held(m, value, begins, cycles, span, name):
    """``value`` after a number of cycles, by as few registers as its holding allows.

    Parameters
    ----------
    m : Module
    value : Value
        Holds for ``span`` cycles from each in which ``begins[0]`` is high.
    begins : list of Value
        A strobe after each of 0 to ``cycles - 1`` clock edges at least, see `delayed`; high again
        after ``span`` cycles at the earliest.
    cycles, span : int
    name : str

    Returns
    -------
    Value
        Holds until the next.
    """
    at = 0
    while at < cycles:
        at = min(at + span, cycles)
        register = Signal.like(value, name=f"{name}_{at}")
        with m.If(begins[at - 1]):
            m.d.sync += register.eq(value)
        value = register
    return value
