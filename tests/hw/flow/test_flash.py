"""Flashing through openFPGALoader, with a stand-in that says what the real one says."""

import pytest

from thresh.hw.flow.flash import Cable, FlashError, flash, udev_rule
from thresh.hw.known_boards import BOARDS

ICEBREAKER, ULX3S = BOARDS["icebreaker"], BOARDS["ulx3s-85f"]


@pytest.fixture
def loader(tmp_path, monkeypatch):
    """Puts an openFPGALoader on the PATH that prints a text and ends with a status."""

    def make(text="", status=0):
        program = tmp_path / "openFPGALoader"
        note = f'echo "$@" > {tmp_path}/arguments'
        program.write_text(f'#!/bin/sh\n{note}\n/bin/cat <<"END"\n{text}\nEND\nexit {status}\n')
        program.chmod(0o755)
        return program

    monkeypatch.setenv("PATH", str(tmp_path))
    return make


@pytest.fixture
def bitstream(tmp_path):
    path = tmp_path / "thresh.bit"
    path.write_bytes(b"bits")
    return path


@pytest.mark.parametrize(
    ("board", "permanent", "words"),
    [
        (ICEBREAKER, True, ["--board", "ice40_generic", "--write-flash"]),
        (ICEBREAKER, False, ["--board", "ice40_generic", "--write-flash"]),
        (ULX3S, True, ["--board", "ulx3s", "--write-flash"]),
        (ULX3S, False, ["--board", "ulx3s", "--write-sram"]),
    ],
)
def test_runs_the_exact_command(board, permanent, words, loader, bitstream, tmp_path):
    program = loader("Wait for CDONE DONE")
    command = flash(board, bitstream, permanent=permanent)
    assert command == [str(program), *words, str(bitstream)]
    assert (tmp_path / "arguments").read_text().split() == command[1:]


def test_dry_run_runs_nothing(loader, bitstream, tmp_path):
    loader(status=1)
    command = flash(ULX3S, bitstream, dry_run=True)
    assert command[-1] == str(bitstream)
    assert not (tmp_path / "arguments").exists()


@pytest.mark.parametrize("dry_run", [False, True])
def test_says_how_to_make_a_missing_bitstream(dry_run, loader, tmp_path):
    loader()
    with pytest.raises(FlashError, match=r"no\.bit is missing; make it with: thresh build ulx3s"):
        flash(ULX3S, tmp_path / "no.bit", dry_run=dry_run)


@pytest.mark.parametrize(
    ("board", "text", "status", "words"),
    [
        (
            ICEBREAKER,
            "unable to open ftdi device: -3 (device not found)\nError: Failed to claim cable",
            1,
            "No iCEBreaker was found: USB device 0403:6010 is not connected",
        ),
        (
            ULX3S,
            "unable to open ftdi device: -4 (usb_open() failed)\nJTAG init failed with: unable",
            1,
            r"may not be opened by this user; write this line to /etc/udev.*0403.*6015",
        ),
        (
            ULX3S,
            "mismatch between target's idcode and bitstream idcode\n"
            "\tbitstream has 0x41113043 hardware requires 0x21111043\n"
            "Error: Failed to program FPGA: std::exception",
            1,
            "The bitstream is for an LFE5U-85F, the board carries an LFE5U-12F",
        ),
        (
            ULX3S,
            "bitstream has 0x41113043 hardware requires 0xffffffff",
            1,
            "a device with IDCODE 0xffffffff",
        ),
        (ICEBREAKER, "Parse file \033[31mFAIL\033[0m", 0, "openFPGALoader failed: Parse file FAIL"),
        (ICEBREAKER, "", 3, "openFPGALoader failed: status 3"),
        (
            ULX3S,
            "openFPGALoader: error while loading shared libraries: libusb-1.0.so.0: cannot open",
            127,
            r"lacks the system library libusb-1\.0\.so\.0.*apt-get install",
        ),
    ],
)
def test_says_what_went_wrong(board, text, status, words, loader, bitstream):
    loader(text, status)
    with pytest.raises(FlashError, match=words) as refusal:
        flash(board, bitstream)
    assert "\n" not in str(refusal.value)


def test_tells_each_line_of_the_loader(loader, bitstream):
    loader("one\ntwo")
    lines = []
    flash(ULX3S, bitstream, progress=lines.append)
    assert lines == ["one", "two"]


def test_a_cable_a_frequency_and_a_bus_are_passed_on(bitstream):
    cable = Cable(name="ft2232", frequency_hz=3_000_000, bus="1:4")
    words = flash(ULX3S, bitstream, dry_run=True, cable=cable)
    assert " ".join(words[3:-2]) == "--cable ft2232 --freq 3000000 --busdev-num 1:4"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"frequency_hz": 0}, "frequency must be 1 kHz to 60 MHz, not 0 Hz"),
        ({"bus": "usb1"}, "bus and a device as 1:4, not 'usb1'"),
    ],
)
def test_a_cable_that_cannot_be_is_refused(wrong, words):
    with pytest.raises(FlashError, match=words):
        Cable(**wrong)


def test_udev_rule_names_the_bridge():
    assert 'ATTRS{idVendor}=="0403", ATTRS{idProduct}=="6010"' in udev_rule(ICEBREAKER)
