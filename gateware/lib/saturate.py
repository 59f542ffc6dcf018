"""Expressions that clip a value to fewer bits."""

from amaranth import *


def extreme(sign, bits):
    """The lowest (``sign`` 1) or highest value of ``bits`` bits, unsigned."""
    return Cat((~sign).replicate(bits - 1), sign)


def saturate(value, bits):
    """Whether signed ``value`` exceeds ``bits`` bits, and it clipped to them, unsigned."""
    sign = value[-1]
    exceeds = Mux(sign, ~value[bits - 1 :].all(), value[bits - 1 :].any())
    return exceeds, Mux(exceeds, extreme(sign, bits), value[:bits])
