"""A register of a stream, and the rules that every stream is held to."""

import pytest
from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import Out
from block_bench import passed_on, simulate, stream_rules

from thresh.gateware.lib.stream_register import StreamRegister


@pytest.mark.parametrize(("gaps", "stalls"), [(0, 0), (0.5, 0), (0, 0.5), (0.4, 0.4)])
def test_passes_everything_on_in_order_and_keeps_what_waits(gaps, stalls):
    values = list(range(1, 61))
    seen, cycles = passed_on(StreamRegister(8), values, gaps=gaps, stalls=stalls)
    assert seen == values
    if not gaps and not stalls:
        assert cycles == len(values) + 1


class Fickle(wiring.Component):
    """A stream that breaks a rule in its fourth cycle: its ``valid`` falls, or its payload moves.

    Parameters
    ----------
    falls : bool
    """

    def __init__(self, *, falls):
        self.falls = falls
        super().__init__({"o": Out(stream.Signature(8))})

    def elaborate(self, platform):
        m = Module()
        cycle = Signal(4)
        m.d.sync += cycle.eq(cycle + 1)
        broken = cycle == 3
        m.d.comb += [
            self.o.valid.eq(~(broken & self.falls)),
            self.o.payload.eq(5 + (broken & ~self.falls)),
        ]
        return m


@pytest.mark.parametrize(
    ("falls", "sentence"),
    [(1, "o takes back what it offered"), (0, "o offers 6 instead of 5")],
)
@pytest.mark.parametrize("ready", [0, 1])
def test_a_stream_that_breaks_a_rule_is_noticed_while_it_waits(falls, sentence, ready):
    block, broken = Fickle(falls=falls), []

    async def bench(ctx):
        ctx.set(block.o.ready, ready)
        await ctx.tick().repeat(8)

    simulate(block, bench, background=stream_rules(broken, o=block.o))
    assert broken[:1] == ([] if ready else [sentence])
