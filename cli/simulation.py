"""Simulation of a whole accelerator, as commands use it."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from thresh.gateware.verilog import accelerator_verilog, core_verilog
from thresh.layout.geometry import Geometry
from thresh.model.network import Network
from thresh.sim.engines.serial_engine import DIVISOR
from thresh.sim.runner import SimResult, simulate

MODULES = ("thresh_core", "thresh_accelerator")
"""What `verilog_of` knows: the first is what the compiled engine runs."""


@lru_cache
def verilog_of(geometry: Geometry, name: str) -> str:
    """Verilog of a module by name: the core, or the accelerator with a line for simulation."""
    if name == MODULES[0]:
        return core_verilog(geometry=geometry)
    return accelerator_verilog(geometry=geometry, clock_hz=DIVISOR * 1e6, baud=1_000_000)


def run_simulation(
    network: Network,
    inputs: Sequence[np.ndarray],
    geometry: Geometry,
    *,
    engine: str,
    folder: Path,
    update: Callable[[int, int], None],
    waveform: bool = False,
) -> SimResult:
    """Simulate every sequence and compare every integer; see `thresh.sim.runner.simulate`."""
    return simulate(
        network,
        inputs,
        geometry=geometry,
        engine=engine,
        verilog=lambda name: verilog_of(geometry, name),
        out_dir=folder,
        progress=update,
        waveform=waveform,
    )


def as_data(result: SimResult) -> dict[str, Any]:
    """A simulation as JSON."""
    least, mean, most = result.cycles_per_frame
    return {
        "engine": result.engine,
        "frames": result.frames,
        "integers_compared": result.integers_compared,
        "mismatches": result.mismatches,
        "first_difference": result.first_difference,
        "cycles_per_frame": {"min": least, "mean": mean, "max": most},
        "ideal_cycles_per_frame": result.ideal_cycles_per_frame,
        "utilisation": result.utilisation,
        "seconds": result.seconds,
        "waveform": str(result.waveform) if result.waveform else None,
    }
