"""Delay lines, and one register."""

from amaranth import *


def delayed(m, signal, cycles, name):
    """``signal`` after each of 0 to ``cycles`` clock edges."""
    line = [signal]
    for cycle in range(1, cycles + 1):
        line.append(Signal.like(signal, name=f"{name}_{cycle}"))
        m.d.sync += line[-1].eq(line[-2])
    return line


def staged(m, value, name):
    """``value`` after a clock edge, in a register that no reset clears."""
    register = Signal(len(value), name=name, reset_less=True)
    m.d.sync += register.eq(value)
    return register
