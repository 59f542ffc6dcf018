"""What a training on somebody's own data came to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from thresh.model.network import Network
from thresh.tuning.thresholds import point_of, reals

from .hearing.spotted import Spotted
from .shown import Shown
from .table import Table, facts, grid


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Training(Shown):
    """A network that was trained here, and how good it was after every stage.

    Parameters
    ----------
    network : `thresh.model.network.Network`
    part : str
        The part of the data that the stages were measured on: the test, or the validation without
        one.
    sequences : dict
        How many each part has.
    stages : dict
        ``accuracy`` (0 to 1) and ``reduction`` (dense fetches over delta, as the golden model
        counts them) of ``"plain"``, ``"delta"`` and ``"quantised"``; the last in exact integers.
    findings : dict of dict
        By stage, why it is not sparser: errors on training and validation, inputs and states that
        fire in a step.
    causes : dict
        What the findings say, and what is to be done.
    spotted : Spotted or None
        Of a wake word, on that part.
    """

    network: Network
    part: str
    sequences: dict[str, int]
    stages: dict[str, dict[str, Any]]
    findings: dict[str, dict[str, Any]]
    causes: dict[str, str]
    spotted: Spotted | None = None

    @property
    def title(self) -> str:
        """The network's name."""
        return self.network.name

    @property
    def summary(self) -> str:
        """How good the integers are, and what they save."""
        row = self.stages["quantised"]
        less = f", {row['reduction']:.1f} times fewer fetches" if row["reduction"] else ""
        count = self.sequences[self.part]
        return f"{row['accuracy']:.1%} of {count} sequences of the {self.part} part right{less}"

    def to_dict(self) -> dict[str, Any]:
        """As ``thresh train --json`` prints it, without the model file's name."""
        values = reals(self.network, point_of(self.network))
        wake = {} if self.spotted is None else {"wake": self.spotted.to_dict()}
        return wake | {
            "classes": list(self.network.classes),
            "part": self.part,
            "sequences": self.sequences,
            "stages": self.stages,
            "threshold_x": values[0],
            "threshold_h": values[1:],
            "weight_bits": self.network.weight_bits,
            "weights": self.network.weights,
            "findings": self.findings,
            "causes": list(self.causes),
        }

    def tables(self) -> list[Table | str]:
        """Every stage, then the network, then why it is not sparser."""
        data = self.to_dict()
        names = {
            "plain": "plain", "delta": "delta", "quantised": f"int{self.network.weight_bits}",
        }  # fmt: skip
        rows = [
            (names[stage], f"{row['accuracy']:.1%}", f"{row['reduction'] or 0:.1f}x")
            for stage, row in self.stages.items()
        ]
        hidden = ", ".join(f"{value:.3g}" for value in data["threshold_h"])
        count = self.sequences[self.part]
        return [
            grid(
                f"{count} sequences of the {self.part} part",
                ("network", "accuracy", "fewer fetches"),
                rows,
            ),
            facts(
                self.title,
                [
                    ("classes", ", ".join(data["classes"])),
                    ("sequences", ", ".join(f"{n} {p}" for p, n in self.sequences.items())),
                    ("thresholds", f"x {data['threshold_x']:.3g}, h {hidden}"),
                    ("weights", data["weights"]),
                ],
            ),
            *([] if self.spotted is None else self.spotted.tables()[:1]),
            findings_table(self.findings),
            *self.causes.values(),
        ]


def findings_table(findings: dict[str, dict[str, Any]]) -> Table:
    """Why a network is not sparser: its numbers on its own sequences, by stage."""
    rows = [
        (
            stage, f"{one['train_error']:.2f}", f"{one['validation_error']:.2f}",
            f"{one['fired_x']:.1f} of {one['inputs']}", f"{one['fired_h']:.1f} of {one['states']}",
        )
        for stage, one in findings.items()
    ]  # fmt: skip
    heads = ("network", "training error", "validation error", "inputs fire", "states fire")
    return grid("Why it is not sparser (per step, on validation)", heads, rows)


def task_tables(
    name: str, found: Mapping[str, Any], causes: Mapping[str, str]
) -> list[Table | str]:
    """What a training on one of the project's own tasks came to.

    Parameters
    ----------
    name : str
        Of the task.
    found : dict
        As `thresh.training.tasks.run.train_task` returns it.
    causes : dict of str
        A sentence for each cause that may be found.
    """
    names = {"plain": "plain", "delta": "delta", "quantised": "int8"}
    rows = [
        (names[stage], row["error"], f"{row['reduction']:.1f}x")
        for stage, row in found["stages"].items()
    ]
    columns = ("network", found["unit"], "fewer fetches")
    return [
        grid(f"{name}: {found['model']}, {found['split']}", columns, rows),
        findings_table(found["findings"]),
        *(causes[cause] for cause in found["causes"]),
    ]
