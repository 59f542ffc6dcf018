"""One network for one of the tasks, from data to model file: ``thresh train TASK``."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from thresh.model.model_file import save_network
from thresh.training.trainer.findings import causes, look
from thresh.training.trainer.loop import Report as Epochs
from thresh.training.trainer.scoring import evaluate

from .integers import in_integers
from .table import TASKS
from .techniques import recommended
from .training import pretrain, refine

Report = Callable[[str, int, int, str], None]
"""Called first and after every epoch with stage, epochs done, the most, and what is to be said."""


def train_task(
    name: str,
    *,
    data: Path | None,
    output: Path,
    checkpoints: Path,
    command: str,
    report: Report = lambda stage, done, most, text: None,
    seed: int = 1,
) -> dict[str, Any]:
    """Train a task's network plain, then as is recommended for it, and write it.

    Other techniques, more seeds and the choice between them are `bench/training/tasks.py`'s, and a
    control that is trained alike is `bench/training/exam.py`'s.

    Parameters
    ----------
    name : str
        In `thresh.training.tasks.table.TASKS`.
    data : Path or None
        Folder of the data sets; the environment's when None.
    output : Path
        Model file.
    checkpoints : Path
        Folder from which an interrupted training goes on.
    command : str
        What the model file says that made it.
    report : callable
    seed : int

    Returns
    -------
    dict
        Errors and reductions on the test set, findings and causes, as JSON.
    """
    torch.set_num_threads(1)
    task = TASKS[name](data)

    def told(stage: str, most: int) -> Epochs:
        return lambda epoch, loss, outcome: report(stage, epoch + 1, most, f"loss {loss:.4f}")

    later = dict(zip(("delta", "quantised"), recommended(task), strict=False))
    report("plain", 0, task.pretraining, "training")
    for title, stage in later.items():
        report(title, 0, stage.epochs, "waiting")
    net = pretrain(
        task, seed=seed, checkpoint=checkpoints / f"plain-{seed}.pt",
        report=told("plain", task.pretraining),
    )  # fmt: skip
    nets = {"plain": net}
    for title, stage in later.items():
        nets[title] = net = refine(
            net, task, stage, seed=seed, checkpoint=checkpoints / f"{title}-{seed}.pt",
            report=told(title, stage.epochs),
            teacher=nets["plain"],
        )  # fmt: skip
    network, nets["quantised"] = in_integers(net, task)
    stages = {}
    for title, net in nets.items():
        outcome = evaluate(net, task, task.items("test"))
        stages[title] = {"error": outcome.score.error, "reduction": outcome.work.reduction}
    last = stages["quantised"]
    notes = {
        "licence": task.licence, "split": task.split, "seed": seed, "unit": task.unit,
        "inputs": task.inputs_are, "test_error": round(last["error"], 4),
        "reduction": round(last["reduction"], 2), "command": command,
    }  # fmt: skip
    save_network(replace(network, notes=notes), output)
    looked = {title: look(nets[title], task) for title in ("plain", "delta")}
    return {
        "model": str(output), "unit": task.unit, "split": task.split, "stages": stages,
        "findings": {stage: finding.to_dict() for stage, finding in looked.items()},
        "causes": causes(looked["plain"], looked["delta"]),
    }  # fmt: skip
