"""A sum of two with a carry."""

from amaranth import *


def sum_of(left, right, carry):
    """``left + right + carry`` by one adder, cut to their width."""
    return (Cat(C(1, 1), left) + Cat(carry, right))[1 : 1 + len(left)]
