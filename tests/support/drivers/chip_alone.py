"""The chip of compiled simulations with nobody at its pins, an edge at a time."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from amaranth import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import Out

from thresh.gateware.flat_ports import FlatPorts
from thresh.gateware.sdram.sdram_ports import sdram_pins
from thresh.gateware.verilog import generate
from thresh.layout.sdram_chip import ULX3S_SDRAM
from thresh.sim.engines.compiled_chip import HARNESS, CompiledChip
from thresh.sim.engines.compiled_flat import MODULE, CompiledFlat

COMPILED = Path(__file__).parents[3] / "build" / "sim"


class _Nobody(wiring.Component):
    pins: Out(sdram_pins(ULX3S_SDRAM))

    def elaborate(self, platform):
        m = Module()
        m.d.sync += self.pins.dq_o.eq(self.pins.dq_i)  # a simulation wants a clock
        return m


@cache
def chip_alone() -> Callable[..., CompiledChip]:
    """A function that makes a chip at a clock in Hz."""
    flat = FlatPorts(_Nobody())
    verilog = generate(flat, MODULE)
    simulation = CompiledFlat(verilog, flat.places, COMPILED, harness=HARNESS)
    return lambda chip, clock_hz: CompiledChip(simulation, chip, clock_hz)
