"""The core over its parallel ports: networks loaded, sequences run, every integer compared."""

import json
import os
from pathlib import Path

import cocotb
import numpy as np

from thresh.layout.image import load_image
from thresh.layout.link import Counter, Region, word_bytes
from thresh.layout.memories import read_map
from thresh.sim.comparison import Comparison
from thresh.sim.golden_memories import numbers
from thresh.sim.observation import memories_of, record_type, used_words

from .bench_support import SHAPE, Block, now

OVERHEAD = 50
"""Cycles of a step and layer that need not hide behind lanes or pointwise stage."""


class CoreBench:
    """A core with a network, beside the golden model.

    Parameters
    ----------
    block : Block
    path : Path
        Of the network's image.
    """

    def __init__(self, block: Block, path: Path) -> None:
        self.block = block
        self.image = image = load_image(path)
        self.name = path.stem
        self.sequences = 0
        self.geometry = image.geometry
        self.plan = read_map(image.table, image.header, image.geometry)
        self.comparison = Comparison(image.network, self.plan)
        self.record = np.zeros((), record_type(self.plan))
        self.done: list[int] = []
        """When steps were completed, ns."""

    async def watch(self) -> None:
        """Note every completed step."""
        while True:
            await self.block.tick()
            if self.block.get("done"):
                self.done.append(now())

    async def load(self) -> None:
        """Write the network's image."""
        image = self.image
        regions = {
            Region.WEIGHTS: [int.from_bytes(bytes(word), "little") for word in image.weights],
            Region.TABLE: [int(word) for word in image.table.flat],
            Region.HEADER: image.header,
        }
        for region, words in regions.items():
            self.block.set(access_enable=1, access_region=region)
            await self.block.tick()
            for address, word in enumerate(words):
                self.block.set(access_address=address, access_write_data=word, access_write=1)
                await self.block.tick()
                self.block.set(access_write=0)
                await self.block.tick()
        self.block.set(access_enable=0)
        for _ in range(4):  # then it reads its layer table again
            await self.block.tick()
        await self.block.until(lambda: not self.block.get("busy"), "rest")

    async def new_sequence(self) -> None:
        """State and references to zero, M to bias."""
        self.block.set(new_sequence=1)
        await self.block.tick()
        self.block.set(new_sequence=0)
        await self.block.tick()
        await self.block.until(lambda: not self.block.get("busy"), "the end of the reset")
        self.comparison.new_sequence()
        self.sequences += 1
        self.first_step = len(self.comparison.ideal)

    async def read(self, region: Region, count: int) -> np.ndarray:
        """The first words of a region; uint8 of shape (count, bytes per word)."""
        size, data = word_bytes(region, self.geometry), b""
        self.block.set(access_enable=1, access_region=region)
        for address in range(count):
            self.block.set(access_address=address)
            for _ in range(SHAPE["read_latency"] + 1):
                await self.block.tick()
            # Bits beyond the word's are another region's.
            word = str(self.block.port("access_read_data").value)[-8 * size :]
            data += int(word, 2).to_bytes(size, "little")
        self.block.set(access_enable=0)
        return np.frombuffer(data, np.uint8).reshape(count, size)

    async def steps(self, x: np.ndarray, gaps: np.random.Generator | None) -> int:
        """Steps back to back, then everything compared; cycles of the last step.

        Parameters
        ----------
        x : ndarray of int, shape (T, I)
        gaps : numpy.random.Generator or None
            Cycles without an input come between inputs.
        """
        self.done.clear()
        count = x.size
        pauses = gaps.integers(0, 30, count) * gaps.integers(0, 2, count) if gaps else [0] * count
        await self.block.send("x", x.ravel().tolist(), map(int, pauses))
        await self.block.until(lambda: len(self.done) == len(x), f"the end of {len(x)} steps")
        await self.block.until(lambda: not self.block.get("busy"), "rest")
        for values in x:
            self.comparison.advance(values)
        self.record["time"] = self.done[-1]
        for region, words in used_words(self.plan).items():
            self.record[region.name] = await self.read(region, words)
        memories = memories_of(self.record)
        first = self.plan.output_base * self.geometry.pointwise_lanes
        state = numbers(memories, Region.STATE)
        self.record["outputs"] = state[first : first + len(self.record["outputs"])]
        cycles = int(numbers(memories, Region.COUNTERS)[Counter.STEP_CYCLES])
        self.record["cycles"] = cycles
        step = len(self.comparison.ideal) - self.first_step - 1
        place = f"{self.name}, sequence {self.sequences - 1}, step {step}"
        self.comparison.compare(self.record, place)
        assert not self.comparison.mismatches, self.comparison.first_difference
        self._bound(cycles)
        return cycles

    def _bound(self, cycles: int) -> None:
        """The lanes or the pointwise stage are busy, but for a fixed number of cycles a layer."""
        layers = self.plan.layers
        programs = [(layer.blocks + 1) * len(layer.cell.program) for layer in layers]
        pointwise = sum(programs) * self.geometry.beats
        least = self.comparison.ideal[-1]
        most = least + pointwise + OVERHEAD * len(layers)
        assert least <= cycles <= most, f"{cycles} cycles, not {least} to {most}"


async def begin(dut) -> Block:
    """The core at rest."""
    names = ("enable", "region", "address", "write", "write_data")
    access = {f"access_{name}": 0 for name in names}
    return await Block.start(dut, "core", x_valid=0, x_payload=0, new_sequence=0, **access)


@cocotb.test()
@cocotb.parametrize(gaps=[False, True])
async def every_integer_is_golden(dut, gaps) -> None:
    """Every network, two equal sequences: equal in every integer, and in cycles."""
    folder, block = Path(os.environ["THRESH_RUN"]), await begin(dut)
    for path in sorted(folder.glob("*.img")):
        bench = CoreBench(block, path)
        watching = cocotb.start_soon(bench.watch())
        await bench.load()
        x = np.array(json.loads(path.with_suffix(".json").read_text(encoding="utf-8")))
        cycles = []
        for _ in range(2):
            await bench.new_sequence()
            random = np.random.default_rng(10) if gaps else None
            cycles.append([await bench.steps(values[None], random) for values in x])
        assert cycles[0] == cycles[1], f"{path.stem}: {cycles}"
        await bench.new_sequence()
        await bench.steps(x, random)  # inputs come while a step is under way
        watching.cancel()


@cocotb.test()
async def a_step_takes_what_its_counter_says(dut) -> None:
    """From its last input to its completion, but for the encoder's way."""
    path = min(Path(os.environ["THRESH_RUN"]).glob("*.img"))
    block = await begin(dut)
    bench = CoreBench(block, path)
    cocotb.start_soon(bench.watch())
    await bench.load()
    await bench.new_sequence()
    for values in np.array(json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))):
        fired, events = [0], 0

        async def count(fired=fired) -> None:
            while True:
                await block.tick()
                fired[0] += block.get("fired")

        counting = cocotb.start_soon(count())
        start = now()
        counted = await bench.steps(values[None], None)
        counting.cancel()
        last_input = start + 10 * len(values)
        measured = (bench.done[0] - last_input) // 10
        assert 0 <= measured - counted <= 12, f"{measured} cycles, counted {counted}"
        model = bench.comparison.model
        events = int(model.fired_x[0] + model.fired_h[0].sum())
        assert fired[0] == events, f"fired {fired[0]} times, {events} events"
