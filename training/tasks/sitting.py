"""An exam of a task, joined from its pieces: chosen on validation, tested once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from thresh.training.exam.evidence import Evidence
from thresh.training.exam.piece import Piece
from thresh.training.exam.rule import Verdict, judge
from thresh.training.trainer.task import Task
from thresh.training.trainer.work import Work

Choice = Callable[[list[dict[str, float]]], dict[str, float]]
"""Chooses one of the points of a `Sitting.curve`."""


@dataclass(frozen=True, kw_only=True)
class Sitting:
    """What pairs of networks come to.

    Parameters
    ----------
    scale : float
        Of the thresholds that they were trained with, chosen on validation.
    verdict : Verdict
        On test, the delta networks in integers.
    work : dict of Work
        Of the delta networks on test, by seed.
    curve : list of dict
        Error, difference and reduction on validation, by scale.
    sparse : bool
        Columns are stored without zeros: what they fetch is the reduction that is chosen by.
    """

    scale: float
    verdict: Verdict
    work: dict[int, Work]
    curve: list[dict[str, float]]
    sparse: bool = False

    @property
    def whole(self) -> Work:
        """Of all seeds."""
        return sum(self.work.values(), Work())

    @property
    def reductions(self) -> dict[int, float]:
        """On test, by seed."""
        return {seed: work.reduction_of(self.sparse) for seed, work in self.work.items()}

    def to_dict(self) -> dict[str, Any]:
        """As JSON; reductions are of dense columns, and of sparse ones beside them."""
        whole = self.whole
        return {
            "scale": self.scale,
            "reduction": whole.reduction,
            "reduction_sparse": whole.reduction_sparse,
            "reductions": {str(seed): value for seed, value in self.reductions.items()},
            "fired_x": whole.fired_x,
            "fired_h": whole.fired_h,
            **self.verdict.to_dict(),
            "validation": self.curve,
        }


def most_reduced(curve: list[dict[str, float]]) -> dict[str, float]:
    """The point of the largest reduction within the allowance, else that of the smallest error."""
    good = [point for point in curve if point["difference"] <= point["allowance"]]
    if good:
        return max(good, key=lambda point: point["reduction"])
    return min(curve, key=lambda point: point["error"])


def least_loss(wanted: float) -> Choice:
    """The choice of the smallest loss at ``wanted`` times fewer fetches, else of the fewest.

    A loss moves less than an error does when other recordings are drawn.
    """

    def choose(curve: list[dict[str, float]]) -> dict[str, float]:
        good = [point for point in curve if point["reduction"] >= wanted]
        if good:
            return min(good, key=lambda point: point["loss"])
        return max(curve, key=lambda point: point["reduction"])

    return choose


def join(
    pieces: Sequence[Piece], task: Task | type[Task], choose: Choice = most_reduced, *,
    sparse: bool = False,
) -> Sitting:  # fmt: skip
    """Choose a scale on the validation of all pieces, and judge what they did on test with it.

    Parameters
    ----------
    pieces : sequence of Piece
    task : Task or type of Task
        Whose score and allowance they are judged by.
    choose : callable
        Chooses a scale from what all of them come to on validation.
    sparse : bool
        Their columns are stored without zeros.

    Raises
    ------
    ValueError
        When there is none, or they are of different recipes or recordings.
    """
    _refuse_strangers(pieces)
    curve = [{"scale": scale, **_point(task, pieces, scale, sparse)} for scale in pieces[0].scales]
    chosen = choose(curve)["scale"]
    verdict = judge(
        Evidence.joined(piece.test.evidence(chosen) for piece in pieces), task.error_of,
        allowance=task.allowance, relative=task.relative,
    )  # fmt: skip
    work: dict[int, Work] = {}
    for piece in pieces:
        work[piece.seed] = work.get(piece.seed, Work()) + piece.test.work[chosen]
    return Sitting(scale=chosen, verdict=verdict, work=work, curve=curve, sparse=sparse)


def _refuse_strangers(pieces: Sequence[Piece]) -> None:
    if not pieces:
        raise ValueError("There is no piece of this exam: nothing can be joined")
    first = pieces[0]
    known: dict[int | None, int] = {}
    for piece in pieces:
        if (piece.task, piece.recipe) != (first.task, first.recipe):
            raise ValueError(
                f"Pieces of one exam are of one recipe: there are {first.recipe} of {first.task} "
                f"and {piece.recipe} of {piece.task}"
            )
        if known.setdefault(piece.fold, piece.material) != piece.material:
            raise ValueError(
                f"Pieces of fold {piece.fold} of {piece.task} are of different recordings: their "
                f"digests are {known[piece.fold]} and {piece.material}"
            )


def _point(
    task: Task | type[Task], pieces: Sequence[Piece], scale: float, sparse: bool
) -> dict[str, float]:
    """Figures of one scale on validation, over all pieces."""
    evidence = Evidence.joined(piece.validation.evidence(scale) for piece in pieces)
    control, delta = (
        task.score_of(side.sum(axis=0)) for side in (evidence.control, evidence.delta)
    )
    work = sum((piece.validation.work[scale] for piece in pieces), Work())
    return {
        "error": delta.error,
        "loss": delta.error if delta.loss is None else delta.loss,
        "difference": delta.error - control.error,
        "allowance": task.allowance * (control.error if task.relative else 1),
        "reduction": work.reduction_of(sparse),
    }
