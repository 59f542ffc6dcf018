"""The accelerator compiled by Verilator: no Python between the frames."""

import ctypes
import hashlib
import os
import re
import shutil
from pathlib import Path

import numpy as np

from thresh.layout.geometry import Geometry
from thresh.layout.image import Image
from thresh.layout.link import BREAK_BITS, READ_LATENCY, Region, word_bytes
from thresh.layout.memories import read_map
from thresh.model.files import only_one, write_atomically
from thresh.sim.golden_memories import numbers
from thresh.sim.observation import used_words
from thresh.tools.plain_path import plain_path, work_folder
from thresh.tools.programs import run_program
from thresh.tools.verilator import verilator_environment

from .lightened import lightened
from .open_memories import OpenMemories, opened
from .verilated import KeptObjects

STEP_LIMIT = 10_000_000
"""Cycles after which a step that has not ended has hung."""

LINE_QUIET = 64
"""Bit times without a byte after which the accelerator has said what it had to say."""

ANSWER_CYCLES = 16_384
"""Cycles within which an answer begins: the longest is gathered whole before its first byte."""

SOURCES = {
    "thresh_core": "harness.cpp",
    "thresh_accelerator": "line_harness.cpp",
    "thresh_flat": "flat_harness.cpp",
    "thresh_device": "device_harness.cpp",
}
"""C++ around each Verilog module."""

INCLUDED = re.compile(r'^#include "(\S+)"$', re.MULTILINE)


def compile_verilog(
    verilog: str,
    top: str,
    folder: Path | str,
    *,
    open_memories: bool = False,
    unknown: bool = False,
    harness: str | None = None,
) -> Path:
    """Compile Verilog module ``top`` and its harness to a shared library.

    The library is kept under a name made from its sources, so the same design is compiled once.

    Parameters
    ----------
    verilog : str
        Source of a module in `SOURCES`.
    top : str
    folder : path
        Where libraries are kept.
    open_memories : bool
        The simulation's memories can be reached, see `OpenMemories`.
    unknown : bool
        What the source gives no value to begins with a random one, and so does every x; with 0
        otherwise.
    harness : str, optional
        Another file of this folder than the one of `SOURCES`.

    Raises
    ------
    ValueError
        When Verilator, a compiler, make or perl is missing, or the compilation fails.
    """
    around = Path(__file__).with_name(harness or SOURCES[top])
    verilog = lightened(verilog, top)
    verilog = opened(verilog) if open_memories else verilog
    start = "unique" if unknown else "0"
    sources = b"".join(file.read_bytes() for file in _included(around))
    digest = hashlib.sha256(verilog.encode() + sources + start.encode() * unknown).hexdigest()[:16]
    folder = Path(folder)
    library = folder / f"{top}-{digest}.so"
    if not library.exists():
        with only_one(library.with_suffix(".lock")):
            if not library.exists():  # nor has another process made it meanwhile
                _compile(verilog, around, top, library, start)
    return library


def _included(file: Path) -> list[Path]:
    """A file, and those of its folder that it includes."""
    beside = map(file.with_name, INCLUDED.findall(file.read_text(encoding="utf-8")))
    return [file, *(one for found in beside if found.exists() for one in _included(found))]


def _compile(verilog: str, harness: Path, top: str, library: Path, start: str) -> None:
    work = work_folder(library.with_suffix(""))
    harness = plain_path(harness.parent) / harness.name
    source = work / f"{top}.v"
    write_atomically(source, verilog)
    environment = os.environ | verilator_environment()
    kept = KeptObjects(environment, library.parent)
    flags = f"-fPIC -DVERILATED_HEADER='\"V{top}.h\"' -DVERILATED_CLASS=V{top}"
    flags += f" -I{harness.parent}"
    linked = "-shared -static" if os.name == "nt" else "-shared"  # else MinGW's own DLLs are sought
    command = [
        "verilator", "--cc", "--exe", "--build", "-j", str(min(2, os.cpu_count() or 1)),
        "-O3", "--x-assign", start, "--x-initial", start, "-Wno-fatal", "-Wno-lint", "-Wno-style",
        "--top-module", top, "--Mdir", str(work), "-o", library.name,
        "-CFLAGS", flags, "-LDFLAGS", linked, "-MAKEFLAGS", kept.place(work), str(source),
        str(harness),
    ]  # fmt: skip
    log = work / "build.log"
    if run_program(command, log=log, environment=environment):
        raise ValueError(f"Verilator could not compile {top}: see {log}")
    new = library.with_suffix(".so.new")
    shutil.move(work / library.name, new)
    os.replace(new, library)
    kept.keep(work)


def _library(path: Path, prefix: str) -> ctypes.CDLL:
    library = ctypes.CDLL(str(path))
    getattr(library, f"{prefix}_open").restype = ctypes.c_void_p
    getattr(library, f"{prefix}_cycles").restype = ctypes.c_uint64
    return library


def _pointer(array: np.ndarray) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)


