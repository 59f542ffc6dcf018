"""A component with an SDRAM's pins, compiled beside the timing model of ULX3S's chip."""

from pathlib import Path
from typing import Any

from thresh.gateware.flat_ports import FlatPorts
from thresh.gateware.verilog import generate
from thresh.layout.sdram_chip import ULX3S_SDRAM
from thresh.sim.engines.compiled_flat import MODULE
from thresh.sim.engines.sdram_core import BesideChip


class ChipBench(BesideChip):
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
        super().__init__(
            self.source, flat.places, ULX3S_SDRAM, clock_hz, folder, open_memories=open_memories
        )
