"""What is held comes as late as what is delayed, through fewer registers."""

import random

import pytest
from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from block_bench import run_cycles

from thresh.gateware.lib.delayed import delayed
from thresh.gateware.lib.held import held


class Line(wiring.Component):
    """A value that holds from its strobe on, some cycles later."""

    def __init__(self, *, cycles, span):
        self.cycles = cycles
        self.span = span
        super().__init__({"value": In(8), "begins": In(1), "o": Out(8)})

    def elaborate(self, platform):
        m = Module()
        begins = delayed(m, self.begins, self.cycles, "begins")
        m.d.comb += self.o.eq(held(m, self.value, begins, self.cycles, self.span, "value"))
        return m


@pytest.mark.parametrize("span", [1, 3, 8])
@pytest.mark.parametrize("cycles", [1, 3, 7, 8, 9, 17])
def test_holds_for_its_span_after_its_cycles(cycles, span):
    draw, drive = random.Random(cycles), []
    for _ in range(40):
        value = draw.randrange(256)
        drive += [{"value": value, "begins": int(not cycle)} for cycle in range(span)]
        # Between two values anything may stand there.
        drive += [
            {"value": draw.randrange(256), "begins": 0} for _ in range(draw.choice((0, 0, 1, 5)))
        ]
    starts = [at for at, one in enumerate(drive) if one["begins"]]
    came = run_cycles(Line(cycles=cycles, span=span), drive, "o")
    late = cycles - 1  # What is seen after a cycle's edge is a register's in the next.
    for start in starts:
        for at in range(start, start + span):
            if at + late < len(came):
                assert came[at + late] == drive[start]["value"]
