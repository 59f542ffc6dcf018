"""What a training leaves on disk after every epoch, and goes on from."""

import hashlib
import json
import math
import pickle
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from .net import Net
from .stage import Stage
from .task import Task


@dataclass(kw_only=True)
class Progress:
    """How far a stage has come.

    Parameters
    ----------
    epochs : int
        Done.
    loss : float
        Best one on validation.
    best : int
        Its epoch.
    weights : dict of Tensor, or None
        After it.
    seconds : float
        Of a processor, for the epochs that are done; not a number where that was not kept.
    """

    epochs: int = 0
    loss: float = math.inf
    best: int = 0
    weights: dict[str, Tensor] | None = None
    seconds: float = 0.0


def identity(net: Net, task: Task, stage: Stage, seed: int, teacher: Net | None = None) -> str:
    """Digest of everything that the result of a stage depends on."""
    settings = [task.name, task.digest, stage.size or task.size, seed]
    text = json.dumps([settings, asdict(stage)], sort_keys=True)
    state = hashlib.sha256(text.encode())
    for one in (net,) if teacher is None else (net, teacher):
        for name, value in one.state_dict().items():
            state.update(name.encode() + value.numpy().tobytes())
    return state.hexdigest()


def keep(
    path: Path, name: str, progress: Progress, net: Net, optimiser: torch.optim.Optimizer
) -> None:
    """Write a checkpoint, whole or not at all."""
    content = {
        "identity": name, "progress": vars(progress), "net": net.state_dict(),
        "optimiser": optimiser.state_dict(),
    }  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    torch.save(content, partial)
    partial.replace(path)


def resume(path: Path, name: str, net: Net, optimiser: torch.optim.Optimizer) -> Progress:
    """Load what a stage of the same identity has left; another one's is not used.

    Raises
    ------
    ValueError
        When the file is no checkpoint.
    """
    if not path.exists():
        return Progress()
    try:
        saved: dict[str, Any] = torch.load(path, weights_only=True)
        same = saved["identity"] == name
    except (pickle.UnpicklingError, RuntimeError, EOFError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is not a checkpoint of a training: delete it") from error
    if not same:
        return Progress()
    net.load_state_dict(saved["net"])
    optimiser.load_state_dict(saved["optimiser"])
    return Progress(**{"seconds": math.nan} | saved["progress"])


def seconds_of(path: Path) -> float:
    """Of a processor, for all epochs of a checkpoint; not a number where that was not kept."""
    saved: dict[str, Any] = torch.load(path, weights_only=True)
    return float(saved["progress"].get("seconds", math.nan))
