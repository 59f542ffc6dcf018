"""The board table and what follows from it."""

import pytest

from thresh.hw.boards import BAUD_ERROR, BOARDS, baud_error, check_baud, find_board
from thresh.hw.families import DEVICES, FAMILIES
from thresh.hw.pll import ecp5_pll, ice40_pll


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_pll_reaches_the_clock(board):
    pll = {"ice40": ice40_pll, "ecp5": ecp5_pll}[board.family](board.crystal_hz, board.clock_hz)
    assert pll.output_hz(board.crystal_hz) == pytest.approx(board.clock_hz, rel=1e-4)


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_serial_line_is_within_its_error(board):
    assert baud_error(board.clock_hz, board.baud) < BAUD_ERROR


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_family_and_device_are_known(board):
    assert board.family in FAMILIES
    assert board.device in DEVICES


def test_unknown_board_is_refused_with_the_known_names():
    with pytest.raises(ValueError, match=r"one of icebreaker, ulx3s-12f, .*not 'arty'"):
        find_board("arty")


def test_baud_error_is_that_of_a_whole_divider():
    assert baud_error(12e6, 115200) == pytest.approx(0.0016, abs=1e-4)


@pytest.mark.parametrize(
    ("clock_hz", "baud", "sentence"),
    [
        (48e6, 20_000_000, "20000000 baud is too fast at 48 MHz, which serves at most 12000000"),
        (48e6, 0, "must be above 0, not 48 MHz and 0"),
        (48e6, -9600, "must be above 0"),
        (float("nan"), 9600, "must be above 0, not nan MHz"),
        (5.5e6, 1_000_000, r"1000000 baud is 8\.3 % off at 5\.5 MHz; at most 1 % works"),
    ],
)
def test_a_line_that_the_clock_cannot_time_is_refused(clock_hz, baud, sentence):
    with pytest.raises(ValueError, match=sentence):
        check_baud(clock_hz, baud)


@pytest.mark.parametrize("clock_hz", [12e6, 48e6])
def test_the_fastest_line_has_four_cycles_a_bit(clock_hz):
    check_baud(clock_hz, int(clock_hz // 4))
