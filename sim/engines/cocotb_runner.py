"""Builds a design with a cocotb bench and runs it, in a process of its own."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree

from thresh.model.files import only_one
from thresh.sim.errors import SimulationError
from thresh.tools.plain_path import plain_path, work_folder
from thresh.tools.programs import attended
from thresh.tools.verilator import verilator_environment

from .icarus import with_known_starts
from .verilated import OPTIMISED

BUILD_ARGS = {
    "verilator": [
        "-O3", "--x-assign", "fast", "--x-initial", "fast", "-Wno-fatal", "-Wno-lint",
        "-Wno-style", "--no-public-flat-rw", "--public-depth", "1",
    ],
    "icarus": [],
}  # fmt: skip
"""Of all signals only the ports of the top module are seen by benches, which keeps it fast."""

FAILED_STATUS = 3
"""Exit status of this module when the simulator ran and a bench failed."""


@dataclass(frozen=True, kw_only=True)
class BenchJob:
    """A design, the bench that runs on it, and where.

    Parameters
    ----------
    engine : str
        ``"verilator"`` or ``"icarus"``.
    sources : tuple of str
        Verilog files.
    top : str
        Module that the bench drives.
    bench : str
        Python module with the cocotb tests.
    folder : str
        For compiled designs, by content, and one folder per run.
    name : str
        Of the run.
    parameters : dict
        Of the top module.
    variables : dict
        Environment of the bench.
    waveform : bool
    """

    engine: str
    sources: tuple[str, ...]
    top: str
    bench: str
    folder: str
    name: str
    parameters: Mapping[str, int] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    waveform: bool = False

    @property
    def build_folder(self) -> Path:
        """Where the compiled design lies: the same one for the same design."""
        settings = [self.engine, self.top, dict(self.parameters), self.waveform]
        settings += [BUILD_ARGS[self.engine], version("cocotb"), sys.executable]
        digest = hashlib.sha256(json.dumps(settings).encode())
        for source in self.sources:
            digest.update(Path(source).read_bytes())
        return Path(self.folder) / f"{self.top}-{self.engine}-{digest.hexdigest()[:16]}"

    @property
    def run_folder(self) -> Path:
        """Where the bench runs: logs, results and waveform."""
        return Path(self.folder) / self.name

    @property
    def waveform_path(self) -> Path:
        """What a run with ``waveform`` writes."""
        return self.run_folder / {"icarus": "dump.fst", "verilator": "dump.vcd"}[self.engine]


def engine_environment(engine: str) -> dict[str, str]:
    """Variables that the engine needs.

    Raises
    ------
    ValueError
        When it is missing, with the line that installs it.
    """
    if engine == "verilator":
        environment = verilator_environment()
        flags = environment.get("MAKEFLAGS", "")
        return environment | {"MAKEFLAGS": f"{flags} {OPTIMISED}".strip()}
    if shutil.which("iverilog") is None or shutil.which("vvp") is None:
        raise ValueError(
            "Icarus Verilog is missing: install the system's package iverilog, or use the engine "
            "verilator"
        )
    return {}


def run_bench(
    job: BenchJob, *, watch: Callable[[], object] = lambda: None, quiet_seconds: float = 600
) -> None:
    """Build what is not built yet and run the bench to its end.

    Parameters
    ----------
    job : BenchJob
    watch : callable
        Called several times a second while it runs; what it returns changes while there is
        progress.
    quiet_seconds : float
        Without a change or a line in the log for so long, the simulation has hung.

    Raises
    ------
    ValueError
        When the engine is missing.
    SimulationError
        When the build or a bench fails, or nothing happens any more.
    """
    environment = os.environ | engine_environment(job.engine)
    environment["PYTHONPATH"] = os.pathsep.join(str(plain_path(p)) for p in sys.path if p)
    environment["OPENBLAS_NUM_THREADS"] = "1"
    environment.pop("PYTEST_CURRENT_TEST", None)
    folder = job.run_folder
    folder.mkdir(parents=True, exist_ok=True)
    plain = replace(
        job, folder=str(plain_path(job.folder)), sources=tuple(map(_plain_file, job.sources))
    )
    description = folder / "job.json"
    description.write_text(json.dumps(asdict(plain)), encoding="utf-8")
    (folder / "failures.json").unlink(missing_ok=True)
    log = folder / "log.txt"
    command = [sys.executable, "-m", "thresh.sim.engines.cocotb_runner", str(description)]
    with log.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(
            command, env=environment, stdout=file, stderr=subprocess.STDOUT, cwd=folder,
            start_new_session=True,
        )  # fmt: skip
        with attended(process):
            _attend(process, watch, quiet_seconds, log)
    watch()
    if process.returncode:
        raise SimulationError(_reason(folder, process.returncode, log))


def _plain_file(source: str) -> str:
    """A file's path without signs that make takes apart in the names of its folders."""
    path = Path(source)
    return str(plain_path(path.parent) / path.name)


