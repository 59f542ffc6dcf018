import re

import pytest
from amaranth import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.sdram.sdram_ports import sdram_pins
from thresh.hw.flow.build import generate
from thresh.hw.known_boards import find_board
from thresh.layout.sdram_chip import ULX3S_SDRAM


class Idle(wiring.Component):
    """A core that leaves its SDRAM alone."""

    def __init__(self):
        members = {name: Out(1) for name in ("tx", "loaded", "busy", "fired")}
        super().__init__({"rx": In(1), **members, "pins": Out(sdram_pins(ULX3S_SDRAM))})

    def elaborate(self, platform):
        m = Module()
        m.d.sync += [self.pins.dq_o.eq(self.pins.dq_i), self.pins.dq_oe.eq(self.rx)]
        return m


@pytest.fixture(scope="module")
def files():
    return generate(find_board("ulx3s-85f"), Idle())


def test_every_signal_of_the_chip_has_a_register_in_its_pad(files):
    # 13 + 2 address lines, 3 command lines, chip select, clock enable, 2 masks, 16 of data.
    assert len(re.findall(r"cell \\OFS1P3DX", files["il"])) >= 13 + 2 + 3 + 1 + 1 + 2 + 16
    assert len(re.findall(r"cell \\IFS1P3DX", files["il"])) == 16
    assert len(re.findall(r"cell \\ODDRX1F", files["il"])) == 1


def test_the_chip_is_where_the_board_has_it(files):
    sites = dict(re.findall(r'LOCATE COMP "(sdram_\S+)" SITE "(\w+)"', files["lpf"]))
    assert sites["sdram_0__clk__io"] == "F19"
    assert len(sites) == 13 + 2 + 3 + 1 + 1 + 2 + 16 + 1
