"""Events made visible."""

from amaranth.sim import Simulator

from thresh.hw.lights import Stretcher


def lit(events, hold=4, cycles=40):
    light = Stretcher(hold=hold)
    seen = []

    async def bench(ctx):
        for now in range(cycles):
            ctx.set(light.i, now in events)
            await ctx.tick()
            seen.append(ctx.get(light.o))

    simulator = Simulator(light)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()
    return "".join(map(str, seen))


def test_one_event_lights_for_the_hold_time():
    assert lit({3}).strip("0") == "1111"


def test_constant_events_blink():
    blinking = lit(set(range(40))).lstrip("0")
    assert blinking.startswith("1111" + "0000" + "1111")


def test_stays_dark_without_events():
    assert "1" not in lit(set())
