"""A stand-in for openFPGALoader that writes and reads a file as a flash, as the real one does."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from thresh.layout.flash_boot import Erase, Program
from thresh.layout.flash_slots import PAGE_BYTES, SECTOR_BYTES
from thresh.sim.flash_model import FlashModel

BLOCK = 0x1_0000


def operations(address: int, data: bytes) -> Iterator[list[Erase] | Program]:
    """What openFPGALoader 1.1 does to a flash for one file: `SPIFlash::sectors_erase`, then pages.

    A block is erased from its first address on, wherever in it the file begins.
    """
    end, place, step = -(-(address + len(data)) // SECTOR_BYTES) * SECTOR_BYTES, address, BLOCK
    while place < end:
        if place + step > end:
            step = SECTOR_BYTES
        first = place // step * step
        yield [Erase(at) for at in range(first, first + step, SECTOR_BYTES)]
        place += step
    for start in range(0, len(data), PAGE_BYTES):
        yield Program(address + start, data[start : start + PAGE_BYTES])


def run(chip: FlashModel, words: list[str]) -> None:
    """One command of the loader on a chip."""
    offset = int(words[words.index("--offset") + 1]) if "--offset" in words else 0
    file = Path(words[-1])
    if "--dump-flash" in words:
        size = int(words[words.index("--file-size") + 1])
        file.write_bytes(bytes(chip.array[offset : offset + size]))
        return
    for operation in operations(offset, file.read_bytes()):
        chip.run(operation if isinstance(operation, list) else [operation])


def main(flash: Path, log: Path, words: list[str]) -> None:
    """Keep the command in ``log`` and do it to the flash that a file holds."""
    with log.open("a") as lines:
        lines.write(json.dumps(words) + "\n")
    chip = FlashModel(0)
    chip.array = bytearray(flash.read_bytes())
    run(chip, words)
    flash.write_bytes(chip.array)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
