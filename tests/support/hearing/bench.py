"""The audio blocks as compiled simulations, driven cycle by cycle."""

from functools import cache
from pathlib import Path

import numpy as np
from amaranth.hdl import Const, Module, ResetInserter
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from thresh.audio.front_end_tables import table_words
from thresh.gateware.audio.front_end import FrontEnd
from thresh.gateware.audio.multiplier_port import FACTOR_BITS, multiplier_port
from thresh.gateware.audio.sample_ring import SAMPLE
from thresh.gateware.flat_ports import FlatPorts
from thresh.gateware.verilog import generate
from thresh.sim.engines.compiled_flat import MODULE, CompiledFlat

LIMIT = 200_000
"""Cycles without an output after which a block hangs."""


class Together(wiring.Component):
    """Blocks by name that ``restart`` resets; member ``i.valid`` of ``cic`` is ``cic_i_valid``."""

    def __init__(self, **blocks):
        self.blocks = blocks
        self.wires = {
            "_".join(map(str, (name, *path))): (member, value)
            for name, block in blocks.items()
            for path, member, value in block.signature.flatten(block)
            if not isinstance(value, Const)
        }
        members = {name: member for name, (member, _) in self.wires.items()}
        super().__init__({"restart": In(1), **members})

    def elaborate(self, platform):
        m = Module()
        for name, block in self.blocks.items():
            m.submodules[name] = ResetInserter(self.restart)(block)
        for name, (member, inner) in self.wires.items():
            outer = getattr(self, name)
            m.d.comb += outer.eq(inner) if member.flow == Out else inner.eq(outer)
        return m


class SoleMultiplier(wiring.Component):
    """A multiplier that nobody else uses; ``latency = 1 + multiplier.latency`` cycles."""

    def __init__(self, *, multiplier):
        self.multiplier = multiplier
        self.latency = 1 + multiplier.latency
        super().__init__({"port": In(multiplier_port())})

    def elaborate(self, platform):
        m = Module()
        m.submodules.multiplier = inner = self.multiplier(a_bits=FACTOR_BITS, b_bits=FACTOR_BITS)
        m.d.sync += [
            inner.a.eq(inner.prepare(self.port.unsigned)),
            inner.b.eq(self.port.signed),
        ]
        m.d.comb += self.port.product.eq(inner.product)
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
                "hold": In(1),
                "busy": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.unit, m.submodules.sole = self.unit, self.sole
        wiring.connect(m, self.unit.multiplier, self.sole.port)
        wiring.connect(m, wiring.flipped(self.i), self.unit.i)
        wiring.connect(m, self.unit.x, wiring.flipped(self.x))
        for name in ("table_write", "table_address", "table_data", "hold"):
            m.d.comb += getattr(self.unit, name).eq(getattr(self, name))
        m.d.comb += self.busy.eq(self.unit.busy)
        return m


def compiled(**blocks):
    """Blocks by name behind flat ports, with ``restart``."""
    flat = FlatPorts(Together(**blocks))
    return CompiledFlat(generate(flat, MODULE), flat.places, Path("build/sim"))


@cache
def front_end(multiplier, points, window, hop, program_in_memory=False):
    """One compiled front end per shape; tables are loaded one after another."""
    alone = FrontEndAlone(
        multiplier=multiplier, points=points, window=window, hop=hop,
        program_in_memory=program_in_memory,
    )  # fmt: skip
    return Pins(compiled(block=alone), "block")


class Pins:
    """Ports of one of a simulation's blocks by name."""

    def __init__(self, simulation, block):
        self.simulation = simulation
        self.tick = simulation.tick
        self.block = block
        self.reset = simulation.writer("restart")
        self.writers, self.readers = {}, {}

    def set(self, name, value):
        """Sets an input from the next tick on."""
        if name not in self.writers:
            self.writers[name] = self.simulation.writer(f"{self.block}_{name}")
        self.writers[name](value)

    def get(self, name):
        """What an output was just before the last edge."""
        if name not in self.readers:
            self.readers[name] = self.simulation.reader(f"{self.block}_{name}")
        return self.readers[name]()

    @property
    def cycles(self):
        """Ticks so far."""
        return self.simulation.cycles

    def restart(self):
        """Resets every block of the simulation."""
        self.reset(1)
        self.tick()
        self.reset(0)


def run_front_end(pins, front, pcm, *, gap=lambda: 0, stall=lambda: False):
    """Features of ``pcm`` and the cycles that each frame kept the block busy.

    ``gap`` says how many cycles pass before the next sample is offered, ``stall`` whether a cycle
    takes no feature; one that is offered stays until it is taken.
    """
    pins.set("i_valid", 0)
    pins.restart()
    pins.set("table_write", 1)
    for address, word in enumerate(table_words(front)):
        pins.set("table_address", address)
        pins.set("table_data", word)
        pins.tick()
    pins.set("table_write", 0)
    samples, features, cycles = iter(pcm.tolist()), [], [0]
    wanted, wait, offered, idle = front.frames(len(pcm)) * front.bands, 0, False, 0
    waiting = None
    while len(features) < wanted:
        if not offered and wait == 0:
            following = next(samples, None)
            offered = following is not None
            pins.set("i_payload", following or 0)
        pins.set("i_valid", offered and wait == 0)
        taking = not stall()
        pins.set("x_ready", taking)
        pins.tick()
        cycles[-1] += pins.get("busy")
        idle += 1
        if offered and wait == 0 and pins.get("i_ready"):
            offered, wait = False, gap()
        elif wait:
            wait -= 1
        feature = pins.get("x_payload") if pins.get("x_valid") else None
        assert waiting in (None, feature), "x takes back what it offered"
        waiting = None if taking else feature
        if feature is not None and taking:
            features.append(number(feature))
            idle = 0
            if len(features) % front.bands == 0:
                cycles.append(0)
        assert idle < LIMIT, "The front end hangs"
    return np.array(features, np.int64).reshape(-1, front.bands), cycles[:-1]


def number(word):
    """A 16-bit word as the integer that it holds."""
    return (word ^ 0x8000) - 0x8000