class CompiledCore(OpenMemories):
    """A simulated core: memories and steps, as fast as the machine runs.

    Parameters
    ----------
    geometry : Geometry
        What the Verilog was made for.
    library : path
        From `compile_verilog`.
    """

    def __init__(self, geometry: Geometry, library: Path) -> None:
        self.geometry = geometry
        self._library = _library(library, "thresh")
        self._handle = ctypes.c_void_p(self._library.thresh_open())
        super().__init__(self._library, "thresh", self._handle)

    def close(self) -> None:
        """Free the simulation."""
        if self._handle:
            self._library.thresh_close(self._handle)
            self._handle = ctypes.c_void_p()

    @property
    def cycles(self) -> int:
        """Clock cycles simulated."""
        return int(self._library.thresh_cycles(self._handle))

    def write(self, region: Region, address: int, words: np.ndarray) -> None:
        """Write uint8 ``words`` of shape (count, bytes per word)."""
        data = np.ascontiguousarray(words, np.uint8)
        self._library.thresh_write(
            self._handle, int(region), address, _pointer(data), data.shape[1], data.shape[0]
        )

    def read(self, region: Region, address: int, count: int) -> np.ndarray:
        """Read ``count`` words; uint8 of shape (count, bytes per word)."""
        size = word_bytes(region, self.geometry)
        data = np.zeros((count, size), np.uint8)
        self._library.thresh_read(
            self._handle, int(region), address, _pointer(data), size, count, READ_LATENCY
        )
        return data

    def load(self, image: Image) -> None:
        """Write a network image."""
        table = image.table.astype("<u2").reshape(-1, 1).view(np.uint8)
        header = np.array(image.header, "<u2").reshape(-1, 1).view(np.uint8)
        self.write(Region.WEIGHTS, 0, image.weights)
        self.write(Region.TABLE, 0, table)
        self.write(Region.HEADER, 0, header)
        self.map = read_map(image.table, image.header, self.geometry)

    def new_sequence(self) -> None:
        """State and references to zero, M to bias."""
        limit = ctypes.c_uint64(STEP_LIMIT)
        if not self._library.thresh_new_sequence(self._handle, limit):
            raise RuntimeError(f"The new sequence did not end within {STEP_LIMIT} cycles")

    def run(self, x: np.ndarray) -> np.ndarray:
        """Run steps back to back.

        Parameters
        ----------
        x : ndarray of int, shape (T, I)

        Returns
        -------
        ndarray of int64, shape (T,)
            Cycles from the previous step's completion (or the call) to each step's.

        Raises
        ------
        RuntimeError
            When a step does not end.
        """
        # A Verilated port wants the bits above its width to be zero.
        mask = (1 << self.geometry.value_bits) - 1
        data = np.ascontiguousarray(np.asarray(x, np.int64) & mask, np.uint16)
        done = np.zeros(len(data), np.uint64)
        before = self.cycles
        completed = self._library.thresh_run(
            self._handle, _pointer(data), data.shape[1], data.shape[0], _pointer(done),
            ctypes.c_uint64(STEP_LIMIT),
        )  # fmt: skip
        self._library.thresh_rest(self._handle, ctypes.c_uint64(STEP_LIMIT))
        if completed != len(data):
            raise RuntimeError(f"Step {completed} did not end within {STEP_LIMIT} cycles")
        return np.diff(done.astype(np.int64), prepend=before)

    def memories(self) -> dict[Region, np.ndarray]:
        """Accumulators, state, references and counters in use, as uint8 words."""
        used = used_words(self.map)
        return {region: self.read(region, 0, count) for region, count in used.items()}

    def counters(self) -> np.ndarray:
        """`thresh.layout.link.Counter` words in use."""
        return numbers(self.memories(), Region.COUNTERS)


class CompiledLine(OpenMemories):
    """A simulated accelerator behind its serial line: bytes in, bytes out.

    Parameters
    ----------
    library : path
        From `compile_verilog`.
    divisor : int
        Clock cycles per bit, as in the Verilog.
    seed : int
        Of what begins with a random value, where the library was compiled so.
    """

    def __init__(self, library: Path, divisor: int, seed: int = 1) -> None:
        self.divisor = divisor
        self._library = _library(library, "line")
        self._handle = ctypes.c_void_p(self._library.line_open(divisor, seed))
        super().__init__(self._library, "line", self._handle)

    def close(self) -> None:
        """Free the simulation."""
        if self._handle:
            self._library.line_close(self._handle)
            self._handle = ctypes.c_void_p()

    @property
    def cycles(self) -> int:
        """Clock cycles simulated."""
        return int(self._library.line_cycles(self._handle))

    def restart(self) -> None:
        """Hold the line low for a serial break, then high for a byte's time."""
        self._library.line_break(self._handle, ctypes.c_uint64((BREAK_BITS + 1) * self.divisor))
        self.tick(10 * self.divisor)

    def receive(self, data: bytes) -> bytes:
        """Send ``data`` down the line; what the accelerator answers until it falls silent."""
        buffer = np.frombuffer(data, np.uint8)
        self._library.line_send(self._handle, _pointer(buffer), len(buffer))
        begun = self.cycles
        while not (answer := self.poll()) and self.cycles - begun < ANSWER_CYCLES:
            continue
        return answer

    def poll(self) -> bytes:
        """What the accelerator says until it rests and the line is quiet."""
        self._library.line_rest(self._handle, ctypes.c_uint64(LINE_QUIET * self.divisor))
        answer = b""
        while came := self.taken():
            answer += came
        return answer

    def tick(self, cycles: int) -> None:
        """Let clock cycles pass."""
        self._library.line_tick(self._handle, ctypes.c_uint64(cycles))

    def taken(self) -> bytes:
        """What has been said and was not taken yet, a part of it at a time."""
        chunk = np.zeros(4096, np.uint8)
        count = self._library.line_receive(self._handle, _pointer(chunk), len(chunk))
        return chunk[:count].tobytes()
