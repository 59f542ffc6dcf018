"""Wheels of WebAssembly, which compile themselves for the machine the first time they run.

They keep what they compiled in one file for all processes, and write it over while others may have
it mapped into memory: those then end with a bus error. Here one process at a time does it, before
any work begins.
"""

import os
from functools import lru_cache
from pathlib import Path

from filelock import FileLock
from platformdirs import user_cache_dir

from .programs import run_program


def cache_folder() -> Path:
    """Where the wheels keep what they compiled."""
    usual = user_cache_dir("YoWASP", appauthor=False)
    return Path(os.environ.get("YOWASP_CACHE_DIR", usual))


@lru_cache
def prepare(program: Path, option: str) -> None:
    """Run a wheel's ``program`` with the ``option`` that only tells its version, alone.

    Once in a process: 0.2 s when another has compiled it before, else up to a minute.
    """
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / f"{program.stem}.lock"):
            run_program([str(program), option], log=Path(os.devnull))
    except (OSError, NotImplementedError):
        return  # Nothing can be written there, or nothing locked.
