"""How well a network does on sequences, and the work it took."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from thresh.data.inputs import Sequence as Input
from thresh.model.decision import decide
from thresh.model.network import Network
from thresh.sim.golden_runs import GoldenRun, Work, total_work

from .decided import top_of_one, top_rows, utterances
from .shown import Shown
from .table import Table, facts, plain

SHOWN = 10
"""Misheard sequences that are listed."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Evaluation(Shown):
    """The golden model on sequences.

    Parameters
    ----------
    network : `thresh.model.network.Network`
    inputs : tuple of `thresh.data.inputs.Sequence`
        With labels or targets where there are any.
    runs : tuple of `thresh.sim.golden_runs.GoldenRun`
        Outputs and events of every sequence, in integers.
    top : int or None
        How many of the best classes are shown of every sequence.
    """

    network: Network
    inputs: tuple[Input, ...]
    runs: tuple[GoldenRun, ...]
    top: int | None = None

    @property
    def work(self) -> Work:
        """Frames, events, weights fetched and saturations of all sequences together."""
        return total_work(self.network, self.runs)

    @property
    def decisions(self) -> list[str | None]:
        """What every sequence was decided as; None where the network decides nothing."""
        return [decide(self.network, run.outputs) for run in self.runs]

    @property
    def accuracy(self) -> float | None:
        """Share of sequences decided as they are labelled, 0 to 1; None without labels."""
        labels = [item.label for item in self.inputs]
        if self.network.decision == "none" or None in labels:
            return None
        right = sum(a == b for a, b in zip(self.decisions, labels, strict=True))
        return right / len(labels)

    @property
    def error(self) -> float:
        """What `Network.tune` keeps small.

        Sequences decided wrongly in per cent, with ``"ctc"`` the label error rate in per cent,
        and the root mean square difference from the targets where nothing is decided.

        Raises
        ------
        ValueError
            When there is nothing to compare with.
        """
        from thresh.tuning.scoring import error_of, problem_of

        if self.network.decision == "none" and any(item.target is None for item in self.inputs):
            raise ValueError("There is no y to compare the outputs with")
        return error_of(problem_of(self.network, self.inputs, []), self.runs)

    @property
    def score(self) -> float:
        """As in scikit-learn, 1 is best.

        `accuracy`; with ``"ctc"`` 1 minus the label error rate; where nothing is decided the
        coefficient of determination R² over all outputs.

        Raises
        ------
        ValueError
            When there is nothing to compare with.
        """
        if self.accuracy is not None and self.network.decision != "ctc":
            return self.accuracy
        if self.network.decision != "none":
            return 1 - self.error / 100
        squares = self.error**2
        targets = [np.atleast_2d(item.target) for item in self.inputs if item.target is not None]
        wanted = np.concatenate(targets)
        return float(1 - squares / max(np.mean((wanted - wanted.mean(axis=0)) ** 2), 1e-300))

    @property
    def title(self) -> str:
        """The network's name."""
        return self.network.name

    @property
    def summary(self) -> str:
        """What was heard, and the work it took."""
        work, accuracy = self.work, self.accuracy
        heard = "" if accuracy is None else f", {accuracy:.1%} right"
        less = f", {work.reduction:.1f} times fewer fetches" if work.reduction else ""
        frames = f"{work.frames:,} frames"
        return (
            f"{len(self.inputs)} sequences{heard}, {frames}, {work.events_per_frame:.1f} events "
            f"per frame{less}"
        )

    def to_dict(self) -> dict[str, Any]:
        """As ``thresh golden --json`` prints it."""
        work, network = self.work, self.network
        rows = utterances(network, self.inputs, [run.outputs for run in self.runs], self.top)
        data: dict[str, Any] = {"model": network.name, "sequences": len(self.inputs)}
        if network.decision != "none" and len(rows) == 1:
            data["heard"] = rows[0]["heard"]
        if self.accuracy is not None:
            data["accuracy"] = self.accuracy
        return (
            data
            | {
                "utterances": rows,
                "frames": work.frames,
                "events_per_frame": work.events_per_frame,
                "weight_fetches": work.weight_fetches,
                "weight_fetches_dense": work.weight_fetches_dense,
                "reduction": work.reduction,
                "saturations": work.saturations,
            }
            | top_of_one(rows)
        )

    def tables(self) -> list[Table | str]:
        """One table; of sequences decided wrongly the first few."""
        data = self.to_dict()
        rows = plain(data, but=("utterances", "top")) + top_rows(data["utterances"])
        wrong = [
            f"{item['input']}: {item['heard']}"
            for item in data["utterances"]
            if item["heard"] is not None and item["label"] not in (None, item["heard"])
        ]
        if wrong:
            more = " ..." if wrong[SHOWN:] else ""
            rows.append(("misheard", ", ".join(wrong[:SHOWN]) + more))
        return [facts(f"Golden model: {data['model']}", rows)]
