"""Devices and networks in a board's flash, through a stand-in that erases as the loader does."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hearing import loader

from thresh.audio.decimator import Decimator
from thresh.audio.spotter import Spotter
from thresh.hw.device_boards import DEVICE_BOARDS, shape_for
from thresh.hw.flow.built_device import BuiltDevice
from thresh.hw.flow.device_flash import flash_device, replace_network, slot_pieces
from thresh.hw.flow.flash import FlashError
from thresh.layout.device.image import device_body
from thresh.layout.device.shape import read_plate
from thresh.layout.flash_boot import boot, next_slot
from thresh.layout.flash_slots import BootResult, FlashLayout, body_bytes
from thresh.model.model_file import load_network
from thresh.sim.flash_model import FlashModel

ICEBREAKER = DEVICE_BOARDS["icebreaker"]
FLASH_BYTES = 0x20_0000
SUPPORT = Path(loader.__file__).parent.parent


def spotting(threshold):
    """The digits network as a device takes it."""
    found = load_network("examples/digits-gru128-magnitude.safetensors")
    spotter = Spotter(thresholds=(threshold,) * 10, refractory=(40,) * 10)
    return replace(found, microphone=Decimator().to_dict(), spotter=spotter.to_dict())


NETWORK, OTHER = spotting(9000), spotting(8000)
SHAPE = shape_for(ICEBREAKER, NETWORK, "pdm")
LAYOUT = ICEBREAKER.layout(SHAPE)
BODIES = [device_body(network, SHAPE, LAYOUT) for network in (NETWORK, OTHER)]


@pytest.fixture
def bench(tmp_path, monkeypatch):
    """A loader on the PATH, the flash behind it, and what it was asked."""
    flash, log = tmp_path / "flash", tmp_path / "log"
    flash.write_bytes(b"\xff" * FLASH_BYTES)
    program = tmp_path / "bin" / "openFPGALoader"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\nPYTHONPATH="{SUPPORT}" exec "{sys.executable}" -m hearing.loader '
        f'"{flash}" "{log}" "$@"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")

    def asked():
        return [json.loads(line) for line in log.read_text().splitlines()]

    return flash, asked, tmp_path


@pytest.fixture
def device(tmp_path):
    bitstream = tmp_path / "thresh.bin"
    bitstream.write_bytes(Random(1).randbytes(104_090))
    return BuiltDevice(shape=SHAPE, bitstream=bitstream, body=BODIES[0])


def test_a_device_is_written_whole_and_its_network_replaced_twice(bench, device):
    path, asked, folder = bench
    done = flash_device(ICEBREAKER, device, folder=folder / "files")
    flash = path.read_bytes()
    assert flash.startswith(device.bitstream.read_bytes())
    assert read_plate(flash[ICEBREAKER.plate_address :]) == SHAPE
    found = boot(flash, LAYOUT)
    assert (found.result, found.slot, found.sequence) == (BootResult.LOADED, 0, 0)
    assert found.body == BODIES[0]
    assert asked() == [command[1:] for command in done.commands]
    for number, network in ((1, OTHER), (2, NETWORK)):
        done = replace_network(ICEBREAKER, network, folder=folder / "files")
        found = boot(path.read_bytes(), LAYOUT)
        assert (found.result, found.slot, found.sequence) == (
            BootResult.LOADED, number % 2, number,
        )  # fmt: skip
        assert found.body == BODIES[number % 2]
        assert done.slot == found.slot
    assert path.read_bytes()[: ICEBREAKER.base] == flash[: ICEBREAKER.base]


def test_a_new_device_forgets_the_networks_of_the_one_before(bench, device):
    path, _, folder = bench
    flash_device(ICEBREAKER, device, folder=folder / "files")
    replace_network(ICEBREAKER, OTHER, folder=folder / "files")
    flash_device(ICEBREAKER, device, folder=folder / "files")
    found = boot(path.read_bytes(), LAYOUT)
    assert (found.result, found.slot, found.tried) == (BootResult.LOADED, 0, (0,))


def test_the_power_may_end_in_every_step_of_a_replacement():
    layout = FlashLayout(base=0x1_0000, slot_bytes=0x2_0000)
    random = Random(2)
    bodies = [
        body_bytes(layout, [(0, [random.getrandbits(64) for _ in range(words)])])
        for words in (9000, 9500, 700)
    ]  # the first two take more than a block, the last one less
    chip = FlashModel(layout.end)
    for body in bodies[:2]:
        for piece in slot_pieces(layout, *next_slot(bytes(chip.array), layout, body)):
            for operation in loader.operations(piece.address, piece.data):
                chip.run(operation if isinstance(operation, list) else [operation])
    before, old = bytes(chip.array), bodies[1]
    assert boot(before, layout).body == old
    for new in (bodies[0], bodies[2]):
        pieces = slot_pieces(layout, *next_slot(before, layout, new))
        steps = [step for piece in pieces for step in loader.operations(piece.address, piece.data)]
        chip = FlashModel(layout.end)
        chip.array = bytearray(before)
        for number, step in enumerate(steps):
            whole = bytes(chip.array)
            if number % 29 == 0 or isinstance(step, list):
                _tear_and_judge(layout, whole, step, (old, new), random)
            chip.run(step if isinstance(step, list) else [step])
        found = boot(bytes(chip.array), layout)
        assert (found.result, found.body) == (BootResult.LOADED, new)


def _tear_and_judge(layout, flash, step, bodies, random):
    chip = FlashModel(0)
    chip.array = bytearray(flash)
    *done, torn = step if isinstance(step, list) else [step]
    chip.run(done[: random.randrange(len(done) + 1)])
    low = torn.address // 4096 * 4096
    part = FlashModel(0)
    part.array = bytearray(chip.array[low : low + 4096])
    part.tear(type(torn)(torn.address - low, *list(vars(torn).values())[1:]), random, 0.5)
    chip.array[low : low + 4096] = part.array
    found = boot(bytes(chip.array), layout)
    assert found.result in (BootResult.LOADED, BootResult.FELL_BACK)
    assert found.body in bodies


def test_pieces_begin_where_the_loader_erases_whole_blocks():
    content = bytes(200_000)
    for slot in (0, 1):
        pieces = slot_pieces(LAYOUT, slot, content)
        assert [piece.name for piece in pieces] == ["mark", "rest", "first"]
        assert all(piece.address % 0x1_0000 == 0 for piece in pieces)
        assert len(pieces[1].data) + len(pieces[2].data) == len(content)
    assert [piece.name for piece in slot_pieces(LAYOUT, 0, bytes(9))] == ["mark", "first"]


def test_a_dry_run_says_every_command_and_touches_nothing(bench, device):
    path, _, folder = bench
    done = flash_device(ICEBREAKER, device, folder=folder / "files", dry_run=True)
    text = [" ".join(command[1:]) for command in done.commands]
    assert [line.split("/")[-1] for line in text] == [
        "blank0.bin", "blank1.bin", "blank2.bin", "thresh.bin", "device.bin", "mark.bin",
        "rest.bin", "first.bin",
    ]  # fmt: skip
    assert "--write-flash --verify --offset 1048576" in text[0]
    alone = replace_network(ICEBREAKER, OTHER, folder=folder / "files", dry_run=True)
    assert "--dump-flash --offset 983040 --file-size 589824" in " ".join(alone.commands[0])
    assert [command[-1].split("/")[-1] for command in alone.commands] == [
        "dump.bin", "mark.bin", "rest.bin", "first.bin",
    ]  # fmt: skip
    assert path.read_bytes() == b"\xff" * FLASH_BYTES
    assert not (folder / "files").exists()
    assert not (folder / "log").exists()


def test_a_flash_without_a_device_is_refused(bench):
    path, _, folder = bench
    with pytest.raises(FlashError, match=r"names no device: write a device to the iCEBreaker fir"):
        replace_network(ICEBREAKER, OTHER, folder=folder / "files")
    assert path.read_bytes() == b"\xff" * FLASH_BYTES


def test_a_network_of_another_device_is_refused_before_anything_is_written(bench, device):
    path, _, folder = bench
    flash_device(ICEBREAKER, replace(device, shape=replace(SHAPE, hop=100)), folder=folder / "f")
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"front end has hop = 100, that of .* has 80"):
        replace_network(ICEBREAKER, OTHER, folder=folder / "f")
    assert path.read_bytes() == before


def test_a_bitstream_that_reaches_into_the_networks_is_refused(bench, device):
    _, _, folder = bench
    device.bitstream.write_bytes(bytes(ICEBREAKER.plate_address + 1))
    with pytest.raises(FlashError, match="has 983041 bytes, before the networks there are 983040"):
        flash_device(ICEBREAKER, device, folder=folder / "f")


def test_a_dump_that_is_short_is_refused(bench, device):
    path, _, folder = bench
    flash_device(ICEBREAKER, device, folder=folder / "f")
    path.write_bytes(path.read_bytes()[:0xF_1000])
    with pytest.raises(FlashError, match="read 4096 of 589824 bytes"):
        replace_network(ICEBREAKER, OTHER, folder=folder / "f")
