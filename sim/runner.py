"""Simulates an accelerator on sequences, every integer compared with the golden model."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from thresh.layout.geometry import Geometry
from thresh.layout.image import Image, build_image
from thresh.layout.memories import read_map
from thresh.layout.sdram_image import SdramImage
from thresh.model.network import Network

from .comparison import Comparison
from .engines.compiled import CompiledCore, compile_verilog
from .engines.sdram_core import CompiledSdramCore
from .engines.serial_engine import observe_line
from .errors import SimulationError
from .observation import record_of
from .sdram_model import SdramViolation

Verilog = Callable[[str], str]
"""Verilog of ``"thresh_core"``, or of ``"thresh_accelerator"`` with `serial_engine.DIVISOR`."""


@dataclass(frozen=True, kw_only=True)
class SimResult:
    """What a simulation showed.

    Parameters
    ----------
    frames, integers_compared, mismatches : int
    first_difference : str or None
        Sequence, step, memory, layer, unit, both integers, and the time in the waveform.
    cycles_per_frame : tuple of (int, float, int)
        Least, mean, most.
    ideal_cycles_per_frame : float
        Mean of events times blocks and passes: what the lanes alone would need.
    utilisation : float
        Ideal cycles by measured ones.
    engine : str
    seconds : float
    waveform : Path or None
    """

    frames: int
    integers_compared: int
    mismatches: int
    first_difference: str | None
    cycles_per_frame: tuple[int, float, int]
    ideal_cycles_per_frame: float
    utilisation: float
    engine: str
    seconds: float
    waveform: Path | None = None


def simulate(
    network: Network,
    inputs: Sequence[np.ndarray],
    *,
    geometry: Geometry,
    engine: str,
    verilog: Verilog,
    out_dir: Path | str,
    progress: Callable[[int, int], None] | None = None,
    waveform: bool = False,
) -> SimResult:
    """Run every sequence from its beginning and compare every integer after every step.

    Parameters
    ----------
    network : Network
    inputs : sequence of ndarray of int, shape (T, I)
        In the first layer's format; each begins with a new sequence.
    geometry : Geometry
    engine : str
        ``"compiled"``: the core under Verilator without Python in between. ``"verilator"`` and
        ``"icarus"``: the whole accelerator over its serial pins, driven by cocotb.
    verilog : callable
        Gives a module's Verilog by name.
    out_dir : path
        For compiled simulators, logs and waveforms; the same design is compiled once.
    progress : callable, optional
        Called with frames done and frames in all.
    waveform : bool
        Write one (cocotb engines only).

    Raises
    ------
    ValueError
        When inputs or network do not fit.
    SimulationError
        When a simulator is missing, fails, or hangs.
    """
    if engine not in ENGINES:
        raise ValueError(f"The engine must be one of {', '.join(ENGINES)}, not {engine!r}")
    image = build_image(network, geometry)
    sequences = checked(network, inputs)
    folder = Path(out_dir).resolve()
    observations = ENGINES[engine](image, sequences, verilog, folder, waveform)
    return compared(image, sequences, observations, engine=engine, progress=progress)


def checked(network: Network, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Sequences that ``network`` takes, int64 of shape (T, I).

    Raises
    ------
    ValueError
        When one does not fit, or there is nothing in them.
    """
    sequences = [_refuse(x, network, number) for number, x in enumerate(inputs)]
    if not sum(map(len, sequences)):
        raise ValueError("There is nothing to simulate: the sequences hold no frame")
    return sequences


