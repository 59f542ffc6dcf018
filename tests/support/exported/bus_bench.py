"""What the benches of both bus shells do with registers, in the simulator, whatever the bus."""

import json
import os
from pathlib import Path

import cocotb
import numpy as np
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles

from thresh.exports.clip import memory_words
from thresh.layout.image import load_image
from thresh.layout.link import Counter, Region
from thresh.layout.registers import REGISTER_BITS, register_map, window_words

PATIENCE = 5000
"""Reads of a register until something that is waited for must have happened."""


class Registers:
    """The registers of a shell by name.

    Parameters
    ----------
    dut : cocotb handle
    read, write : coroutine functions
        Of an address in bytes; the value, or None for an error.
    values : bool
        Inputs and outputs go through registers.
    """

    def __init__(self, dut, read, write, *, values):
        self.dut = dut
        self.folder = Path(os.environ["EXPORTED"])
        self.image = load_image(self.folder / "network.img")
        self.read_at, self.write_at = read, write
        self.words = window_words(self.image.geometry)
        self.map = {
            register.name: register
            for register in register_map(window_words=self.words, values=values)
        }

    async def read(self, name, field):
        """A field of a register."""
        register = self.map[name]
        value = await self.read_at(register.address)
        assert value is not None, name
        found = register.field(field)
        return (value & found.mask) >> found.at

    async def write(self, name, **fields):
        """A register from its fields; others are 0."""
        register = self.map[name]
        value = sum(number << register.field(field).at for field, number in fields.items())
        assert await self.write_at(register.address, value) is not None, name

    async def until(self, name, field, wanted):
        """Wait for a field's value."""
        for _ in range(PATIENCE):
            if await self.read(name, field) == wanted:
                return
        raise AssertionError(f"{name}.{field} never became {wanted}: the shell hangs")

    async def store(self, region, address, word):
        """Write a word of a memory."""
        window = self.map["memory_window"].address
        for number in range(self.words):
            part = word >> REGISTER_BITS * number & 0xFFFF_FFFF
            await self.write_at(window + 4 * number, part)
        await self.write("memory_address", address=address, region=region)
        await self.write("memory_command", write=1)
        await self.until("memory_command", "busy", 0)

    async def fetch(self, region, address):
        """Read a word of a memory."""
        await self.write("memory_address", address=address, region=region)
        await self.write("memory_command", read=1)
        await self.until("memory_command", "busy", 0)
        window = self.map["memory_window"].address
        parts = [await self.read_at(window + 4 * number) for number in range(self.words)]
        return sum(part << REGISTER_BITS * number for number, part in enumerate(parts))

    async def load(self):
        """Write the whole network and say that it is there."""
        for region, address, word in memory_words(self.image):
            await self.store(region, address, word)
        await self.write("control", loaded=1)

    async def check_identity(self):
        """Constants are the image's geometry."""
        shape = self.image.geometry
        assert await self.read("identity", "lanes") == shape.lanes
        assert await self.read("widths", "value_bits") == shape.value_bits
        assert await self.read("weight_depths", "weights_minus_1") == shape.weight_depth - 1
        assert await self.read("value_depths", "values_minus_1") == shape.value_depth - 1

    async def check_memories(self):
        """Words come back as they were written, and the address counts up."""
        for region, address, word in list(memory_words(self.image))[::97]:
            size = REGISTER_BITS * self.words if region == Region.WEIGHTS else 16
            assert await self.fetch(region, address) & ((1 << size) - 1) == word
            assert await self.read("memory_address", "address") == (address + 1) % 65536
        cycles = await self.fetch(Region.COUNTERS, Counter.STEP_CYCLES) & 0xFFFF_FFFF
        assert 10 < cycles < 5000

    def clip(self):
        """Inputs and outputs wanted, int64 (frames, values)."""
        data = json.loads((self.folder / "clip.json").read_text())
        return np.array(data["x"]), np.array(data["y"])


async def begin(dut, **inputs):
    """The clock runs, the reset is over."""
    for name, value in inputs.items():
        getattr(dut, name).value = value
    dut.rst.value = 1
    cocotb.start_soon(Clock(dut.clk, 10, "ns").start(start_high=False))
    await ClockCycles(dut.clk, 3)
    dut.rst.value = 0
    await ClockCycles(dut.clk, 2)


async def reset(dut):
    """A reset in the middle of whatever is under way."""
    dut.rst.value = 1
    await ClockCycles(dut.clk, 1)
    dut.rst.value = 0
    await ClockCycles(dut.clk, 1)


def signed(value):
    """Two's complement of 16 bits."""
    return value - ((value & 0x8000) << 1)
