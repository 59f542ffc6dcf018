"""A compiled component with an SDRAM's pins, beside the timing model of its chip."""

from pathlib import Path
from typing import Any

from thresh.gateware.flat_ports import FlatPorts
from thresh.gateware.verilog import generate
from thresh.layout.sdram_chip import ULX3S_SDRAM
from thresh.sim.engines.compiled_flat import MODULE, CompiledFlat
from thresh.sim.sdram_model import SdramModel

LIMIT = 10_000_000
"""Cycles after which a bench has hung."""


class ChipBench:
    """The component and its chip.

    Parameters
    ----------
    component : wiring.Component
        With a member ``pins``.
    clock_hz : float
    folder : path
        Of compiled simulators.
    open_memories : bool
        As `thresh.sim.engines.compiled.compile_verilog` takes it.

    Attributes
    ----------
    source : str
        Verilog of the component.
    """

    def __init__(
        self, component: Any, clock_hz: float, folder: Path, *, open_memories: bool = False
    ) -> None:
        flat = FlatPorts(component)
        self.source = generate(flat, MODULE)
        self.simulation = CompiledFlat(
            self.source, flat.places, folder, open_memories=open_memories
        )
        self.chip = SdramModel(ULX3S_SDRAM, clock_hz)
        of = {flow: [name for name, (f, *_) in flat.places.items() if f == flow] for flow in "io"}
        self.put = {name: self.simulation.writer(name) for name in of["i"]}
        self.see = {name: self.simulation.reader(name) for name in of["o"]}
        names = ("command", "bank", "address", "dq_oe", "dq_o", "mask")
        self._pins = [self.see[f"pins.{name}"] for name in names]

    def tick(self) -> None:
        """A cycle of everything."""
        self.simulation.tick()
        command, bank, address, drives, value, mask = (pin() for pin in self._pins)
        word = self.chip.step(command, bank, address, value if drives else None, mask)
        self.put["pins.dq_i"](0 if word is None else word)
