"""The whole accelerator over its serial pins: load, step, read everything back."""

import os
from pathlib import Path

import cocotb
import numpy as np
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, SimTimeoutError, ValueChange, with_timeout
from cocotb.utils import get_sim_time

from thresh.layout.image import Image, load_image
from thresh.layout.link import (
    MAX_READ_WORDS,
    PACKET_OVERHEAD,
    REPLY,
    WRITE_OVERHEAD,
    Command,
    Region,
    check,
    checksum,
    commit_payload,
    packet,
    slip_decode,
    word_bytes,
)
from thresh.layout.memories import read_map
from thresh.sim.engines.serial_engine import DIVISOR, IMAGE, INPUTS, PERIOD, RECORDS
from thresh.sim.observation import record_type, used_words


class Line:
    """Questions and answers of the link over the pins of `serial_bench`.

    Parameters
    ----------
    dut : cocotb handle
    image : Image
        Bounds how long an answer may take.
    """

    def __init__(self, dut, image: Image) -> None:
        self.dut = dut
        self.geometry = image.geometry
        # Every event of every list, every word reset, and the longest packets both ways.
        depth = self.geometry.weight_depth + self.geometry.state_depth
        bits = 4 * 10 * 2 * self.geometry.packet_bytes
        self.limit = 16 * depth + DIVISOR * bits + 100_000
        self.sequence = self.written = 0
        self.asking = False

    async def ask(self, command: Command, payload: bytes = b"") -> bytes:
        """The payload of the answer."""
        self.sequence = self.sequence % 255 + 1
        data = packet(self.sequence, command, payload)
        dut = self.dut
        dut.question.value = int.from_bytes(data, "little")
        dut.question_bytes.value = len(data)
        # Not read back: until it is first driven, it floats.
        self.asking = not self.asking
        dut.ask.value = self.asking
        try:
            await with_timeout(ValueChange(dut.answered), self.limit * PERIOD, "ns")
        except SimTimeoutError:
            raise AssertionError(
                f"{command.name} is not answered within {self.limit} cycles, at "
                f"{get_sim_time('ns'):.0f} ns: the accelerator hangs"
            ) from None
        size = int(dut.answer_bytes.value)
        bits = str(dut.answer.value)[-8 * size :]
        body = check(slip_decode(int(bits, 2).to_bytes(size, "little")))
        wanted = (self.sequence, command | REPLY)
        assert body is not None, f"The answer to {command.name} is damaged"
        assert body[:2] == wanted, f"{command.name} is answered {body[:2]}, not {wanted}"
        return body[2]

    async def write(self, region: Region, words: np.ndarray) -> None:
        """Write uint8 ``words`` of shape (count, bytes per word) from address 0."""
        room = (self.geometry.packet_bytes - PACKET_OVERHEAD - WRITE_OVERHEAD) // words.shape[1]
        for first in range(0, len(words), room):
            head = bytes((region,)) + first.to_bytes(2, "little")
            payload = head + words[first : first + room].tobytes()
            await self.ask(Command.WRITE, payload)
            self.written = checksum(payload, self.written)
            # Icarus takes minutes for a large network: a line says that it goes on.
            done = min(first + room, len(words))
            cocotb.log.info("%s: %d of %d words", region.name.lower(), done, len(words))

    async def read(self, region: Region, count: int) -> np.ndarray:
        """Read ``count`` words from address 0; uint8 of shape (count, bytes per word)."""
        size = word_bytes(region, self.geometry)
        room = min(MAX_READ_WORDS, (self.geometry.packet_bytes - PACKET_OVERHEAD) // size)
        data = b""
        for first in range(0, count, room):
            number = min(room, count - first)
            head = bytes((region,)) + first.to_bytes(2, "little") + bytes((number,))
            data += await self.ask(Command.READ, head)
        return np.frombuffer(data, np.uint8).reshape(count, size)

    async def load(self, image: Image) -> None:
        """Load a network."""
        table = image.table.astype("<u2").reshape(-1, 1).view(np.uint8)
        header = np.array(image.header, "<u2").reshape(-1, 1).view(np.uint8)
        await self.ask(Command.IDENTIFY)
        await self.ask(Command.COMMIT, commit_payload(False))
        await self.write(Region.TABLE, table)
        await self.write(Region.HEADER, header)
        await self.write(Region.WEIGHTS, image.weights)
        await self.ask(Command.COMMIT, commit_payload(True, self.written))


@cocotb.test()
async def run_sequences(dut) -> None:
    """Every step of every sequence of the run folder, appended to its records."""
    folder = Path(os.environ["THRESH_RUN"])
    image = load_image(folder / IMAGE)
    with np.load(folder / INPUTS) as arrays:
        sequences = [arrays[str(number)] for number in range(len(arrays))]
    dut.ask.value = 0
    dut.question_bytes.value = 0
    Clock(dut.clk, PERIOD, "ns").start(start_high=False)
    await ClockCycles(dut.clk, 4)  # initial values are no answers
    line = Line(dut, image)
    await line.load(image)
    plan = read_map(image.table, image.header, image.geometry)
    regions = used_words(plan)
    record = np.zeros((), record_type(plan))
    with (folder / RECORDS).open("wb", buffering=0) as file:
        for x in sequences:
            await line.ask(Command.NEW_SEQUENCE)
            for values in x:
                answer = await line.ask(Command.STEP, values.astype("<i2").tobytes())
                record["time"] = int(get_sim_time("ns"))
                record["cycles"] = int.from_bytes(answer[:4], "little")
                record["outputs"] = np.frombuffer(answer, "<i2", offset=4)
                for region, count in regions.items():
                    record[region.name] = await line.read(region, count)
                file.write(record.tobytes())
