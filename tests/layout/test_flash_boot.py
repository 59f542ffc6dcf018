"""Slots in flash: a replacement survives every power cut; no damage loads anything wrong."""

from random import Random

import pytest
from damage.flash_states import LAYOUT, NEW, OLD, SIZE, STATES, flash_with, torn_replacements
from link_bench import geometry, network

from thresh.layout.flash_boot import Erase, Program, boot, replacement
from thresh.layout.flash_slots import (
    MARK,
    PAGE_BYTES,
    SECTOR_BYTES,
    BootResult,
    FlashLayout,
    body_bytes,
    header_bytes,
    image_records,
)
from thresh.layout.image import build_image
from thresh.layout.link import Region, word_bytes
from thresh.sim.flash_model import FlashModel

EXPECTED = {
    "blank": (BootResult.NONE, None),
    "zeros": (BootResult.NONE, None),
    "slot 0 alone": (BootResult.LOADED, 0),
    "slot 1 alone": (BootResult.LOADED, 1),
    "slot 1 newer": (BootResult.LOADED, 1),
    "slot 0 newer": (BootResult.LOADED, 0),
    "equal numbers": (BootResult.LOADED, 0),
    "largest number in slot 0": (BootResult.LOADED, 0),
    "upper bit decides": (BootResult.LOADED, 1),
    "newer broken": (BootResult.FELL_BACK, 0),
    "older broken": (BootResult.LOADED, 1),
    "both broken": (BootResult.NONE, None),
    "only one, broken": (BootResult.NONE, None),
    "slot 1 half-written": (BootResult.FELL_BACK, 0),
    "slot 0 half-written": (BootResult.FELL_BACK, 1),
    "both half-written": (BootResult.NONE, None),
    "words without a header": (BootResult.LOADED, 0),
    "header without words": (BootResult.FELL_BACK, 0),
    "no words": (BootResult.FELL_BACK, 0),
    "most words": (BootResult.FELL_BACK, 0),
}


@pytest.mark.parametrize("state", EXPECTED)
def test_every_state_says_what_is_loaded(state):
    found = boot(STATES[state], LAYOUT)
    assert (found.result, found.slot) == EXPECTED[state]
    assert found.body in ({b""} if found.slot is None else {OLD, NEW})
    assert EXPECTED.keys() == STATES.keys()


@pytest.mark.parametrize("before", [(), (OLD,), (NEW, OLD), (NEW, NEW, OLD)])
def test_power_cut_anywhere_leaves_the_network_of_before_or_the_new_one(before):
    new = body_bytes(LAYOUT, [(0, range(1000, 2500))])
    flash = flash_with(*before)
    old = before[-1] if before else b""
    for seed in range(2):
        torn = torn_replacements(flash, new, Random(seed))
        bodies = [boot(one, LAYOUT).body for one in torn]
        switch = bodies.index(new)
        assert set(bodies[:switch]) == {old}
        assert bodies[-1] == new
        assert switch >= len(bodies) - 5  # only the header's own page makes it new
        for one in torn:
            chip = FlashModel(SIZE)
            chip.array[:] = one
            chip.run(replacement(one, LAYOUT, new))
            assert boot(bytes(chip.array), LAYOUT).body == new


def test_a_half_written_slot_is_seen_from_its_mark_on():
    flash = flash_with(OLD)
    chip = FlashModel(SIZE)
    chip.array[:] = flash
    for operation in replacement(flash, LAYOUT, NEW)[1:-1]:
        chip.run([operation])
        assert boot(bytes(chip.array), LAYOUT).result == BootResult.FELL_BACK


@pytest.mark.parametrize("slot", [0, 1])
def test_any_flipped_bit_of_a_slot_loads_the_other(slot):
    flash = flash_with(OLD, NEW)
    start = LAYOUT.header_address(slot)
    for place in range(start, start + 10 + len(OLD) + 4):
        for bit in range(8):
            damaged = bytearray(flash)
            damaged[place] ^= 1 << bit
            found = boot(bytes(damaged), LAYOUT)
            assert found.body == (OLD if slot else NEW)


