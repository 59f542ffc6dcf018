"""Train one task with every technique and keep what it reaches in docs/results/training-*.json.

``python -m bench.training.tasks TASK [--data DIR]``; an interrupted run goes on from its last
epoch.
"""

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bench.pages import training as training_page
from bench.results import ROOT, save
from thresh.model.model_file import load_network, save_network
from thresh.model.network import Network
from thresh.training.tasks.table import TASKS
from thresh.training.tasks.techniques import (
    AT_GOAL,
    BEFORE,
    DELTA,
    INTEGERS,
    L1,
    LEARNED,
    NAIVE,
    PLAIN,
    PRUNED,
    SPARSE,
    STRAIGHT,
    scales,
    techniques,
)
from thresh.training.tasks.unit import Unit
from thresh.training.trainer.net import Net
from thresh.training.trainer.stage import Stage
from thresh.training.trainer.task import Task

from .experiment import Experiment, Figures, start_file, technique_file
from .points import Final, at_goal, choose, over_seeds
from .spread import scheduler_option, train_elsewhere

MAKE = "make bench-training"
"""How the command of a table begins, and that of the networks that come with it."""

SEEDS = (1, 2, 3)
CORE = (PLAIN, BEFORE, NAIVE, DELTA, L1, STRAIGHT, SPARSE)
"""Rows that every seed gives, whatever ``--others`` says."""

ZEROS = (PRUNED, SPARSE)
"""Rows whose zero weights are not fetched: as integers, from sparse columns."""

UNFIT = (PLAIN, BEFORE, NAIVE, LEARNED)
"""Rows that do not become integer networks."""

LARGEST = 300_000
"""Weights of a model file that ships, one byte each."""

Tried = tuple[str, Any, float]
"""A row's name, its thresholds (None: those that were learned), and by what they are scaled."""


def tried(task: Task, technique: Stage) -> list[Tried]:
    """Rows that a trained network gives, at every scale."""
    base = (technique.threshold_x, technique.threshold_h)
    chosen = None if technique.learned else base if technique.threshold_h else task.thresholds
    found: list[Tried] = [(technique.name, chosen, scale) for scale in scales(task, technique)]
    if technique.name == PLAIN:
        naive = scales(task, Stage(name=NAIVE, epochs=0))
        found += [(NAIVE, task.thresholds, scale) for scale in naive]
    return found


def command_of(task: Task, seeds: tuple[int, ...], others: tuple[int, ...]) -> str:
    """What makes the same table again."""
    words = [MAKE, f"TASK={task.name}"]
    words += [f"SEEDS={','.join(map(str, seeds))}"] * (seeds != SEEDS)
    words += [f"OTHERS={','.join(map(str, others))}"] * (others != seeds)
    return " ".join(words)


def measure(task: Task, folder: Path, seeds: tuple[int, ...], others: tuple[int, ...]) -> Figures:
    """Train everything, choose on validation, then read the test set; the table.

    ``others`` are the seeds of the rows that are not `CORE`.
    """
    experiment, trials = Experiment(task, folder), techniques(task)
    nets, curves = train_all(experiment, trials, seeds, others)
    plain = curves[PLAIN][0]["error"]["mean"]
    limit = plain * (1 + task.allowance) if task.relative else plain + task.allowance
    chosen = {name: choose(curve, limit) for name, curve in curves.items()}
    able = [n for n in chosen if n not in UNFIT and (n in CORE or others == seeds)]
    finals: dict[str, Final] = {}
    for sparse in (False, True):
        kind = [name for name in able if (name in ZEROS) == sparse]
        best = choose([{**chosen[name], "name": name} for name in kind], limit)["name"]
        goal, point = at_goal({name: curves[name] for name in kind}, task.wanted_of(sparse))
        finals |= {f"{INTEGERS}: {best}": (best, chosen[best]), f"{AT_GOAL}: {goal}": (goal, point)}
    tests, networks = test(experiment, trials, nets, chosen, finals, seeds)
    rows, command = [], command_of(task, seeds, others)
    for name in chosen:
        made = seeds if name in CORE else others
        rows.append(row(task, name, tests, made, chosen[name], _named(trials, name), 32, command))
    for made, (name, point) in finals.items():
        rows.append(row(task, made, tests, seeds, point, _named(trials, name), 8, command))
    for made in shipped(task, finals, limit):
        place = int(np.argmin(finals[made][1]["error"]["values"]))
        ship(task, networks[made][place], tests[PLAIN][place], tests[made][place], seeds[place],
             command)  # fmt: skip
    first = next(iter(networks.values()))[0]
    return {
        "task": task.name, "unit": task.unit, "goal": task.goal,
        "network": {"inputs": task.inputs, "units": task.units, "layers": task.layers,
                    "outputs": task.outputs, "weights": first.weights},
        "before": task.before(), "allowance": task.allowance, "relative": task.relative,
        "epochs": {"pretraining": task.pretraining, "technique": task.training},
        "rows": rows, "validation": curves,
    }  # fmt: skip


