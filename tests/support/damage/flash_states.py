"""Flashes with every state of their two slots."""

from random import Random

from thresh.layout.flash_boot import replacement
from thresh.layout.flash_slots import (
    HEADER_BYTES,
    MARK,
    PAGE_BYTES,
    SECTOR_BYTES,
    FlashLayout,
    body_bytes,
    crc32,
    header_bytes,
)
from thresh.sim.flash_model import FlashModel

LAYOUT = FlashLayout(base=SECTOR_BYTES, slot_bytes=2 * SECTOR_BYTES, word_bytes=4)
SIZE = 6 * SECTOR_BYTES


def small_body(seed):
    """Records of 7 words in three regions."""
    random = Random(seed)
    records = [(region, [random.getrandbits(32) for _ in range(n)]) for region, n in
               ((1, 2), (2, 1), (0, 4))]  # fmt: skip
    return body_bytes(LAYOUT, records)


OLD, NEW = small_body(1), small_body(2)


def flash_with(*bodies):
    """A flash into which one network after the other was written."""
    chip = FlashModel(SIZE)
    for body in bodies:
        chip.run(replacement(bytes(chip.array), LAYOUT, body))
    return bytes(chip.array)


def put(flash, slot, sequence, body):
    """``body`` in ``slot`` under a number of one's own."""
    header = header_bytes(LAYOUT, sequence, body)
    start = LAYOUT.header_address(slot)
    content = header + body + crc32(header + body).to_bytes(4, "big")
    return flash[:start] + content + flash[start + len(content) :]


def changed(flash, address, data):
    """``flash`` with ``data`` at ``address``."""
    return flash[:address] + data + flash[address + len(data) :]


def _states():
    blank, one, two = flash_with(), flash_with(OLD), flash_with(OLD, NEW)
    heads = [LAYOUT.header_address(slot) for slot in (0, 1)]
    bodies = [LAYOUT.slot_address(slot) + PAGE_BYTES for slot in (0, 1)]
    no_words = bytes(3)
    return {
        "blank": blank,
        "zeros": bytes(SIZE),
        "slot 0 alone": one,
        "slot 1 alone": put(blank, 1, 0, NEW),
        "slot 1 newer": two,
        "slot 0 newer": flash_with(OLD, NEW, OLD),
        "equal numbers": put(put(blank, 0, 7, OLD), 1, 7, NEW),
        "largest number in slot 0": put(put(blank, 0, 0xFFFFFF, OLD), 1, 0xFFFFFE, NEW),
        "upper bit decides": put(put(blank, 0, 0x7FFFFF, OLD), 1, 0x800000, NEW),
        "newer broken": changed(two, bodies[1] + 5, b"\x00"),
        "older broken": changed(two, bodies[0] + 5, b"\x00"),
        "both broken": changed(changed(two, bodies[0] + 5, b"\0"), bodies[1] + 5, b"\0"),
        "only one, broken": changed(one, bodies[0] + 5, b"\x00"),
        "slot 1 half-written": changed(one, heads[1], MARK),
        "slot 0 half-written": changed(put(blank, 1, 3, NEW), heads[0], MARK),
        "both half-written": changed(changed(blank, heads[0], MARK), heads[1], MARK),
        "words without a header": changed(two, heads[1], b"\xff" * HEADER_BYTES),
        "header without words": changed(one, heads[1], header_bytes(LAYOUT, 9, NEW)),
        "no words": changed(two, heads[1] + HEADER_BYTES - 3, no_words),
        "most words": changed(two, heads[1] + HEADER_BYTES - 3, b"\x00\x00\x60"),
    }


STATES = _states()


def torn_replacements(flash, body, random: Random):
    """Flashes after the power ended before, in and after every operation of a replacement."""
    operations = replacement(flash, LAYOUT, body)
    out = []
    for count, operation in enumerate(operations):
        for share in (0, 0.1, 0.5, 0.9, 1):
            chip = FlashModel(SIZE)
            chip.array[:] = flash
            chip.run(operations[:count])
            chip.tear(operation, random, share)
            out.append(bytes(chip.array))
    return out
