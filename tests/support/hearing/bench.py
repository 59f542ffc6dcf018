"""The audio blocks as compiled simulations, driven cycle by cycle."""

from functools import cache
from pathlib import Path

import numpy as np
from amaranth.hdl import Module, ResetInserter
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from thresh.audio.front_end_tables import table_words
from thresh.gateware.audio.front_end import FrontEnd
from thresh.gateware.audio.multiplier_port import SoleMultiplier
from thresh.gateware.audio.sample_ring import SAMPLE
from thresh.gateware.flat_ports import FlatPorts
from thresh.gateware.verilog import generate
from thresh.sim.engines.compiled_flat import MODULE, CompiledFlat

LIMIT = 200_000
"""Cycles without an output after which a block hangs."""


class Restarted(wiring.Component):
    """A block that ``restart`` resets, with all its members."""

    def __init__(self, block):
        self.block = block
        super().__init__({"restart": In(1), **block.signature.members})

    def elaborate(self, platform):
        m = Module()
        m.submodules.block = ResetInserter(self.restart)(self.block)
        for path, member, outer in self.signature.flatten(self):
            if path == ("restart",):
                continue
            inner = self.block
            for name in path:
                inner = getattr(inner, name)
            m.d.comb += outer.eq(inner) if member.flow == Out else inner.eq(outer)
        return m


class FrontEndAlone(wiring.Component):
    """A `FrontEnd` with a multiplier of its own."""

    def __init__(self, *, multiplier, **options):
        self.sole = SoleMultiplier(multiplier=multiplier)
        self.unit = FrontEnd(latency=self.sole.latency, **options)
        super().__init__(
            {
                "i": In(stream.Signature(SAMPLE)),
                "x": Out(stream.Signature(SAMPLE)),
                "table_write": In(1),
                "table_address": In(range(2 * self.unit.points)),
                "table_data": In(16),
                "busy": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.unit, m.submodules.sole = self.unit, self.sole
        wiring.connect(m, self.unit.multiplier, self.sole.port)
        wiring.connect(m, wiring.flipped(self.i), self.unit.i)
        wiring.connect(m, self.unit.x, wiring.flipped(self.x))
        for name in ("table_write", "table_address", "table_data"):
            m.d.comb += getattr(self.unit, name).eq(getattr(self, name))
        m.d.comb += self.busy.eq(self.unit.busy)
        return m


def compiled(block):
    """``block`` behind flat ports, with ``restart``."""
    flat = FlatPorts(Restarted(block))
    return CompiledFlat(generate(flat, MODULE), flat.places, Path("build/sim"))


@cache
def front_end(multiplier, points, window, hop, program_in_memory=False):
    """One compiled front end per shape; tables are loaded one after another."""
    return compiled(
        FrontEndAlone(
            multiplier=multiplier, points=points, window=window, hop=hop,
            program_in_memory=program_in_memory,
        )
    )  # fmt: skip


class Pins:
    """Writers and readers of a simulation's ports by name."""

    def __init__(self, simulation):
        self.simulation = simulation

    def set(self, name, value):
        self.simulation.writer(name)(value)

    def get(self, name):
        return self.simulation.reader(name)()

    def restart(self):
        self.set("restart", 1)
        self.simulation.tick()
        self.set("restart", 0)


def run_front_end(simulation, front, pcm, *, gap=lambda: 0, stall=lambda: False):
    """Features of ``pcm`` and the cycles that each frame kept the block busy.

    ``gap`` says how many cycles pass before the next sample is offered, ``stall`` whether a cycle
    takes no feature.
    """
    pins = Pins(simulation)
    pins.set("i.valid", 0)
    pins.restart()
    pins.set("table_write", 1)
    for address, word in enumerate(table_words(front)):
        pins.set("table_address", address)
        pins.set("table_data", word)
        simulation.tick()
    pins.set("table_write", 0)
    offer, value, take = (simulation.writer(name) for name in ("i.valid", "i.payload", "x.ready"))
    names = ("i.ready", "x.valid", "x.payload", "busy")
    accepted, valid, feature, busy = (simulation.reader(name) for name in names)
    samples, features, cycles = iter(pcm.tolist()), [], [0]
    wanted, wait, offered, idle = front.frames(len(pcm)) * front.bands, 0, False, 0
    while len(features) < wanted:
        if not offered and wait == 0:
            following = next(samples, None)
            offered = following is not None
            value(following or 0)
        offer(offered and wait == 0)
        taking = not stall()
        take(taking)
        simulation.tick()
        cycles[-1] += busy()
        idle += 1
        if offered and wait == 0 and accepted():
            offered, wait = False, gap()
        elif wait:
            wait -= 1
        if valid() and taking:
            features.append((feature() ^ 0x8000) - 0x8000)
            idle = 0
            if len(features) % front.bands == 0:
                cycles.append(0)
        assert idle < LIMIT, "The front end hangs"
    return np.array(features, np.int64).reshape(-1, front.bands), cycles[:-1]
