"""A host that says given bytes, so that a fault is met soon after the beginning."""

from amaranth import *
from amaranth.hdl import Assume
from amaranth.lib.wiring import In


def says(m, link, said):
    """A host says these bytes to a `HostLink`, one a cycle; where None stands it waits.

    It takes every byte of an answer at once. The core rests.

    Parameters
    ----------
    m : Module
    link : HostLink
    said : sequence of int or None
    """
    number = Signal(range(len(said) + 1))
    m.d.sync += number.eq(number + (number != len(said)))
    payload = Array([*(0 if byte is None else byte for byte in said), 0])[number]
    valid = Array([*(byte is not None for byte in said), 0])[number]
    m.d.comb += Assume((link.i.valid == valid) & (link.i.payload == payload) & link.o.ready)
    spoken = (link.i.valid, link.i.payload, link.o.ready)
    for _, member, value in link.signature.flatten(link):
        if member.flow is In and not any(value is one for one in spoken):
            m.d.comb += Assume(value == 0)
