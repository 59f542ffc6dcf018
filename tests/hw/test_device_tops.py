"""Devices on their boards: every pin where it belongs, every clock as it is said."""

import pytest
from hearing.stub_device import StubDevice

from thresh.hw.board import MARGIN
from thresh.hw.device_boards import DEVICE_BOARDS
from thresh.hw.device_tops import DeviceTop
from thresh.hw.flow.build import build_core, generate
from thresh.hw.known_boards import find_board

KINDS = ("pdm", "i2s")
BOARDS = [(name, kind) for name in DEVICE_BOARDS for kind in KINDS]


def top_of(name, kind, classes=16):
    device = DEVICE_BOARDS[name]
    divisor = round(device.divided_hz / 2e6)
    return DeviceTop(
        device=device, core=StubDevice(i2s=kind == "i2s", classes=classes), divisor=divisor
    )


@pytest.mark.parametrize(("name", "kind"), BOARDS)
def test_every_pin_is_the_table_s(name, kind):
    device, board = DEVICE_BOARDS[name], find_board(name)
    text = generate(board, top_of(name, kind))["pcf" if board.family == "ice40" else "lpf"]
    pads = {f"word_{number}": pin for number, pin in enumerate(device.words)}
    pads |= {f"mic_{role}": pin for role, pin in device.microphone.items()}
    if kind == "pdm":
        assert "mic_select" not in text
        del pads["mic_select"]
    for pad, pin in pads.items():
        line = {"ice40": f"{pad}_0__io {pin.site}\n", "ecp5": f'"{pad}_0__io" SITE "{pin.site}"'}
        assert line[board.family] in text, pad
    used = [pin.site for pin in (*device.words, *device.microphone.values())]
    assert len(set(used)) == len(used)


@pytest.mark.parametrize(("name", "kind"), BOARDS)
def test_every_clock_is_constrained_above_its_fastest(name, kind):
    device, board = DEVICE_BOARDS[name], find_board(name)
    top = top_of(name, kind)
    files = generate(board, top)
    assert top.clocks_hz == {
        "divided": device.divided_hz, "audio": 2e6, "sync": device.fastest_core_hz,
    }  # fmt: skip
    for hz in top.clocks_hz.values():
        wanted = hz * MARGIN
        shown = {"ice40": f" {wanted / 1e6}\n", "ecp5": f" {wanted} HZ"}[board.family]
        assert shown in files["pcf" if board.family == "ice40" else "lpf"]


def test_the_core_s_clock_is_let_out_while_it_is_wanted():
    ice40 = generate(find_board("icebreaker"), top_of("icebreaker", "pdm"))["il"]
    assert ice40.count("cell \\SB_HFOSC ") == 1
    assert ice40.count("cell \\SB_GB ") == 3  # audio and two resets; the crystal's is no global net
    assert "PLL" not in ice40
    ecp5 = generate(find_board("ulx3s-85f"), top_of("ulx3s-85f", "pdm"))["il"]
    assert [ecp5.count(f"cell \\{cell} ") for cell in ("DCCA", "EHXPLLL", "USRMCLK")] == [1, 1, 1]


def test_a_device_with_a_stub_is_routed_with_its_three_clocks(tmp_path):
    board = find_board("icebreaker")
    result = build_core(board, top_of("icebreaker", "pdm"), lanes=8, out_dir=tmp_path, seeds=(1,))
    assert {name: clock.clock_mhz for name, clock in result.clocks.items()} == {
        "divided": 12, "audio": 2, "sync": 13.2,
    }  # fmt: skip
    assert all(clock.met and set(clock.fmax_mhz) == {1} for clock in result.clocks.values())
    assert result.met
    assert "promoting" not in (tmp_path / "seed1.log").read_text()
    assert result.utilization["SB_GB"]["used"] == 4  # the oscillator's too
