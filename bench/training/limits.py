"""What limits the delta network of an exam's pair: inputs or states, floats or integers.

``python -m bench.training.limits TASK [--fold 0] [--seed 1] [--data DIR]`` runs the pair on the
validation of its fold with one of its two thresholds moved at a time, and before its last epochs,
in floats. A pair that is not trained yet is trained first; what is there of it is gone on from.
Results: docs/results/exam-limits-TASK.json.
"""

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from thresh.training.tasks.integers import in_integers
from thresh.training.tasks.room import Room
from thresh.training.tasks.techniques import pair
from thresh.training.trainer.net import Net
from thresh.training.trainer.scoring import evaluate
from thresh.training.trainer.stage import Stage
from thresh.training.trainer.task import Task

from . import one_pair

MOVED = ((1.0, 1.0), (0.5, 1.0), (1.0, 0.5), (1.4, 1.0), (1.0, 1.4))
"""Parts of the trained thresholds of inputs and states."""


def moved(net: Net, stage: Stage, part_x: float, part_h: float) -> Net:
    """A copy at parts of the thresholds that it was trained with."""
    other = copy.deepcopy(net)
    other.set_thresholds(stage.thresholds(part_x)[0], stage.thresholds(part_h)[1])
    return other


def row(net: Net, task: Task, **more: Any) -> dict[str, Any]:
    """Error and work of a network on validation."""
    found = evaluate(net, task, task.items("validation"))
    return more | {
        "error": found.score.error, "reduction": found.work.reduction,
        "fired_x": found.work.fired_x, "fired_h": found.work.fired_h,
    }  # fmt: skip


def measure(task: Task, fold: int | None, seed: int, folder: Path) -> list[dict[str, Any]]:
    """Rows of the control and of the delta network."""
    stages, rows = pair(task), []
    for arithmetic, asked in (("floats", stages[:2]), ("integers", stages)):
        room = Room(lambda fold: task, asked, (), folder, one_pair.told)
        control, delta = room.trained(task, fold, seed)
        if arithmetic == "floats":
            rows.append(row(control, task, network="control", arithmetic="floats"))
        for x, h in MOVED if arithmetic == "integers" else MOVED[:1]:
            net = moved(delta, stages[-1], x, h)
            if arithmetic == "integers" and not net.quantised:
                net = in_integers(net, task)[1]
            rows.append(row(net, task, network="delta", arithmetic=arithmetic, x=x, h=h))
    return rows


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure one task."""
    one_pair.run(__doc__, "bench.training.limits", "exam-limits", measure, arguments)


if __name__ == "__main__":
    main()
