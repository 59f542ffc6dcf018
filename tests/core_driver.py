"""Drives the core in the Amaranth simulator: one simulation, any number of networks."""

import numpy as np
from amaranth.sim import Simulator

from thresh.gateware.core import READ_LATENCY, Core
from thresh.model.image import build_image
from thresh.model.link import Counter, Region

TIMEOUT = 200_000
"""Cycles after which a step that has not ended has hung."""


class CoreDriver:
    """A core under the Amaranth simulator, driven from plain Python.

    Parameters
    ----------
    geometry : Geometry
    primitives : Primitives or None
    """

    def __init__(self, geometry, primitives=None, vcd=None):
        self.geometry = geometry
        self.core = Core(geometry=geometry, primitives=primitives)
        self.simulator = Simulator(self.core)
        self.simulator.add_clock(1e-6)
        self._job = None
        self._result = None
        self.simulator.add_testbench(self._bench)
        self.cycles = 0

    async def _bench(self, ctx):
        while True:
            if self._job is None:
                await ctx.tick()
                continue
            job, self._job = self._job, None
            try:
                self._result = ("value", await job(ctx))
            except Exception as error:
                self._result = ("error", error)

    def do(self, job):
        """Run one coroutine function in the simulation and return its result."""
        self._job, self._result = job, None
        while self._result is None:
            self.simulator.advance()
        kind, value = self._result
        if kind == "error":
            raise value
        return value

    def load(self, network):
        """Write a network's image through the access port."""
        image = build_image(network, self.geometry)
        self.image = image

        async def job(ctx):
            access = self.core.access
            ctx.set(access.enable, 1)
            ctx.set(access.write, 1)

            async def region(number, words):
                ctx.set(access.region, number)
                for address, word in enumerate(words):
                    ctx.set(access.address, address)
                    ctx.set(access.write_data, word)
                    await ctx.tick()

            weights = [int.from_bytes(bytes(word), "little") for word in image.weights]
            await region(Region.WEIGHTS, weights)
            await region(Region.TABLE, [int(word) for word in image.table.flat])
            await region(Region.HEADER, image.header)
            ctx.set(access.write, 0)
            ctx.set(access.enable, 0)
            await ctx.tick()

        self.do(job)

    def new_sequence(self):
        async def job(ctx):
            ctx.set(self.core.new_sequence, 1)
            await ctx.tick()
            ctx.set(self.core.new_sequence, 0)
            await ctx.tick()
            await self._rest(ctx)

        self.do(job)

    async def _rest(self, ctx):
        for _ in range(TIMEOUT):
            if not ctx.get(self.core.busy):
                return
            await ctx.tick()
        raise AssertionError("The core hangs")

    async def _read(self, ctx, region, addresses):
        access, words = self.core.access, []
        ctx.set(access.enable, 1)
        ctx.set(access.region, region)
        addresses = list(addresses)
        for now in range(len(addresses) + READ_LATENCY):
            if now < len(addresses):
                ctx.set(access.address, addresses[now])
            if now >= READ_LATENCY:
                words.append(ctx.get(access.read_data))
            await ctx.tick().repeat(READ_LATENCY if region == Region.COUNTERS else 1)
        ctx.set(access.enable, 0)
        return words

    def read(self, region, addresses):
        """Words of a region."""

        async def job(ctx):
            access, words = self.core.access, []
            ctx.set(access.enable, 1)
            ctx.set(access.region, region)
            for address in addresses:
                ctx.set(access.address, address)
                await ctx.tick().repeat(READ_LATENCY)
                words.append(ctx.get(access.read_data))
            ctx.set(access.enable, 0)
            return words

        return self.do(job)

    def step(self, x, gaps=None):
        """Feed one step's inputs and wait until all is quiet; returns the step's cycles."""
        gaps = gaps if gaps is not None else np.zeros(len(x), int)

        async def job(ctx):
            for value, gap in zip(x, gaps, strict=True):
                if gap:
                    await ctx.tick().repeat(int(gap))
                ctx.set(self.core.x.payload, int(value))
                ctx.set(self.core.x.valid, 1)
                await ctx.tick().until(self.core.x.ready)
                ctx.set(self.core.x.valid, 0)
            await ctx.tick().repeat(6)
            await self._rest(ctx)

        self.do(job)

    def state_of(self, layer):
        """(h, accumulators, references or None) of a layer as the golden model names them."""
        g, placed = self.geometry, self.image.placement.layers[layer]
        described = self.image.network.layers[layer]
        words = placed.blocks * g.vector
        h = _split(
            self.read(Region.STATE, range(placed.h_base, placed.h_base + words)), g.serial, 16
        )
        passes = len(described.cell.passes)
        base = placed.accumulator_base
        m = _split(self.read(Region.ACCUMULATORS, range(base, base + words * passes)), g.serial, 32)
        m = m.reshape(placed.blocks, passes, g.lanes).transpose(1, 0, 2).reshape(passes, -1)
        reference = None
        if self.image.network.encoded[layer]:
            start = placed.h_segment
            words = self.read(Region.REFERENCES, range(start, start + described.units))
            reference = _split(words, 1, g.value_bits)
        return h[: described.units], m[:, : described.units], reference

    def counters(self):
        """All counters by number."""
        return self.read(Region.COUNTERS, range(Counter.FIRED + 9))


def _split(words, parts, bits):
    out = []
    for word in words:
        for part in range(parts):
            value = word >> (part * bits) & ((1 << bits) - 1)
            out.append(value - (1 << bits) if value >> (bits - 1) else value)
    return np.array(out, np.int64)
