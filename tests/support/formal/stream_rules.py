"""The rules of a stream, as assertions on its source or assumptions on it."""

from amaranth import *
from amaranth.hdl import Assert


def hold_rule(m, stream, check=Assert, name="stream"):
    """What is offered stays: ``valid`` and ``payload`` hold until ``ready``.

    Parameters
    ----------
    m : Module
    stream : stream interface
    check : Assert or Assume
        For a stream that a proof looks at, or one that is an input of it.
    name : str
        Of this stream, for the signals that remember.
    """
    payload = Value.cast(stream.payload).as_unsigned()
    waiting, before = Signal(name=f"{name}_waiting"), Signal(len(payload), name=f"{name}_before")
    m.d.sync += [waiting.eq(stream.valid & ~stream.ready), before.eq(payload)]
    with m.If(waiting):
        m.d.comb += check(stream.valid & (payload == before))