def train_all(
    experiment: Experiment, trials: list[Stage], seeds: tuple[int, ...],
    others: tuple[int, ...],
) -> tuple[dict[tuple[str, int], Net], dict[str, list[Figures]]]:  # fmt: skip
    """Trained networks by technique and seed, and every row's figures on validation by scale."""
    nets: dict[tuple[str, int], Net] = {}
    points: dict[str, dict[float, list[Figures]]] = {}
    for core in (True, False):
        for seed in seeds if core else others:
            start = experiment.start(seed)
            for technique in trials:
                if (technique.name in CORE) != core:
                    continue
                nets[technique.name, seed] = net = experiment.trained(start, technique, seed)
                for name, base, scale in tried(experiment.task, technique):
                    figures = experiment.score(experiment.at(net, base, scale), "validation")
                    points.setdefault(name, {}).setdefault(scale, []).append(counted(name, figures))
    order = [trials[0].name, NAIVE, *(one.name for one in trials[1:])]
    return nets, {
        name: [{"scale": scale, **over_seeds(found)} for scale, found in points[name].items()]
        for name in order
        if name in points
    }


def units(
    task: Task, data: str | None, seeds: tuple[int, ...], others: tuple[int, ...]
) -> list[Unit]:
    """Every training of `train_all`."""
    found = []
    for seed in sorted({*seeds, *others}):
        plain = Unit(task=task.name, data=data, seed=seed, start=start_file(seed),
                     checkpoint=start_file(seed))  # fmt: skip
        found += [plain] + [
            replace(plain, stage=technique, checkpoint=technique_file(technique, seed))
            for technique in techniques(task)
            if technique.epochs and seed in (seeds if technique.name in CORE else others)
        ]
    return found


def shipped(task: Task, finals: dict[str, Final], limit: float) -> list[str]:
    """Rows of the model files: dense, and sparse at the goal's reduction where only sparse columns
    reach it."""

    def reaches(made: str, wanted: float) -> bool:
        point = finals[made][1]
        return point["error"]["mean"] <= limit and point["reduction"]["mean"] >= wanted

    dense, _, sparse, goal = finals
    ships = reaches(sparse, task.wanted_of(True)) and not reaches(dense, task.wanted_of(False))
    return [dense, goal] if ships else [dense]


def test(
    experiment: Experiment, trials: list[Stage], nets: dict[tuple[str, int], Net],
    chosen: dict[str, Figures], finals: dict[str, Final], seeds: tuple[int, ...],
) -> tuple[dict[str, list[Figures]], dict[str, list[Network]]]:  # fmt: skip
    """Figures of the chosen points on the test set by row, and the integer networks by row."""
    tests: dict[str, list[Figures]] = {}
    networks: dict[str, list[Network]] = {}
    for seed in seeds:
        experiment.start(seed)
        for technique in trials:
            if (technique.name, seed) not in nets:
                continue
            for name, base, scale in tried(experiment.task, technique):
                net = experiment.at(nets[technique.name, seed], base, scale)
                if scale == chosen[name]["scale"]:
                    figures = counted(name, experiment.score(net, "test"))
                    tests.setdefault(name, []).append(figures)
                for made, (one, point) in finals.items():
                    if one == name and scale == point["scale"]:
                        network, figures = experiment.integers(net, "test")
                        tests.setdefault(made, []).append(counted(name, figures))
                        networks.setdefault(made, []).append(network)
    return tests, networks