def test_operations_erase_first_mark_then_and_write_the_header_last():
    body = body_bytes(LAYOUT, [(0, range(1, 1100))])
    operations = replacement(flash_with(OLD), LAYOUT, body)
    first = LAYOUT.slot_address(1)
    assert operations[:3] == [
        Erase(first),
        Program(LAYOUT.header_address(1), MARK),
        Erase(first + SECTOR_BYTES),
    ]
    assert operations[-1] == Program(LAYOUT.header_address(1), header_bytes(LAYOUT, 1, body))
    pages = operations[3:-1]
    assert [page.address for page in pages] == list(
        range(first + PAGE_BYTES, first + PAGE_BYTES + len(body) + 4, PAGE_BYTES)
    )
    assert all(0 < len(page.data) <= PAGE_BYTES for page in pages)


def test_a_fresh_flash_takes_slot_0_and_then_the_one_that_is_not_loaded():
    flash, slots = flash_with(), []
    for count in range(1, 5):
        flash = flash_with(*[OLD, NEW, OLD, NEW][:count])
        slots.append((boot(flash, LAYOUT).slot, boot(flash, LAYOUT).sequence))
    assert slots == [(0, 0), (1, 1), (0, 2), (1, 3)]


def test_the_model_clears_bits_only_wraps_and_is_busy():
    chip = FlashModel(SIZE)
    chip.run([Program(254, b"\x0f\x0f\x0f"), Program(254, b"\xfc")])
    assert chip.array[254:257] == b"\x0c\x0f\xff"
    assert chip.array[0] == 0x0F
    chip.do(Erase(0))
    assert chip.ignored == 1
    assert chip.array[0] == 0x0F
    chip.wait(1000)
    chip.do(Erase(5))
    assert chip.array[:300] == b"\xff" * 300


def test_an_image_becomes_what_the_link_writes():
    image = build_image(network(5, 12, 3), geometry())
    layout = FlashLayout(word_bytes=16)
    body = body_bytes(layout, image_records(image))
    words = [body[place : place + 16][::-1] for place in range(0, len(body), 16)]
    sizes = {region: word_bytes(region, image.geometry) for region in Region}
    link, region, left = b"", None, 0
    for word in words:
        if left:
            link, left = link + word[: sizes[region]], left - 1
            assert not any(word[sizes[region] :])
        else:
            region, left = Region(word[2]), int.from_bytes(word[:2], "little")
    assert link == image.body


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        (dict(base=100), "multiple of 4096, not at 100"),
        (dict(slot_bytes=5000), "multiple of 4096 bytes, not 5000"),
        (dict(base=0xFF_0000), "end behind 24 address bits"),
        (dict(word_bytes=2), "at least 4 bytes, not 2"),
    ],
)
def test_refuses_layouts_that_cannot_be(what, sentence):
    with pytest.raises(ValueError, match=sentence):
        FlashLayout(**what)


def test_refuses_what_does_not_fit():
    most = LAYOUT.most_words
    assert len(header_bytes(LAYOUT, 0, bytes(4 * most))) == 10
    with pytest.raises(ValueError, match=f"takes {most + 1} words, a slot has {most}"):
        header_bytes(LAYOUT, 0, bytes(4 * most + 4))
    with pytest.raises(ValueError, match="whole words of 4 bytes, not 0"):
        header_bytes(LAYOUT, 0, b"")
    with pytest.raises(ValueError, match="Sequence numbers are 0 to 16777215, not 16777216"):
        header_bytes(LAYOUT, 1 << 24, bytes(4))
    with pytest.raises(ValueError, match="Region 3 has 0 words"):
        body_bytes(LAYOUT, [(3, [])])
    with pytest.raises(ValueError, match="Region 3 has a word 0x100000000 wider than 4 bytes"):
        body_bytes(LAYOUT, [(3, [1 << 32])])
    with pytest.raises(ValueError, match="The flash has 10 bytes, its slots end at"):
        boot(bytes(10), LAYOUT)
