"""Which class is heard as which."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from thresh.model.decision import class_names
from thresh.reports.evaluation import Evaluation
from thresh.reports.shown import Shown
from thresh.reports.table import Table, facts, grid


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Confusion(Shown):
    """What every class was decided as.

    Parameters
    ----------
    evaluation : Evaluation
        Of a network that decides for one class, on labelled sequences.

    Raises
    ------
    ValueError
        When there is another decision or a sequence without a label.
    """

    evaluation: Evaluation

    def __post_init__(self) -> None:
        network, inputs = self.evaluation.network, self.evaluation.inputs
        if network.decision not in ("mean", "last"):
            raise ValueError(
                f"{network.name} does not decide for one class (decision {network.decision!r}), "
                f"so that there is no confusion to show"
            )
        for item in inputs:
            if item.label is None:
                raise ValueError(f"{item.name} has no label: which class is it of?")

    @property
    def counts(self) -> list[list[int]]:
        """Sequences by class, a row each, and by what they were decided as."""
        names = class_names(self.evaluation.network)
        labels = [item.label for item in self.evaluation.inputs]
        pairs = Counter(zip(labels, self.evaluation.decisions, strict=True))
        return [[pairs[(said, heard)] for heard in names] for said in names]

    @property
    def title(self) -> str:
        """The network's name."""
        return self.evaluation.title

    @property
    def summary(self) -> str:
        """How much was right."""
        return self.evaluation.summary

    def to_dict(self) -> dict[str, Any]:
        """As ``thresh score --json`` prints it; a row of ``confusion`` is a class that was said."""
        work = self.evaluation.work
        return {
            "model": self.title,
            "sequences": len(self.evaluation.inputs),
            "accuracy": self.evaluation.accuracy,
            "reduction": work.reduction,
            "events_per_frame": work.events_per_frame,
            "classes": list(class_names(self.evaluation.network)),
            "confusion": self.counts,
        }

    def tables(self) -> list[Table | str]:
        """Accuracy, and what every class was mistaken for."""
        data = self.to_dict()
        names, rows = data["classes"], []
        for place, row in enumerate(data["confusion"]):
            wrong = Counter({name: row[at] for at, name in enumerate(names) if at != place})
            taken = ", ".join(f"{name} {count}" for name, count in wrong.most_common() if count)
            right = f"{row[place] / sum(row):.1%}" if sum(row) else ""
            rows.append((names[place], sum(row), row[place], right, taken))
        shown = [(name, data[name]) for name in ("sequences", "accuracy", "reduction")]
        columns = ("said", "sequences", "right", "share", "mistaken for")
        return [facts(self.title, shown), grid("Classes", columns, rows)]

    def _page(self) -> str:
        from thresh.reports.render import page

        data = self.to_dict()
        names = data["classes"]
        rows = [(name, *row) for name, row in zip(names, data["confusion"], strict=True)]
        whole = grid("Said, and heard as", ("", *names), rows)
        return page(self.title, self.summary, [*self.tables(), whole])
