"""Objects of Verilator itself, which are alike for every design: compiled once, then kept."""

import contextlib
import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path

OPTIMISED = "OPT_FAST=-O2 OPT_GLOBAL=-O2"
"""For make: what runs once, at power-up, is not optimised."""

OBJECTS = ("verilated", "verilated_threads")


class KeptObjects:
    """Verilator's own objects in a folder of compiled designs.

    Parameters
    ----------
    environment : mapping
        What Verilator runs in; without a ``VERILATOR_ROOT`` nothing is kept.
    folder : path
    """

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        root = environment.get("VERILATOR_ROOT")
        self._kept = None
        if root is not None:
            said = root + environment.get("MAKEFLAGS", "") + OPTIMISED
            source = (Path(root) / "include" / f"{OBJECTS[0]}.cpp").read_bytes()
            key = hashlib.sha256(said.encode() + source).hexdigest()[:16]
            self._kept = folder / f"verilated-{key}"

    def place(self, work: Path) -> str:
        """Put what is kept into the folder of a build; returns make's options for the build."""
        if self._kept is None or not self._kept.exists():
            return OPTIMISED
        for name in OBJECTS:
            shutil.copyfile(self._kept / f"{name}.o", work / f"{name}.o")
        return " ".join([OPTIMISED, *(f"-o {name}.o" for name in OBJECTS)])

    def keep(self, work: Path) -> None:
        """Keep those of a build that has ended; the first that are kept stay."""
        if self._kept is None or self._kept.exists():
            return
        new = work / "kept"
        new.mkdir(exist_ok=True)
        for name in OBJECTS:
            shutil.copyfile(work / f"{name}.o", new / f"{name}.o")
        with contextlib.suppress(OSError):  # another process was first
            new.rename(self._kept)
