"""Connected digits of speakers that training never heard: each of FSDD's left out in turn.

``python -m bench.training.left_out [--data DIR]``; an interrupted run goes on from its last epoch.
Results: docs/results/training-digits-speakers.json.
"""

import argparse
import os
import sys
from pathlib import Path

import torch

from bench.pages import training as training_page
from bench.results import ROOT, save
from thresh.training.sets.fsdd import data_directory, load_fsdd
from thresh.training.tasks.connected_digits import ConnectedDigits
from thresh.training.tasks.techniques import PLAIN, SPARSE, STRAIGHT, techniques

from .experiment import Experiment, Figures
from .tasks import INTEGERS, choose, counted, over_seeds, tried

RESULT = "training-digits-speakers"
COMMAND = "python -m bench.training.left_out"
SEED = 1


def measure(data: str | None, folder: Path) -> Figures:
    """Train without every speaker, choose on validation over all, then hear the one left out."""
    speakers = sorted({take.speaker for take in load_fsdd(data_directory(data), "test")})
    tasks = [ConnectedDigits(data, without=speaker) for speaker in speakers]
    names = (PLAIN, STRAIGHT, SPARSE)
    trials = [one for one in techniques(tasks[0]) if one.name in names]
    experiments = [
        Experiment(task, folder / speaker) for task, speaker in zip(tasks, speakers, strict=True)
    ]
    nets = {}
    for experiment, speaker in zip(experiments, speakers, strict=True):
        start = experiment.start(SEED)
        for one in trials:
            nets[one.name, speaker] = experiment.trained(start, one, SEED)
    rows: list[Figures] = []
    for one in trials:
        points = []
        operating = [point for point in tried(tasks[0], one) if point[0] == one.name]
        for _, base, scale in operating:
            found = [
                counted(
                    one.name,
                    experiment.score(
                        experiment.at(nets[one.name, speaker], base, scale), "validation"
                    ),
                )
                for experiment, speaker in zip(experiments, speakers, strict=True)
            ]
            points.append({"base": base, "scale": scale, **over_seeds(found)})
        plain = rows[0]["validation_error"] if rows else points[0]["error"]["mean"]
        point = choose(points, plain + tasks[0].allowance)
        base, scale = point["base"], point["scale"]
        floats, integers = [], []
        for experiment, speaker in zip(experiments, speakers, strict=True):
            net = experiment.at(nets[one.name, speaker], base, scale)
            floats.append(counted(one.name, experiment.score(net, "test")))
            integers.append(counted(one.name, experiment.integers(net, "test")[1]))
        for name, bits, found in ((one.name, 32, floats), (f"{INTEGERS}: {one.name}", 8, integers)):
            joined = over_seeds(found)
            rows.append({
                "technique": name, "seeds": [SEED], "bits": bits,
                "thresholds": {"x": round(scale * base[0], 4), "h": round(scale * base[1], 4),
                               "learned": False},
                "reduction": joined.pop("reduction"), "error": joined.pop("error"),
                "error_plain": rows[0]["error"] if rows else over_seeds(floats)["error"],
                "validation_error": point["error"]["mean"], "more": joined,
                "zeros": one.sparsity,
                "split": "FSDD takes 0 to 4 of the speaker left out of training and validation",
                "command": COMMAND,
            })  # fmt: skip
    return {"task": "digits", "unit": tasks[0].unit, "speakers": speakers, "rows": rows}


def main() -> None:
    """Measure, and write the result and the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default=os.environ.get("THRESH_DATA"), help="folder of the sets")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    try:
        found = measure(asked.data, ROOT / "build" / "training" / "digits-speakers")
    except (ValueError, OSError) as error:
        print(f"Error: {error}", file=sys.stderr)
        raise SystemExit(2) from error
    save(RESULT, found)
    training_page.write()


if __name__ == "__main__":
    main()
