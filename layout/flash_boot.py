"""What a device finds in its flash when it starts, and how its network is replaced."""

from collections.abc import Iterator
from dataclasses import dataclass

from .flash_slots import (
    CRC_BYTES,
    HEADER_BYTES,
    MAGIC,
    MARK,
    NUMBER_BYTES,
    PAGE_BYTES,
    SECTOR_BYTES,
    SLOTS,
    BootResult,
    FlashLayout,
    crc32,
    header_bytes,
)

WAKE_BITS, COMMAND_BITS = 8, 32
"""Of the command that wakes the flash, and of a read with its address."""


@dataclass(frozen=True)
class Boot:
    """What is loaded.

    Parameters
    ----------
    result : BootResult
    slot : int or None
    sequence : int or None
    body : bytes
        Empty where there is none.
    tried : tuple of int
        Slots whose bodies were read, in order.
    """

    result: BootResult
    slot: int | None = None
    sequence: int | None = None
    body: bytes = b""
    tried: tuple[int, ...] = ()


@dataclass(frozen=True)
class Erase:
    """One sector to ones; its address."""

    address: int


@dataclass(frozen=True)
class Program:
    """Bits of ``data`` that are zero are cleared from ``address`` on, inside one page."""

    address: int
    data: bytes


def boot(flash: bytes, layout: FlashLayout) -> Boot:
    """What the gateware loads from ``flash``, which reaches over both slots at least.

    Of two slots with a magic the one with the larger sequence number is tried first, of two equal
    ones slot 0.

    Raises
    ------
    ValueError
        When ``flash`` ends inside the slots.
    """
    if len(flash) < layout.end:
        raise ValueError(f"The flash has {len(flash)} bytes, its slots end at {layout.end}")
    headers = [_header(flash, layout, slot) for slot in range(SLOTS)]
    begun = [slot for slot in range(SLOTS) if headers[slot][0][: len(MAGIC)] != b"\xff" * 4]
    named = [slot for slot in begun if headers[slot][0][: len(MAGIC)] == MAGIC]
    fell_back = len(begun) > len(named)
    tried: list[int] = []
    for slot in sorted(named, key=lambda slot: -headers[slot][1]):
        tried.append(slot)
        header, sequence, words = headers[slot]
        start = layout.header_address(slot)
        length = HEADER_BYTES + words * layout.word_bytes
        around = (flash * 2)[start : start + length + CRC_BYTES]  # reading goes on at address 0
        if crc32(around[:length]).to_bytes(CRC_BYTES, "big") == around[length:]:
            result = BootResult.FELL_BACK if fell_back else BootResult.LOADED
            return Boot(result, slot, sequence, around[len(header) : length], tuple(tried))
        fell_back = True
    return Boot(BootResult.NONE, tried=tuple(tried))


def boot_cycles(flash: bytes, layout: FlashLayout, *, divisor: int, wake_cycles: int) -> int:
    """Cycles from reset until the gateware has done what `boot` says.

    Every header is read once, then every slot that is tried once, and the one that is loaded twice.
    """
    found = boot(flash, layout)
    loaded = [] if found.slot is None else [found.slot]
    bodies = [
        8 * (_header(flash, layout, slot)[2] * layout.word_bytes + CRC_BYTES)
        for slot in (*found.tried, *loaded)
    ]
    reads = [0] * SLOTS + bodies
    bits = sum(COMMAND_BITS + 8 * HEADER_BYTES + more for more in reads)
    return (WAKE_BITS + bits) * divisor + len(reads) * (wake_cycles + 2) + 1


def _header(flash: bytes, layout: FlashLayout, slot: int) -> tuple[bytes, int, int]:
    """(bytes, sequence number, words as far as they are looked at) of a slot's header."""
    start = layout.header_address(slot)
    header = flash[start : start + HEADER_BYTES]
    sequence = int.from_bytes(header[-2 * NUMBER_BYTES : -NUMBER_BYTES], "big")
    words = int.from_bytes(header[-NUMBER_BYTES:], "big")
    return header, sequence, words & ((1 << layout.length_bits) - 1)


def replacement(flash: bytes, layout: FlashLayout, body: bytes) -> list[Erase | Program]:
    """Operations that put ``body`` beside what ``flash`` loads now, in this order.

    The slot that is not loaded is taken. Its first sector is erased and marked before all others,
    so that it is seen to be half-written; its header is programmed last. Whatever operation the
    power ends in, the network of before or the new one is whole.

    Raises
    ------
    ValueError
        As `header_bytes` and `boot`.
    """
    slot, content = next_slot(flash, layout, body)
    first, head = layout.slot_address(slot), layout.header_address(slot)
    later = range(first + SECTOR_BYTES, first + len(content), SECTOR_BYTES)
    return [
        Erase(first),
        Program(head, MARK),
        *(Erase(address) for address in later),
        *_pages(first + PAGE_BYTES, content[PAGE_BYTES:]),
        Program(head, content[head - first : PAGE_BYTES]),
    ]


def next_slot(flash: bytes, layout: FlashLayout, body: bytes) -> tuple[int, bytes]:
    """The slot that ``flash`` does not load, and its bytes with ``body`` from its first address on.

    Raises
    ------
    ValueError
        As `header_bytes` and `boot`.
    """
    now = boot(flash, layout)
    slot = 0 if now.slot is None else 1 - now.slot
    header = header_bytes(layout, 0 if now.sequence is None else now.sequence + 1, body)
    crc = crc32(header + body).to_bytes(CRC_BYTES, "big")
    return slot, b"\xff" * (PAGE_BYTES - HEADER_BYTES) + header + body + crc


def _pages(address: int, content: bytes) -> Iterator[Program]:
    for place in range(0, len(content), PAGE_BYTES):
        yield Program(address + place, content[place : place + PAGE_BYTES])
