"""Clipping equals the arithmetic's for every value."""

import numpy as np
from amaranth import Module, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from block_bench import play

from thresh.gateware.lib.saturate import saturate
from thresh.model import arithmetic
from thresh.sim.benches.script import Script

WIDE, BITS = 8, 5


class Clip(wiring.Component):
    """The expressions behind a port."""

    i: In(signed(WIDE))
    o: Out(BITS)
    exceeds: Out(1)

    def elaborate(self, platform):
        m, o = Module(), Signal(BITS)
        exceeds, clipped = saturate(self.i, BITS)
        m.d.comb += [o.eq(clipped), self.exceeds.eq(exceeds), self.o.eq(o)]
        m.d.sync += Signal().eq(0)
        return m


def test_every_value():
    script = Script()
    for cycle, value in enumerate(range(-(1 << WIDE - 1), 1 << WIDE - 1)):
        clipped, exceeds = arithmetic.saturate(np.int64(value), BITS)
        script.drive(cycle, i=value)
        script.want(cycle, o=int(clipped), exceeds=int(exceeds))
    play(Clip(), script)
