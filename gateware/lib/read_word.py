"""Words of memories that are read through registers."""

from amaranth import *


def read_word(m, word, latency):
    """``word``, as a memory's read port gives it, ``latency`` cycles after its address.

    The registers after the first cycle have neither enable nor reset, so that a block RAM can take
    them in.
    """
    for cycle in range(1, latency):
        later = Signal.like(word, name=f"word_{cycle}", reset_less=True)
        m.d.sync += later.eq(word)
        word = later
    return word
