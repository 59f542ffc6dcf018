"""The whole accelerator over its serial pins under cocotb: records of every step."""

import os
import queue
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from thresh.model.files import write_atomically
from thresh.model.image import Image, save_image
from thresh.model.memories import read_map

from .cocotb_runner import BenchJob, engine_environment, run_bench
from .errors import SimulationError
from .observation import record_type

DIVISOR = 4
"""Clock cycles per bit of the simulated line: the least that the receiver takes."""

BENCH = Path(__file__).with_name("serial_bench.v")
"""Serial line, bit by bit, around the accelerator."""

IMAGE, INPUTS, RECORDS = "network.img", "inputs.npz", "records.bin"
"""Files between this module and `thresh.sim.bench_accelerator`."""


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
    if not source.exists() or source.read_text() != verilog:
        write_atomically(source, verilog)
    run = Path(tempfile.mkdtemp(prefix=f"run-{engine}-", dir=folder))
    save_image(image, run / IMAGE)
    np.savez(run / INPUTS, **{f"{n}": x.astype(np.int16) for n, x in enumerate(sequences)})
    job = BenchJob(
        engine=engine,
        sources=(str(source), str(BENCH)),
        top="serial_bench",
        bench="thresh.sim.bench_accelerator",
        folder=str(folder),
        name=run.name,
        parameters={"DIVISOR": DIVISOR, "BYTES": 2 * image.geometry.frame_bytes + 2},
        variables={"THRESH_RUN": str(run)},
        waveform=waveform,
    )
    kind = record_type(read_map(image.table, image.header, image.geometry), image.geometry)
    yield from _records(job, run / RECORDS, kind, sum(map(len, sequences)))
    if waveform:
        yield job.waveform_path


def _records(job: BenchJob, path: Path, kind: np.dtype, total: int) -> Iterator[np.void]:
    """Run the job in a thread, and pass on what it appends to the file."""
    news: queue.Queue = queue.Queue()
    abandoned = threading.Event()

    def watch() -> int:
        if abandoned.is_set():
            raise SimulationError("The simulation was abandoned")
        size = os.path.getsize(path) if path.exists() else 0
        news.put(size // kind.itemsize)
        return size

    def work() -> None:
        try:
            run_bench(job, watch=watch)
            news.put(None)
        except BaseException as error:
            news.put(error)

    thread = threading.Thread(target=work, name="simulator", daemon=True)
    thread.start()
    given = 0
    try:
        while given < total:
            event = news.get()
            if isinstance(event, BaseException):
                raise event
            if event is None:
                raise SimulationError(
                    f"The bench ended after {given} of {total} steps: see {job.run_folder}/log.txt"
                )
            if event > given:
                records = np.fromfile(path, kind, count=event - given, offset=given * kind.itemsize)
                given += len(records)
                yield from records
        while (event := news.get()) is not None:
            if isinstance(event, BaseException):
                raise event
    finally:
        abandoned.set()
        thread.join()
