"""A board's description: what it refuses, and what follows from its device."""

from dataclasses import replace

import pytest

from thresh.hw.board import Constant, InnerOscillator, Pad
from thresh.hw.board_platform import platform_of
from thresh.hw.families import router_options
from thresh.hw.known_boards import BOARDS

ICEBREAKER, ULX3S = BOARDS["icebreaker"], BOARDS["ulx3s-12f"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": "My board"}, "small letters, digits, '-' and '.', not 'My board'"),
        ({"device": "XC7A35T"}, "device of icebreaker must be one of iCE40UP5K, .*not 'XC7A35T'"),
        ({"package": "UWG30"}, "package of icebreaker must be one of SG48, not 'UWG30'"),
        ({"speed": "6"}, "speed of icebreaker must be left out, not '6'"),
        ({"lights": {"happy": Pad(sites="1")}}, "show loaded, busy, fired, not 'happy'"),
        (
            {"constants": (Constant(name="a", sites="6", level=1, why="so"),)},
            "Pin 6 of icebreaker is given to two signals",
        ),
    ],
)
def test_refuses_what_cannot_be(changes, sentence):
    with pytest.raises(ValueError, match=sentence):
        replace(ICEBREAKER, **changes)


def test_an_ecp5_has_a_speed_grade():
    with pytest.raises(ValueError, match="speed of ulx3s-12f must be 6, 7, 8, not ''"):
        replace(ULX3S, speed="")


def test_the_router_is_told_device_package_and_speed():
    assert router_options(ICEBREAKER)[:3] == ["--up5k", "--package", "sg48"]
    orange = router_options(BOARDS["orangecrab-85f"])
    assert orange[:5] == ["--85k", "--package", "CSFBGA285", "--speed", "8"]
    tang = router_options(BOARDS["tang-nano-20k"])
    assert tang[:4] == ["--device", "GW2AR-LV18QN88C8/I7", "--vopt", "family=GW2A-18C"]


def test_an_oscillator_inside_times_no_serial_line():
    board = replace(ICEBREAKER, clock=InnerOscillator(hz=48e6))
    with pytest.raises(ValueError, match="inside the iCE40UP5K of icebreaker is up to 10 % off"):
        platform_of(board)
    assert board.geometry == ICEBREAKER.geometry


def test_memories_follow_the_device():
    assert not ICEBREAKER.preloads
    assert ULX3S.preloads
    assert BOARDS["upduino"].geometry == ICEBREAKER.geometry
