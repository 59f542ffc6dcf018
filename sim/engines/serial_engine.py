"""The whole accelerator over its serial pins under cocotb: records of every step."""

import contextlib
import os
import queue
import shutil
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

import numpy as np

from thresh.layout.image import Image, save_image
from thresh.layout.link import MIN_BIT_CYCLES
from thresh.layout.memories import read_map
from thresh.model.files import write_atomically
from thresh.sim.errors import SimulationError
from thresh.sim.observation import record_type

from .cocotb_runner import BenchJob, engine_environment, run_bench

DIVISOR = MIN_BIT_CYCLES
"""Clock cycles per bit of the simulated line: the least that the accelerator takes."""

PERIOD = 10
"""Nanoseconds of a simulated clock cycle."""

BENCH = Path(__file__).with_name("serial_bench.v")
"""Serial line, bit by bit, around the accelerator."""

MAX_PROCESSES = 2
"""Simulators that run side by side, each with a part of the sequences."""

IMAGE, INPUTS, RECORDS = "network.img", "inputs.npz", "records.bin"
"""Files between this module and `thresh.sim.benches.bench_accelerator`."""


def observe_line(
    image: Image,
    sequences: Sequence[np.ndarray],
    verilog: str,
    engine: str,
    folder: Path,
    *,
    waveform: bool = False,
) -> Iterator[np.void | Path]:
    """Simulate and yield a record per step as soon as it is there.

    Parameters
    ----------
    image : Image
    sequences : sequence of ndarray of int, shape (T, I)
    verilog : str
        Module ``thresh_accelerator`` with `DIVISOR` cycles per bit.
    engine : str
    folder : Path

    Yields
    ------
    np.void
        Of `thresh.sim.observation.record_type`; at the end the path of the waveform, when asked
        for.

    Raises
    ------
    ValueError
        When the engine is missing.
    SimulationError
        When it fails or hangs.
    """
    engine_environment(engine)
    source = folder / "thresh_accelerator.v"
    if not source.exists() or source.read_text(encoding="utf-8") != verilog:
        write_atomically(source, verilog)
    parts = _share(sequences, min(MAX_PROCESSES, os.cpu_count() or 1))
    if waveform:
        parts = [list(sequences)]
    with contextlib.ExitStack() as stack:
        runs = [
            stack.enter_context(LineRun(image, part, source, engine, folder, waveform=waveform))
            for part in parts
        ]
        for run in runs:
            yield from run.records()
        if waveform:
            yield runs[0].job.waveform_path


def _share(sequences: Sequence[np.ndarray], processes: int) -> list[list[np.ndarray]]:
    """Runs of sequences with about as many steps each."""
    total, done = sum(map(len, sequences)), 0
    parts: list[list[np.ndarray]] = [[] for _ in range(processes)]
    for x in sequences:
        parts[min(processes - 1, (done + len(x) // 2) * processes // max(1, total))].append(x)
        done += len(x)
    return [part for part in parts if part]


class LineRun:
    """One simulator process; a context manager that stops it.

    Parameters
    ----------
    image, sequences, engine, folder, waveform :
        As for `observe_line`.
    source : Path
        The accelerator's Verilog.
    """

    def __init__(
        self,
        image: Image,
        sequences: Sequence[np.ndarray],
        source: Path,
        engine: str,
        folder: Path,
        *,
        waveform: bool,
    ) -> None:
        run = Path(tempfile.mkdtemp(prefix=f"run-{engine}-", dir=folder))
        save_image(image, run / IMAGE)
        np.savez(run / INPUTS, **{f"{n}": x.astype(np.int16) for n, x in enumerate(sequences)})
        self.job = BenchJob(
            engine=engine,
            sources=(str(source), str(BENCH)),
            top="serial_bench",
            bench="thresh.sim.benches.bench_accelerator",
            folder=str(folder),
            name=run.name,
            parameters={"DIVISOR": DIVISOR, "BYTES": 2 * image.geometry.packet_bytes + 2},
            variables={"THRESH_RUN": str(run)},
            waveform=waveform,
        )
        plan = read_map(image.table, image.header, image.geometry)
        self.kind = record_type(plan)
        self.steps = sum(map(len, sequences))
        self._path = run / RECORDS
        self._news: queue.Queue = queue.Queue()
        self._abandoned = threading.Event()
        self._thread = threading.Thread(target=self._work, name="simulator", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        try:
            run_bench(self.job, watch=self._watch)
            self._news.put(None)
        except BaseException as error:
            self._news.put(error)

    def _watch(self) -> int:
        if self._abandoned.is_set():
            raise SimulationError("The simulation was abandoned")
        size = os.path.getsize(self._path) if self._path.exists() else 0
        self._news.put(size // self.kind.itemsize)
        return size

    def records(self) -> Iterator[np.void]:
        """A record per step, as soon as it is there."""
        given, ended = 0, False
        while not ended:
            event = self._news.get()
            if isinstance(event, BaseException):
                raise event
            ended = event is None
            if not ended and event > given:
                offset = given * self.kind.itemsize
                for record in np.fromfile(self._path, self.kind, event - given, offset=offset):
                    given += 1
                    yield record
        if given != self.steps:
            raise SimulationError(
                f"The bench ended after {given} of {self.steps} steps: see "
                f"{self.job.run_folder / 'log.txt'}"
            )

    def __enter__(self) -> "LineRun":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._abandoned.set()
        self._thread.join()
        if error is None and not self.job.waveform:
            shutil.rmtree(self.job.run_folder, ignore_errors=True)
