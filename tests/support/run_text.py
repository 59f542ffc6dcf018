"""Code from pages and notebooks, run as readers would run it, on a machine without boards."""

import json
import re
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from thresh.hw.families import FAMILIES
from thresh.hw.flow.result import BuildResult
from thresh.sim.device_twin import DeviceTwin
from thresh.sim.pty_server import PtyServer

ROOT = Path(__file__).parent.parent.parent

PORT = "/dev/ttyUSB0"
"""What texts call the board's serial port."""


def blocks(text):
    """Python blocks of a page, by the heading above them."""
    found, heading = {}, ""
    for part in re.findall(r"^## [^\n]*$|^```python\n.*?^```$", text, re.M | re.S):
        if part.startswith("## "):
            heading = part.removeprefix("## ")
        else:
            code = part.removeprefix("```python\n").removesuffix("```")
            found.setdefault(heading, []).append(code)
    return found


def cells(path):
    """Code of a notebook's cells, and what Jupyter kept of running them."""
    notebook = json.loads(path.read_text())
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    kept = [cell["outputs"] or cell["execution_count"] for cell in code]
    return ["".join(cell["source"]) for cell in code], [one for one in kept if one]


@contextmanager
def bench(folder, monkeypatch, geometry):
    """A working folder with the examples, a flow that routes nothing, and a board at `PORT`.

    Yields a function that runs code in a namespace. Compiled simulators are kept where other tests
    look for them.
    """
    (folder / "build").mkdir()
    (ROOT / "build" / "sim").mkdir(parents=True, exist_ok=True)
    (folder / "build" / "sim").symlink_to(ROOT / "build" / "sim")
    (folder / "examples").symlink_to(ROOT / "examples")
    loader = folder / "openFPGALoader"
    loader.write_text("#!/bin/sh\necho Done\n")
    loader.chmod(0o755)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    monkeypatch.setattr("thresh.hw.flow.build.build", _build)
    with PtyServer(DeviceTwin(geometry)) as server:

        def run(code, names):
            exec(compile(code.replace(PORT, server.path), "<text>", "exec"), names)

        yield run


def _build(board, image, *, out_dir, seeds, progress, **_):
    progress("place and route")
    out_dir.mkdir(parents=True, exist_ok=True)
    bitstream = out_dir / f"thresh.{FAMILIES[board.family].bitstream}"
    bitstream.write_bytes(image.to_bytes())
    return BuildResult(
        board=board.name, device=board.device, lanes=image.geometry.lanes,
        clock_mhz=board.clock_hz / 1e6, fmax_mhz=dict.fromkeys(seeds, 162.0),
        bitstream=bitstream, image=None, tools={}, met=True, critical_path=(),
        utilization={"TRELLIS_COMB": {"used": 9000, "available": 83640}},
    )  # fmt: skip


def slow_sequences(count, steps, inputs, seed):
    """Sequences that move slowly, shape (count, steps, inputs)."""
    return np.cumsum(np.random.default_rng(seed).normal(0, 0.1, (count, steps, inputs)), axis=1)
