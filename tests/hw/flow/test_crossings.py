"""Between clocks there are synchronisers: in a device's handshake, on boards; and what is none."""

from dataclasses import replace

import pytest
from amaranth import *
from amaranth.back import rtlil
from amaranth.lib.cdc import FFSynchronizer

from thresh.gateware.device.handshake import Handshake
from thresh.hw.flow.board_accelerator import accelerator_of
from thresh.hw.flow.build import generate
from thresh.hw.flow.crossings import crossings
from thresh.hw.known_boards import BOARDS

SOLE = {"icebreaker": {"clock.stable"}, "ulx3s-12f": set()}
"""What has no synchroniser: the iCE40's PLL says that it has locked to one register, 15 us before
anything starts."""


def two_clocks():
    """A module with the clocks `slow` and `fast`, and a register of the slow one."""
    m, one = Module(), Signal(name="one")
    ports = [one]
    for name in ("slow", "fast"):
        domain = ClockDomain(name, reset_less=True)
        setattr(m.domains, name, domain)
        ports.append(domain.clk)
    held = Signal(2, name="held")
    m.d.slow += held.eq(held + one)
    return m, held, ports


def through_two(m, held, o):
    m.submodules.sync = FFSynchronizer(held[1], o, o_domain="fast")


def through_one(m, held, o):
    m.d.fast += o.eq(held[1])


def behind_logic(m, held, o):
    m.submodules.sync = FFSynchronizer(held[0] ^ held[1], o, o_domain="fast")


def used_at_once(m, held, o):
    first, second = Signal(name="first"), Signal(name="second")
    m.d.fast += [first.eq(held[1]), second.eq(first), o.eq(first & second)]


def enabled(m, held, o):
    first = Signal(name="first")
    with m.If(o):
        m.d.fast += first.eq(held[1])
    m.d.fast += o.eq(first)


@pytest.mark.parametrize(
    ("way", "safe"),
    [
        (through_two, True),
        (through_one, False),
        (behind_logic, False),
        (used_at_once, False),
        (enabled, False),
    ],
)
def test_what_a_synchroniser_is(tmp_path, way, safe):
    m, held, ports = two_clocks()
    o = Signal(name="o")
    way(m, held, o)
    text = rtlil.convert(m, ports=[*ports, o])
    found = crossings(text, tmp_path, synchronous=("one",))
    assert {crossing.safe for crossing in found} == {safe}
    assert all("held" in source for crossing in found for source in crossing.sources)


def test_one_clock_has_no_crossings_but_its_pins(tmp_path):
    m, o, i = Module(), Signal(name="o"), Signal(name="i")
    m.d.sync += o.eq(i)
    text = rtlil.convert(m, ports=[o, i])
    assert [c.sources for c in crossings(text, tmp_path, synchronous=("rst",))] == [("i",)]
    assert crossings(text, tmp_path, synchronous=("rst", "i")) == []


def test_a_handshake_crosses_by_synchronisers_alone(tmp_path):
    handshake = Handshake(i_domain="audio", o_domain="sync")
    inputs = ("audio_rst", "rst", "ask", "answer")
    found = crossings(rtlil.convert(handshake), tmp_path, synchronous=inputs)
    assert [crossing.safe for crossing in found] == [True] * 2


@pytest.mark.parametrize("name", SOLE)
def test_a_boards_pins_and_clocks_cross_by_synchronisers(tmp_path, name):
    board = BOARDS[name]
    depth = board.geometry.weight_depth if board.family == "ice40" else 1024
    shape = replace(board.geometry, weight_depth=depth, accumulator_depth=256, value_depth=64,
                    packet_bytes=256)  # fmt: skip
    text = generate(board, accelerator_of(board, None, shape))["il"]
    found = crossings(text, tmp_path, family=board.family)
    assert {crossing.register for crossing in found if not crossing.safe} == SOLE[name]
    assert any("rx_pad" in source for c in found if c.safe for source in c.sources)
