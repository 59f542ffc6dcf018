"""Drives the core in the Amaranth simulator: one simulation, any number of networks."""

import numpy as np
from amaranth.sim import Simulator

from thresh.gateware.core import Core
from thresh.host.identity import Identity
from thresh.host.state_client import StateClient
from thresh.layout.image import build_image
from thresh.layout.link import READ_LATENCY, Counter, Region, word_bytes
from thresh.layout.memories import read_map
from thresh.sim.comparison import Comparison
from thresh.sim.golden_memories import numbers
from thresh.sim.observation import memories_of, record_type, used_words

TIMEOUT = 200_000
"""Cycles after which a step that has not ended has hung."""


class CoreDriver:
    """A core under the Amaranth simulator, driven from plain Python.

    Parameters
    ----------
    geometry : Geometry
    primitives : Primitives or None
    """

    def __init__(self, geometry, primitives=None, core=None):
        self.geometry = geometry
        self.core = core or Core(geometry=geometry, primitives=primitives)
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
        self.load_image(build_image(network, self.geometry))

    def load_image(self, image):
        """Write an image."""
        network = image.network
        self.image = image
        self.plan = read_map(image.table, image.header, self.geometry)
        weights = [int.from_bytes(bytes(word), "little") for word in image.weights]
        self.write(Region.WEIGHTS, weights)
        self.write(Region.TABLE, [int(word) for word in image.table[: len(network.layers)].flat])
        self.write(Region.HEADER, image.header)

    def write(self, region, words, first=0):
        """Write words of a region through the access port."""

        async def job(ctx):
            access = self.core.access
            ctx.set(access.enable, 1)
            ctx.set(access.region, region)
            await ctx.tick()
            for address, word in enumerate(words, start=first):
                ctx.set(access.address, address)
                ctx.set(access.write_data, word)
                ctx.set(access.write, 1)
                await ctx.tick()
                ctx.set(access.write, 0)
                await ctx.tick()
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
        for address in addresses:
            ctx.set(access.address, address)
            await ctx.tick().repeat(READ_LATENCY)
            words.append(ctx.get(access.read_data))
        ctx.set(access.enable, 0)
        return words

    def read(self, region, addresses):
        """Words of a region."""

        async def job(ctx):
            return await self._read(ctx, region, addresses)

        return self.do(job)

    def observe(self):
        """Everything in use, as a record of `thresh.sim.observation`."""
        record = np.zeros((), record_type(self.plan))
        for region, count in used_words(self.plan).items():
            size = word_bytes(region, self.geometry)
            mask = (1 << 8 * size) - 1
            data = b"".join(
                (word & mask).to_bytes(size, "little") for word in self.read(region, range(count))
            )
            record[region.name] = np.frombuffer(data, np.uint8).reshape(count, size)
        memories = memories_of(record)
        first = self.plan.output_base * self.geometry.pointwise_lanes
        outputs = numbers(memories, Region.STATE)[first : first + len(record["outputs"])]
        record["outputs"] = outputs
        record["cycles"] = numbers(memories, Region.COUNTERS)[Counter.STEP_CYCLES]
        return record[()]

    def step(self, x, gaps=None):
        """Feed one step's inputs of shape (I,) and wait until all is quiet."""
        self.burst(np.asarray(x)[None], gaps)

    def burst(self, x, gaps=None):
        """Feed inputs of shape (T, I) as fast as they are taken, and wait until all is quiet.

        ``gaps`` are cycles without an input before each.
        """
        values = [int(value) for value in np.asarray(x).reshape(-1)]
        gaps = [0] * len(values) if gaps is None else [int(gap) for gap in gaps]

        async def job(ctx):
            done = 0

            async def tick():
                nonlocal done
                _, _, taken, complete = await ctx.tick().sample(self.core.x.ready, self.core.done)
                done += complete
                return taken

            for value, gap in zip(values, gaps, strict=True):
                for _ in range(gap):
                    ctx.set(self.core.x.valid, 0)
                    await tick()
                ctx.set(self.core.x.payload, value)
                ctx.set(self.core.x.valid, 1)
                for _ in range(TIMEOUT):
                    if await tick():
                        break
                else:
                    raise AssertionError("The core takes no input: it hangs")
            ctx.set(self.core.x.valid, 0)
            for _ in range(TIMEOUT):
                if done >= len(x):
                    break
                await tick()
            await self._rest(ctx)
            if done != len(x):
                raise AssertionError(f"{done} steps of {len(x)} were completed: the core hangs")

        self.do(job)

    def faulty(self):
        """Whether the last step found that what is loaded is no network."""

        async def job(ctx):
            return bool(ctx.get(self.core.fault))

        return self.do(job)

    def comparison(self, network):
        """The golden model beside the core that runs ``network``."""
        return Comparison(network, self.plan)

    def state(self, network):
        """A client of what the core keeps, without a link."""
        return CoreState(self, network)

    def counters(self):
        """All counters by number."""
        return self.read(Region.COUNTERS, range(Counter.FIRED + 9))


class CoreState(StateClient):
    """Saves and restores a core that runs ``network``."""

    def __init__(self, core, network):
        super().__init__(None)
        self.core = core
        self._plan, self._network = core.plan, network
        self._identity = Identity(geometry=core.geometry, loaded=True, protocol=0, clock_khz=0)

    def read(self, region, address, count, advance=None):
        size = word_bytes(region, self.core.geometry)
        mask = (1 << 8 * size) - 1
        words = self.core.read(region, range(address, address + count))
        data = b"".join((word & mask).to_bytes(size, "little") for word in words)
        return np.frombuffer(data, np.uint8).reshape(count, size)

    def write(self, region, address, words, advance=None):
        size, data = word_bytes(region, self.core.geometry), words.tobytes()
        chunks = [data[at : at + size] for at in range(0, len(data), size)]
        self.core.write(region, [int.from_bytes(chunk, "little") for chunk in chunks], address)

    def new_sequence(self):
        self.core.new_sequence()


def agree(core, net, *sequences, gaps=None):
    """Run sequences in bursts and compare every integer; cycles of the last step of each."""
    core.load(net)
    comparison = core.comparison(net)
    for number, x in enumerate(sequences):
        core.new_sequence()
        comparison.new_sequence()
        core.burst(x, gaps)
        for values in x:
            comparison.advance(values)
        comparison.compare(core.observe(), f"sequence {number}, after step {len(x) - 1}")
    assert not comparison.mismatches, comparison.first_difference
    return comparison.measured
