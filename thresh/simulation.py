"""The simulated accelerator and the simulated device, beside their golden twins."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from thresh.audio.decimator import Decimator
from thresh.gateware.columns.chain_lane import ChainLane
from thresh.gateware.columns.multiplier import LogicMultiplier
from thresh.gateware.core import Core
from thresh.gateware.flat_ports import FlatPorts
from thresh.gateware.primitives import Primitives
from thresh.gateware.sdram.sdram_setup import SdramSetup
from thresh.gateware.verilog import accelerator_verilog, core_verilog, device_verilog, generate
from thresh.hw.board import Board
from thresh.hw.device_boards import DeviceBoard, shape_for
from thresh.hw.families import FAMILIES
from thresh.layout.device.image import device_body
from thresh.layout.device.shape import DeviceShape
from thresh.layout.flash_boot import replacement
from thresh.layout.geometry import Geometry
from thresh.layout.image import Image
from thresh.layout.sdram_image import SdramImage
from thresh.model.network import Network
from thresh.reports.simulation import Simulation
from thresh.sim.device.clocks import Clocks
from thresh.sim.device.compiled import Announcement, CompiledDevice
from thresh.sim.device.trace import DeviceTrace, first_difference, integers_compared
from thresh.sim.engines.compiled import CompiledLine, compile_verilog
from thresh.sim.engines.compiled_flat import MODULE as FLAT
from thresh.sim.engines.sdram_core import CompiledSdramCore
from thresh.sim.engines.serial_engine import DIVISOR
from thresh.sim.flash_model import FlashModel
from thresh.sim.pty_server import serve as serve_line
from thresh.sim.runner import simulate, simulate_sdram

from .progress import Update

MODULE = "thresh_device"

TWINS = {
    "ice40": Primitives(captures=0, compact=True, mac_lane=ChainLane, multiplier=LogicMultiplier),
    "ecp5": Primitives(),
}
"""What simulation puts in the place of a family's own memory and multipliers."""

PICOSECONDS = 1e12

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


def simulate_accelerator(
    image: Image,
    board: Board | None,
    inputs: Sequence[np.ndarray],
    *,
    engine: str,
    folder: Path,
    update: Update,
    waveform: bool = False,
) -> Simulation:
    """`run_simulation` of an accelerator wherever its columns lie.

    Raises
    ------
    ValueError
        When columns in SDRAM are to be simulated by another engine than the compiled one.
    """
    if isinstance(image, SdramImage):
        if engine != "compiled" or waveform:
            raise ValueError(
                "Columns in SDRAM are simulated by the engine compiled, without a waveform"
            )
        assert board is not None
        return _simulate_sdram(image, inputs, board, folder, update)
    return run_simulation(
        image.network, inputs, image.geometry, engine=engine, folder=folder, update=update,
        waveform=waveform,
    )  # fmt: skip


def _simulate_sdram(
    image: SdramImage, inputs: Sequence[np.ndarray], board: Board, folder: Path, update: Update
) -> Simulation:
    """The core of a board beside the timing of its SDRAM."""
    assert board.sdram is not None
    geometry, clock_hz = image.geometry, board.clock_hz
    setup = SdramSetup(chip=board.sdram, clock_hz=clock_hz)
    primitives = FAMILIES[board.family].primitives

    def make() -> CompiledSdramCore:
        flat = FlatPorts(Core(geometry=geometry, primitives=primitives, sdram=setup))
        verilog = generate(flat, FLAT)
        return CompiledSdramCore(verilog, flat.places, setup.chip, clock_hz, folder)

    result = simulate_sdram(image, inputs, make, update)
    return Simulation(network=image.network.name, lanes=geometry.lanes, result=result)


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
    with simulated_line(geometry, folder) as line:
        serve_line(line, announce)


@contextmanager
def simulated_line(geometry: Geometry, folder: Path) -> Iterator[CompiledLine]:
    """The compiled accelerator behind its line; ``folder`` is for the compiled simulator."""
    library = compile_verilog(verilog_of(geometry, ACCELERATOR), ACCELERATOR, folder)
    line = CompiledLine(library, DIVISOR)
    try:
        yield line
    finally:
        line.close()


