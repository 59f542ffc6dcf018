"""Results that ``thresh`` commands give."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from thresh.training.sets.fsdd import data_directory

from .results import ROOT

DATA = "DATA"
"""Stands in a published command for FSDD's recordings, in the folder that ``THRESH_DATA`` names."""


def thresh(
    *words: str, local: Sequence[str] = (), folder: Path = ROOT
) -> tuple[dict[str, Any], int]:
    """What a command says with ``--json``, as published: its words first; and its status.

    Parameters
    ----------
    words : str
        As published.
    local : sequence of str
        More words, of this machine alone.
    folder : Path
        Where it is run.

    Raises
    ------
    SystemExit
        When it says nothing.
    ValueError
        When there are no such recordings.
    """
    known = [str(data_directory()) if word == DATA else word for word in words]
    done = subprocess.run(
        [Path(sys.executable).with_name("thresh"), *known, *local, "--json"],
        cwd=folder, stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    if not done.stdout:
        raise SystemExit(f"thresh {' '.join(words)} failed with status {done.returncode}")
    return {"command": " ".join(("thresh", *words))} | json.loads(done.stdout), done.returncode