def _attend(
    process: subprocess.Popen, watch: Callable[[], object], quiet_seconds: float, log: Path
) -> None:
    before, since = None, time.monotonic()
    while True:
        try:
            process.wait(0.1)
            return
        except subprocess.TimeoutExpired:
            now = watch(), log.stat().st_size
        if now != before:
            before, since = now, time.monotonic()
        elif time.monotonic() - since > quiet_seconds:
            raise SimulationError(
                f"The simulation hangs: nothing happened for {quiet_seconds:g} s, see {log}"
            )


def _reason(folder: Path, status: int, log: Path) -> str:
    if status == FAILED_STATUS:
        failures = json.loads((folder / "failures.json").read_text(encoding="utf-8"))
        name, message = next(iter(failures.items()))
        return f"The bench failed in {name}: {message} (see {log})"
    return f"The simulator could not be built or ended early: see {log}"


def execute(job: BenchJob) -> dict[str, str]:
    """Build and run in this process, whose environment has what the engine needs.

    Returns
    -------
    dict
        What failed: messages by the names of the tests.
    """
    from cocotb_tools.runner import get_runner

    runner, build = get_runner(job.engine), job.build_folder
    with only_one(build.with_suffix(".lock")):
        if not build.exists():
            work = work_folder(build.with_suffix(".new"))
            shutil.rmtree(work, ignore_errors=True)
            runner.build(
                sources=_sources(job, work),
                hdl_toplevel=job.top,
                parameters=dict(job.parameters),
                build_args=BUILD_ARGS[job.engine],
                build_dir=work,
                always=True,
                timescale=("1ns", "1ns"),
                waves=job.waveform,
            )
            shutil.move(work, build)
    results = job.run_folder / "results.xml"
    try:
        runner.test(
            test_module=job.bench,
            hdl_toplevel=job.top,
            hdl_toplevel_lang="verilog",
            build_dir=build,
            test_dir=job.run_folder,
            results_xml=str(results),
            extra_env=dict(job.variables),
            plusargs=[f"+dumpfile_path={job.waveform_path}"] if job.waveform else [],
            waves=job.waveform,
        )
    except (RuntimeError, SystemExit):
        if not results.exists():
            raise
    return failures_in(results)


def _sources(job: BenchJob, folder: Path) -> list[str]:
    """Verilog files as the engine needs them."""
    if job.engine != "icarus":
        return list(job.sources)
    folder.mkdir(parents=True)
    copies = [folder / Path(source).name for source in job.sources]
    for copy, source in zip(copies, job.sources, strict=True):
        text = with_known_starts(Path(source).read_text(encoding="utf-8"))
        copy.write_text(text, encoding="utf-8")
    return [str(copy) for copy in copies]


def failures_in(results: Path) -> dict[str, str]:
    """Messages by test name of an xUnit file; a file without tests is a failure too."""
    cases = list(ElementTree.parse(results).iter("testcase"))
    failures = {} if cases else {"the bench": "it holds no test"}
    for case in cases:
        for failure in (*case.iter("failure"), *case.iter("error")):
            text = failure.get("error_msg") or failure.get("message") or failure.text or "failed"
            failures.setdefault(case.get("name", "a test"), " ".join(text.split()))
    return failures


def _end_with(parent: int) -> None:
    """End this process and its simulator when the one that started it is gone.

    Windows never tells that it is: there the parent ends both, or nobody does.
    """
    while os.getppid() == parent:
        time.sleep(1)
    os.killpg(0, signal.SIGKILL)


def main(arguments: Sequence[str]) -> int:
    """Entry point of the process: a `BenchJob` as a JSON file."""
    if os.name != "nt":
        threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    fields = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    job = BenchJob(**fields | {"sources": tuple(fields["sources"])})
    failures = execute(job)
    (job.run_folder / "failures.json").write_text(json.dumps(failures), encoding="utf-8")
    return FAILED_STATUS if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