@dataclass(frozen=True, kw_only=True)
class DeviceRun:
    """What a simulated device made of a recording, beside what the golden one makes of it.

    Parameters
    ----------
    stimulus : ndarray of int, shape (bits,) or (words,)
        What its microphone said from the first bit that counts on, silence after the recording
        included.
    trace, golden : DeviceTrace
    cycles : ndarray of int64, shape (frames,)
        Of the core's clock; the first frame's are those since the start.
    announcements : tuple of Announcement
        Frame, class, and seconds at the pin from the power-up on.
    first_bit : float
        Seconds from the power-up to the first bit that counts.
    """

    stimulus: np.ndarray
    trace: DeviceTrace
    golden: DeviceTrace
    cycles: np.ndarray
    announcements: tuple[Announcement, ...]
    first_bit: float

    @property
    def first_difference(self) -> str | None:
        """The first integer that differs; None when all are equal."""
        return first_difference(self.golden, self.trace)

    @property
    def integers(self) -> int:
        """Integers compared."""
        return integers_compared(self.golden, self.trace)

    @property
    def at_pins(self) -> list[tuple[float, int]]:
        """Seconds from the first bit until a word's pin rises, and its class."""
        return [(one.pin - self.first_bit, one.label) for one in self.announcements]


class SimulatedDevice:
    """The device of a board for a network, compiled: each run begins with its power-up.

    Parameters
    ----------
    device : DeviceBoard
    network : `thresh.model.network.Network`
    kind : str
        ``"pdm"`` or ``"i2s"``.
    folder : Path
        For the compiled simulator.

    Raises
    ------
    ValueError
        When the network does not fit the device, or a tool is missing or fails.
    """

    def __init__(self, device: DeviceBoard, network: Network, kind: str, folder: Path) -> None:
        self.device, self.network = device, network
        self.shape: DeviceShape = shape_for(device, network, kind)
        layout = device.layout(self.shape)
        self.body = device_body(network, self.shape, layout)
        flash = FlashModel(layout.end)
        flash.run(replacement(bytes(flash.array), layout, self.body))
        self._flash = bytes(flash.array)
        self._bit_cycles = device.bit_cycles(self.shape)
        verilog = device_verilog(
            shape=self.shape,
            layout=layout,
            primitives=TWINS[device.board.family],
            flash_divisor=device.flash_divisor,
            wake_cycles=device.wake_cycles,
            bit_cycles=self._bit_cycles,
        )
        self._library = compile_verilog(verilog, MODULE, folder)

    @property
    def audio_hz(self) -> float:
        """Of the clock that never stops."""
        return self.device.audio_hz(self.shape.microphone, self.shape.rate)

    def clocks(self, seed: int) -> Clocks:
        """Both clocks with a phase and drifts of their own, drawn from ``seed``."""
        audio = round(PICOSECONDS / self.audio_hz)
        core = round(PICOSECONDS / self.device.core_hz)
        phase = int(np.random.default_rng(seed).integers(0, audio))
        return Clocks(
            audio_period=audio, core_period=core, audio_spread=audio // 10_000,
            core_spread=core // 10, phase=phase, seed=seed,
        )  # fmt: skip

    def run(self, stimulus: np.ndarray, seed: int = 1) -> DeviceRun:
        """Power it up, let it load its network and hear ``stimulus``.

        Raises
        ------
        RuntimeError
            When the device hangs.
        """
        bits = 0 if isinstance(self.shape.microphone, Decimator) else self.shape.microphone.bits
        with CompiledDevice(
            self._library, self._flash, clocks=self.clocks(seed), bit_cycles=self._bit_cycles,
            i2s_bits=bits,
        ) as device:  # fmt: skip
            if not device.boot():
                raise RuntimeError("The simulated device found no network in its flash")
            device.hear(stimulus)
            device.rest()
            said, state = device.said, device.state
            per_second = (
                self.audio_hz if bits == 0 else self.shape.rate * (1 + self.shape.microphone.halve)
            )
            return DeviceRun(
                stimulus=said,
                trace=device.trace(self.network),
                golden=device.golden(self.network, microphone=self.shape.microphone),
                cycles=device.cycles,
                announcements=tuple(device.announcements),
                first_bit=state.time - len(said) / per_second,
            )


def compared(runs: Sequence[DeviceRun]) -> tuple[int, list[str]]:
    """Integers compared in all runs, and the first difference of each that has one."""
    return (
        sum(run.integers for run in runs),
        [said for run in runs if (said := run.first_difference) is not None],
    )
