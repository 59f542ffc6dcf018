"""Pins of decisions: a pulse, a label, and a pin for as many frames as stated."""

import pytest
from amaranth.sim import Simulator

from thresh.gateware.device.decision_pins import DecisionPins


@pytest.mark.parametrize("hold", [1, 3])
def test_a_word_is_shown_for_its_frames(hold):
    pins, pulses = DecisionPins(classes=5, hold=hold), []

    async def pulse(ctx):
        async for _, _, heard in ctx.tick().sample(pins.heard):
            pulses.append(heard)

    async def bench(ctx):
        for number, label in enumerate((3, 0, 4)):
            ctx.set(pins.heard_label, label)
            ctx.set(pins.changes, 1 - number % 2)
            for _ in range(5):
                await ctx.tick()
            assert (ctx.get(pins.word), ctx.get(pins.label)) == (1 << label, label)
            assert sum(pulses) == number + 1
            for frame in range(hold + 2 if number else hold - 1):
                ctx.set(pins.frame, 1)
                await ctx.tick()
                ctx.set(pins.frame, 0)
                await ctx.tick()
                assert ctx.get(pins.word) == (1 << label) * (frame + 1 < hold)
            assert ctx.get(pins.label) == label

    simulator = Simulator(pins)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.add_testbench(pulse, background=True)
    simulator.run()
    assert sum(pulses) == 3


def test_refuses_pins_and_times_that_cannot_be():
    with pytest.raises(ValueError, match="1 to 64 decision pins, not 0"):
        DecisionPins(classes=0, hold=1)
    with pytest.raises(ValueError, match="at least 1 frame, not 0"):
        DecisionPins(classes=1, hold=0)