def compared(
    image: Image,
    sequences: Sequence[np.ndarray],
    observations: Iterator,
    *,
    engine: str,
    progress: Callable[[int, int], None] | None = None,
) -> SimResult:
    """Compare what was observed after every step with the golden model.

    Parameters
    ----------
    image : Image
    sequences : sequence of ndarray of int64, shape (T, I)
    observations : iterator
        A record of `record_type` for every step, then, where there is one, a waveform's path.
    engine : str
    progress : callable, optional
        Called with frames done and frames in all.
    """
    total = sum(map(len, sequences))
    start, done = time.monotonic(), 0
    comparison = Comparison(image.network, read_map(image.table, image.header, image.geometry))
    for number, x in enumerate(sequences):
        comparison.new_sequence()
        for step, values in enumerate(x):
            comparison.step(values, next(observations), f"sequence {number}, step {step}")
            done += 1
            if progress:
                progress(done, total)
    path = next(observations, None)
    measured, ideal = comparison.measured, comparison.ideal
    return SimResult(
        frames=total,
        integers_compared=comparison.integers,
        mismatches=comparison.mismatches,
        first_difference=comparison.first_difference,
        cycles_per_frame=(min(measured), float(np.mean(measured)), max(measured)),
        ideal_cycles_per_frame=float(np.mean(ideal)),
        utilisation=sum(ideal) / max(1, sum(measured)),
        engine=engine,
        seconds=time.monotonic() - start,
        waveform=path,
    )


def _refuse(x: np.ndarray, network: Network, number: int) -> np.ndarray:
    x = np.asarray(x)
    limit = 1 << (network.value_bits - 1)
    if x.ndim != 2 or x.shape[1] != network.inputs or not np.issubdtype(x.dtype, np.integer):
        raise ValueError(
            f"Sequence {number} must hold integers of shape (steps, {network.inputs}), not "
            f"{x.dtype} of shape {x.shape}"
        )
    if x.size and (x.min() < -limit or x.max() >= limit):
        raise ValueError(
            f"Sequence {number} must lie in {-limit} to {limit - 1}, not {x.min()} to {x.max()}"
        )
    return x.astype(np.int64)


def simulate_sdram(
    image: SdramImage,
    inputs: Sequence[np.ndarray],
    make: Callable[[], CompiledSdramCore],
    progress: Callable[[int, int], None] | None = None,
) -> SimResult:
    """As `simulate` with the compiled engine, of a core whose columns lie in an SDRAM.

    Parameters
    ----------
    image : SdramImage
    inputs : sequence of ndarray of int, shape (T, I)
    make : callable
        Compiles the core of the image's geometry.
    progress : callable, optional

    Raises
    ------
    ValueError
        When inputs do not fit.
    SimulationError
        When the core hangs, or drives the chip against its data sheet.
    """
    sequences = checked(image.network, inputs)
    observations = _beside_chip(image, sequences, make)
    return compared(image, sequences, observations, engine="compiled", progress=progress)


def _beside_chip(
    image: SdramImage, sequences: Sequence[np.ndarray], make: Callable[[], CompiledSdramCore]
) -> Iterator[np.void]:
    core = make()
    try:
        core.load(image)
        for x in sequences:
            core.new_sequence()
            for values in x:
                core.step(values)
                yield core.observe()
    except (RuntimeError, SdramViolation) as error:
        raise SimulationError(f"The simulated core fails: {error}") from error
    finally:
        core.close()


def _compiled(
    image: Image, sequences: Sequence[np.ndarray], verilog: Verilog, folder: Path, waveform: bool
) -> Iterator[np.void]:
    """Records of every step of the compiled core."""
    if waveform:
        raise ValueError("The compiled engine writes no waveform: use verilator or icarus")
    core = CompiledCore(
        image.geometry, compile_verilog(verilog("thresh_core"), "thresh_core", folder)
    )
    try:
        core.load(image)
        for x in sequences:
            core.new_sequence()
            for values in x:
                core.run(values[None])
                yield record_of(core.map, core.memories())
    except RuntimeError as error:
        raise SimulationError(f"The simulated core hangs: {error}") from error
    finally:
        core.close()


def _cocotb(engine: str) -> Callable[..., Iterator]:
    def observe(
        image: Image,
        sequences: Sequence[np.ndarray],
        verilog: Verilog,
        folder: Path,
        waveform: bool,
    ) -> Iterator:
        source = verilog("thresh_accelerator")
        return observe_line(image, sequences, source, engine, folder, waveform=waveform)

    return observe


ENGINES = {"verilator": _cocotb("verilator"), "icarus": _cocotb("icarus"), "compiled": _compiled}
"""Simulators: records of every step, then, when there is one, the path of the waveform."""
