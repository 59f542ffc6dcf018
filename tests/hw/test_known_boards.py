"""The boards that ship, and what follows from their descriptions."""

import pytest

from thresh.hw.board_file import PLLS
from thresh.hw.known_boards import BOARDS, find_board
from thresh.hw.serial_line import BAUD_ERROR, baud_error
from thresh.layout.link import DEFAULT_BAUD


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_pll_reaches_the_clock(board):
    pll = PLLS[board.family](board.crystal_hz, board.clock_hz)
    assert pll.output_hz(board.crystal_hz) == pytest.approx(board.clock_hz, rel=1e-4)


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_serial_line_is_within_its_error(board):
    assert board.baud == DEFAULT_BAUD
    assert baud_error(board.clock_hz, board.baud) < BAUD_ERROR


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_a_light_says_that_a_network_is_loaded(board):
    assert "loaded" in board.lights


def test_unknown_board_is_refused_with_the_known_names():
    with pytest.raises(ValueError, match=r"one of icebreaker, ulx3s-12f, .*not 'arty'"):
        find_board("arty")
