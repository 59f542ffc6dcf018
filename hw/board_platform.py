"""A board as Amaranth sees it: its pins as resources, and the pins that are held."""

from amaranth import *
from amaranth.build import Attrs, Pins, Resource, Subsignal
from amaranth.build import Clock as Frequency
from amaranth.lib import io
from amaranth.vendor import LatticeECP5Platform, LatticeICE40Platform

from .board import Board, Crystal, Pad
from .gowin_platform import ApiculaPlatform

PLATFORMS = {
    "ice40": LatticeICE40Platform,
    "ecp5": LatticeECP5Platform,
    "gowin": ApiculaPlatform,
}

LEVELS = {
    "ice40": {"IO_STANDARD": "SB_LVCMOS"},
    "ecp5": {"IO_TYPE": "LVCMOS33"},
    "gowin": {"IO_TYPE": "LVCMOS33"},
}
"""Pads of 3.3 V by family."""

FLASH = {"ice40": "spi_flash_1x", "ecp5": "spi_flash", "gowin": "spi_flash"}
"""What the flash memory is called, by family."""

INPUTS, BOTH = ("rx", "cipo"), ("dq",)
"""Signals that are no outputs."""


def platform_of(board: Board):
    """The platform that has the pins of ``board`` and nothing else.

    Raises
    ------
    ValueError
        When the board has no clock that a serial line can use.
    """
    own = {
        "device": board.device,
        "package": board.package,
        "speed": board.speed,
        "default_clk": _clock_name(board),
        "resources": _resources(board),
        "connectors": [],
    }
    return type("BoardPlatform", (PLATFORMS[board.family],), own)()


def request_light(platform, board: Board, name: str):
    """The pad of the light that shows ``name``."""
    light = board.lights[name]
    return platform.request(light.net or f"light_{name}", light.number, dir="-")


def hold_constants(m: Module, platform, board: Board) -> None:
    """Drive the pins of ``board`` that must not float."""
    for constant in board.constants:
        pad = platform.request(constant.net or constant.name, 0, dir="-")
        m.submodules[constant.name] = buffer = io.Buffer("o", pad)
        m.d.comb += buffer.o.eq(constant.level)


def _clock_name(board: Board) -> str:
    return f"clk{board.crystal_hz / 1e6:g}".replace(".", "_")


def _resources(board: Board) -> list[Resource]:
    assert isinstance(board.clock, Crystal)
    clock = Resource(
        _clock_name(board), 0, _pins(board.clock, "i"), Frequency(board.clock.hz),
        _attributes(board, board.clock),
    )  # fmt: skip
    uart = {"rx": board.uart.rx, "tx": board.uart.tx}
    found = [clock, _group(board, "uart", uart)]
    found += [
        Resource(
            light.net or f"light_{name}",
            light.number,
            _pins(light, "o"),
            _attributes(board, light),
        )
        for name, light in board.lights.items()
    ]
    found += [
        Resource(
            constant.net or constant.name, 0, _pins(constant, "o"), _attributes(board, constant)
        )
        for constant in board.constants
    ]
    if board.flash_memory:
        found.append(_group(board, FLASH[board.family], board.flash_memory))
    if board.sdram_pads:
        found.append(_group(board, "sdram", board.sdram_pads))
    return found


def _group(board: Board, name: str, pads: dict[str, Pad]) -> Resource:
    directions = dict.fromkeys(INPUTS, "i") | dict.fromkeys(BOTH, "io")
    return Resource(
        name,
        0,
        *(
            Subsignal(role, _pins(pad, directions.get(role, "o")), _attributes(board, pad))
            for role, pad in pads.items()
        ),
    )


def _pins(pad: Pad, direction: str) -> Pins:
    return Pins(pad.sites, dir=direction, invert=pad.inverted)


def _attributes(board: Board, pad: Pad) -> Attrs:
    usual = LEVELS[board.family]
    own = pad.attributes
    return Attrs(**(own if usual.keys() <= own.keys() else usual | own))
