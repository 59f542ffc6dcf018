"""What the benches of single blocks share: the design, its clock, ports and cycles."""

import json
import os
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import RisingEdge
from cocotb.utils import get_sim_time

from .script import Script

SHAPE: dict[str, Any] = json.loads(os.environ.get("THRESH_SHAPE", "{}"))
"""Sizes and latencies of the blocks."""

PERIOD = 10
"""Clock period, ns."""

TIMEOUT = 20_000
"""Cycles after which a block that has not answered has hung."""


class Block:
    """One block of the design; its ports are called ``BLOCK_PORT``.

    Parameters
    ----------
    dut : cocotb handle
    name : str
    """

    def __init__(self, dut: Any, name: str) -> None:
        self.dut = dut
        self.name = name
        self._edge = RisingEdge(dut.clk)

    @classmethod
    async def start(cls, dut: Any, name: str, **inputs: int) -> "Block":
        """Start the clock and let ``inputs`` settle."""
        block = cls(dut, name)
        dut.rst.value = 0
        block.set(**inputs)
        cocotb.start_soon(Clock(dut.clk, PERIOD, "ns").start(start_high=False))
        for _ in range(4):
            await block.tick()
        return block

    def port(self, name: str) -> Any:
        """A port's handle."""
        return getattr(self.dut, f"{self.name}_{name}")

    def set(self, **values: int) -> None:
        """Drive ports after the clock edge; negative values in two's complement."""
        for name, value in values.items():
            port = self.port(name)
            port.value = int(value) & ((1 << len(port)) - 1)

    def get(self, name: str) -> int:
        """A port's value as an unsigned integer; after `tick` the one before the clock edge."""
        return int(self.port(name).value)

    async def tick(self) -> None:
        """Wait for the next clock edge."""
        await self._edge

    async def until(self, condition: Callable[[], object], what: str) -> int:
        """Cycles until ``condition`` holds at a clock edge."""
        for cycles in range(TIMEOUT):
            await self.tick()
            if condition():
                return cycles
        raise AssertionError(f"{self.name} hangs: {what} never came, at {now()} ns")

    async def play(self, script: Script) -> None:
        """Drive a script and check every cycle of it."""

        def read(name: str) -> tuple[int, int]:
            return self.get(name), len(self.port(name))

        driven: dict[str, int] = {}
        for cycle in range(script.cycles):
            inputs = script.inputs(cycle)
            self.set(**dict(inputs.items() - driven.items()))
            driven |= inputs
            await self.tick()
            try:
                script.check(cycle, read)
            except AssertionError as error:
                raise AssertionError(f"{self.name}, {error}, at {now()} ns") from None

    async def send(self, port: str, payloads: Sequence[int], gaps: Iterable[int]) -> None:
        """Send ``payloads`` over the stream ``port``, each after some cycles without one."""
        for payload, gap in zip(payloads, gaps, strict=True):
            for _ in range(gap):
                await self.tick()
            self.set(**{f"{port}_valid": 1, f"{port}_payload": payload})
            await self.until(lambda: self.get(f"{port}_ready"), f"{port}_ready")
            self.set(**{f"{port}_valid": 0})


async def play(dut: Any, name: str, script: Script) -> None:
    """Start a block and play a script on it."""
    block = await Block.start(dut, name, **script.inputs(-1))
    await block.play(script)


def now() -> int:
    """Simulated time, ns."""
    return round(get_sim_time("ns"))
