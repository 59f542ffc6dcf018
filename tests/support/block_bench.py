"""One helper for all tests of single blocks in the Amaranth simulator."""

import numpy as np
from amaranth.hdl import Value
from amaranth.sim import Simulator

TIMEOUT = 100_000
"""Cycles after which a block that has not finished has hung."""


def simulate(component, *benches, background=None):
    """Run every bench, an ``async def (ctx)``, to its end; one in the background is left then."""
    simulator = Simulator(component)
    simulator.add_clock(1e-6)

    for bench in benches:
        simulator.add_testbench(bench)
    if background:
        simulator.add_testbench(background, background=True)
    for _ in range(2 * TIMEOUT):
        if not simulator.advance():
            return
    raise AssertionError(f"The block hangs: nothing ended within {TIMEOUT} cycles")


def stream_rules(broken=None, **streams):
    """A background testbench that fails when a stream breaks a rule, with the stream's name.

    ``valid`` stays until the payload has been taken, and the payload stays with it, whatever
    ``ready`` does. With a list, what is ``broken`` ends up there and nothing fails.
    """

    def check(fine, sentence):
        assert fine or broken is not None, sentence
        if not fine:
            broken.append(sentence)

    async def bench(ctx):
        signals = [
            signal
            for stream in streams.values()
            for signal in (stream.valid, stream.ready, Value.cast(stream.payload))
        ]
        offered = dict.fromkeys(streams)
        async for _, _, *values in ctx.tick().sample(*signals):
            for number, name in enumerate(streams):
                valid, ready, payload = values[3 * number : 3 * number + 3]
                before = offered[name]
                if before is not None:
                    check(valid, f"{name} takes back what it offered")
                    check(payload == before, f"{name} offers {payload} instead of {before}")
                offered[name] = payload if valid and not ready else None

    return bench


def play(component, script):
    """Drive a `thresh.sim.benches.script.Script`, every cycle checked; `i_valid` is `i.valid`."""
    ports = {
        "_".join(map(str, path)): Value.cast(value)
        for path, _, value in component.signature.flatten(component)
    }

    async def bench(ctx):
        driven = {}
        for cycle in range(-1, script.cycles):
            for name, value in script.inputs(cycle).items() - driven.items():
                ctx.set(ports[name], int(value))
                driven[name] = value
            if cycle < 0:
                continue
            names = sorted(script.outputs(cycle))
            _, _, *values = await ctx.tick().sample(*(ports[name] for name in names))
            seen = dict(zip(names, map(int, values), strict=True))
            script.check(cycle, lambda name, seen=seen: (seen[name], len(ports[name])))

    simulate(component, bench)


def run_cycles(component, drive, output):
    """What ``output`` holds after every cycle of ``drive``: a list of {member: value}."""
    seen = []

    async def bench(ctx):
        for values in drive:
            for name, value in values.items():
                ctx.set(getattr(component, name), value)
            await ctx.tick()
            seen.append(ctx.get(getattr(component, output)))

    simulate(component, bench)
    return seen


def pipelined(component, drives, outputs, latency):
    """Drive a new value every cycle and collect what comes ``latency`` cycles later.

    Parameters
    ----------
    component : Component
    drives : list of (signal, delay, values)
        Each value is there for one cycle, ``delay`` cycles after the first signal's.
    outputs : list of (signal, latency)
    latency : int
        The longest latency of all outputs.

    Returns
    -------
    list of ndarray of int64
        Per output.
    """
    count = len(drives[0][2])
    samples = []

    async def bench(ctx):
        for now in range(count + latency):
            for signal, delay, values in drives:
                if 0 <= now - delay < count:
                    ctx.set(signal, values[now - delay])
            _, _, *row = await ctx.tick().sample(*(signal for signal, _ in outputs))
            samples.append([int(value) for value in row])
        _, _, *row = await ctx.tick().sample(*(signal for signal, _ in outputs))
        samples.append([int(value) for value in row])

    simulate(component, bench)
    table = np.array(samples, np.int64)
    return [table[late : late + count, n] for n, (_, late) in enumerate(outputs)]


def passed_on(block, values, *, gaps, stalls):
    """What a block with streams ``i`` and ``o`` passes on, and in how many cycles.

    ``gaps`` is the share of cycles without an offer, ``stalls`` of those in which nothing is taken.
    """
    random = np.random.default_rng(1)
    seen, cycles = [], 0

    async def bench(ctx):
        nonlocal cycles
        waiting, offers = list(values), False
        while len(seen) < len(values):
            offers = offers or (bool(waiting) and random.random() >= gaps)
            ctx.set(block.i.valid, offers)
            ctx.set(block.i.payload, waiting[0] if waiting else 0)
            takes = bool(random.random() >= stalls)
            ctx.set(block.o.ready, takes)
            _, _, ready, valid, payload = await ctx.tick().sample(
                block.i.ready, block.o.valid, block.o.payload
            )
            cycles += 1
            if valid and takes:
                seen.append(payload)
            if offers and ready:
                waiting.pop(0)
                offers = False

    simulate(block, bench, background=stream_rules(i=block.i, o=block.o))
    return seen, cycles
