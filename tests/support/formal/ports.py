"""Ports of memories: a word that is wanted is never written in the cycle in which it is read."""

from amaranth import *
from amaranth.hdl import Assert


def meets(read, write):
    """Whether a word is written while it is read, of which a block RAM may give anything."""
    return read.en & write.en.any() & (read.addr == write.addr)


def apart(m, memory, wanted=1):
    """What a memory's read ports read while it is ``wanted`` is not written then."""
    for read in memory.read_ports:
        for write in memory.write_ports:
            m.d.comb += Assert(~(meets(read, write) & wanted))
