"""A NOR flash: its array, its faults, and its pins."""

from collections.abc import Iterable
from random import Random

from thresh.layout.flash_boot import Erase, Program
from thresh.layout.flash_slots import PAGE_BYTES, SECTOR_BYTES

ERASE_TIME, PROGRAM_TIME = 400, 4
"""Units of time in which the chip does not listen."""


class FlashModel:
    """An array that is erased to ones and whose bits a program only clears; it sleeps at first.

    Parameters
    ----------
    size : int
    """

    def __init__(self, size: int = 0x8000):
        self.array = bytearray(b"\xff" * size)
        self.asleep = True
        self.busy_until = self.now = 0
        self.ignored = 0

    def wait(self, time: int) -> None:
        """Time passes."""
        self.now += time

    def do(self, operation: Erase | Program) -> None:
        """One operation; a busy chip ignores it, a program wraps inside its page."""
        if self.now < self.busy_until:
            self.ignored += 1
            return
        if isinstance(operation, Erase):
            first = operation.address // SECTOR_BYTES * SECTOR_BYTES
            self.array[first : first + SECTOR_BYTES] = b"\xff" * SECTOR_BYTES
            self.busy_until = self.now + ERASE_TIME
        else:
            page = operation.address // PAGE_BYTES * PAGE_BYTES
            for place, byte in enumerate(operation.data, operation.address - page):
                self.array[page + place % PAGE_BYTES] &= byte
            self.busy_until = self.now + PROGRAM_TIME

    def run(self, operations: Iterable[Erase | Program]) -> None:
        """Operations one after the other, each after the one before has ended."""
        for operation in operations:
            self.wait(max(0, self.busy_until - self.now))
            self.do(operation)
        assert not self.ignored

    def tear(self, operation: Erase | Program, random: Random, share: float) -> None:
        """The power ends in ``operation``: of the bits that change, ``share`` have changed."""
        before = bytes(self.array)
        self.run([operation])
        for place, (old, new) in enumerate(zip(before, self.array, strict=True)):
            for bit in range(8) if old != new else ():
                if (old ^ new) >> bit & 1 and random.random() >= share:
                    self.array[place] ^= 1 << bit

    def pins(self, loader):
        """A background testbench: the chip at ``loader``'s pins, mode 0."""

        async def bench(ctx):
            bits, command, address, selected, clock = 0, 0, 0, False, 0
            while True:
                cs_n, sck = ctx.get(loader.cs_n), ctx.get(loader.sck)
                if not cs_n and not selected:
                    assert not sck, "Mode 0 begins with a low clock"
                    bits = command = 0
                if cs_n and selected and bits == 8 and command == 0xAB:
                    self.asleep = False
                if not cs_n and sck and not clock:
                    if bits < 32:
                        command = command << 1 | ctx.get(loader.mosi)
                    bits += 1
                if not cs_n and clock and not sck and bits >= 32 and not self.asleep:
                    assert command >> 24 == 0x03, f"Not a read: {command:#x}"
                    address = (command & 0xFFFFFF) + (bits - 32) // 8
                    byte = self.array[address % len(self.array)]
                    ctx.set(loader.miso, byte >> 7 - bits % 8 & 1)
                selected, clock = not cs_n, sck
                await ctx.changed(loader.cs_n, loader.sck)

        return bench
