"""The simulated accelerator, every integer compared with the golden model."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from thresh.gateware.verilog import accelerator_verilog, core_verilog
from thresh.layout.geometry import Geometry
from thresh.model.network import Network
from thresh.reports.simulation import Simulation
from thresh.sim.engines.compiled import CompiledLine, compile_verilog
from thresh.sim.engines.serial_engine import DIVISOR
from thresh.sim.pty_server import serve as serve_line
from thresh.sim.runner import simulate

from .progress import Update

CORE, ACCELERATOR = "thresh_core", "thresh_accelerator"
"""Modules that `verilog_of` knows: the first is what the compiled engine runs."""

ENGINE = "verilator"
"""Of a whole accelerator, when nobody says."""


@lru_cache
def verilog_of(geometry: Geometry, name: str) -> str:
    """Verilog of a module by name: the core, or the accelerator with a line for simulation."""
    if name == CORE:
        return core_verilog(geometry=geometry)
    return accelerator_verilog(geometry=geometry, clock_hz=DIVISOR * 1e6, baud=1_000_000)


def run_simulation(
    network: Network,
    inputs: Sequence[np.ndarray],
    geometry: Geometry,
    *,
    engine: str,
    folder: Path,
    update: Update,
    waveform: bool = False,
) -> Simulation:
    """Simulate every sequence and compare every integer; see `thresh.sim.runner.simulate`."""
    result = simulate(
        network,
        inputs,
        geometry=geometry,
        engine=engine,
        verilog=lambda name: verilog_of(geometry, name),
        out_dir=folder,
        progress=update,
        waveform=waveform,
    )
    return Simulation(network=network.name, lanes=geometry.lanes, result=result)


def serve(geometry: Geometry, folder: Path, announce: Callable[[str], None]) -> None:
    """Serve a compiled accelerator as a serial port until it is interrupted.

    Parameters
    ----------
    geometry : Geometry
    folder : Path
        For the compiled simulator.
    announce : callable
        Told the port's name.
    """
    library = compile_verilog(verilog_of(geometry, ACCELERATOR), ACCELERATOR, folder)
    line = CompiledLine(library, DIVISOR)
    try:
        serve_line(line, announce)
    finally:
        line.close()