def counted(name: str, figures: Figures) -> Figures:
    """Figures with the count of the columns that the technique is for."""
    sparse, figures = figures["reduction_sparse"], dict(figures)
    del figures["reduction_sparse"]
    if name in ZEROS:
        figures |= {"reduction": sparse, "reduction_dense": figures["reduction"]}
    return figures


def _named(trials: list[Stage], name: str) -> Stage:
    return next((one for one in trials if one.name == name), Stage(name=name, epochs=0))


def row(
    task: Task, name: str, tests: dict[str, list[Figures]], seeds: tuple[int, ...],
    point: Figures, technique: Stage, bits: int, command: str,
) -> Figures:  # fmt: skip
    """One row of the table."""
    base = (technique.threshold_x, technique.threshold_h)
    x, h = base if technique.threshold_h else task.thresholds
    joined = over_seeds(tests[name])
    plain = over_seeds(tests[PLAIN][: len(seeds)])["error"]
    return {
        "technique": name,
        "seeds": list(seeds), "bits": bits,
        "thresholds": {"x": round(point["scale"] * x, 4), "h": round(point["scale"] * h, 4),
                       "learned": technique.learned},
        "reduction": joined.pop("reduction"), "error": joined.pop("error"),
        "error_plain": plain, "more": joined,
        "zeros": technique.sparsity, "split": task.split, "command": command,
    }  # fmt: skip


def ship(
    task: Task, network: Network, plain: Figures, figures: Figures, seed: int, command: str
) -> None:
    """Write the model file of one seed, the best on validation, when it is small enough and no
    other command makes the task's (`bench.training.shipped`)."""
    notes = {
        "licence": task.licence,
        "split": task.split,
        "seed": seed,
        "inputs": task.inputs_are,
        "unit": task.unit,
        "test_error": round(figures["error"], 4),
        "test_error_plain": round(plain["error"], 4),
        "reduction": round(figures["reduction"], 2),
        "command": command,
    }
    if "reduction_dense" in figures:
        network = replace(network, name=f"{network.name}-sparse")
        notes["reduction_dense"] = round(figures["reduction_dense"], 2)
    path = ROOT / "examples" / f"{network.name}.safetensors"
    there = (ROOT / "examples").glob(f"{task.model}*.safetensors")
    ours = all(load_network(one).notes.get("command", "").startswith(MAKE) for one in there)
    if network.weights <= LARGEST and ours:
        save_network(replace(network, notes=notes), path)


def main(arguments: list[str] | None = None) -> None:
    """Measure one task."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("--data", default=os.environ.get("THRESH_DATA"), help="folder of the sets")
    parser.add_argument("--seeds", default=",".join(map(str, SEEDS)))
    parser.add_argument("--others", help="seeds of the rows beside the main ones; all of them")
    scheduler_option(parser)
    asked = parser.parse_args(arguments)
    torch.set_num_threads(1)
    try:
        task = TASKS[asked.task](asked.data)
        seeds = tuple(map(int, asked.seeds.split(",")))
        others = tuple(map(int, asked.others.split(","))) if asked.others else seeds
        folder = ROOT / "build" / "training" / task.name
        if asked.scheduler:
            train_elsewhere(units(task, asked.data, seeds, others), folder, asked.scheduler)
        found = measure(task, folder, seeds, others)
        save(f"training-{task.name}", found)
        training_page.write()
    except (ValueError, OSError) as error:
        print(f"Error: {error}", file=sys.stderr)
        raise SystemExit(2) from error


if __name__ == "__main__":
    main()
