"""A piece of an exam: one pair of networks on one fold, small enough to be kept for good.

What a network did is kept as sums by cluster, which is all that the rule asks for. A piece holds
them at every scale of the thresholds, of validation and of test: what is made of several pieces
chooses a scale on validation, and reads of the test nothing but that.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from thresh.training.trainer.work import Work

from .evidence import Evidence

Tallies = Mapping[str, Sequence[float]]
"""Sums of tallies by cluster."""


def summed(clusters: Sequence[str], tallies: np.ndarray) -> Tallies:
    """Tallies of shape (sequences, sums) as sums by cluster."""
    names, places = np.unique(clusters, return_inverse=True)
    sums = np.zeros((len(names), tallies.shape[1]))
    np.add.at(sums, places, tallies)
    return dict(zip(names.tolist(), sums.tolist(), strict=True))


@dataclass(frozen=True, kw_only=True)
class Side:
    """What a pair did with the validation or the test of a fold.

    Parameters
    ----------
    sequences : dict of int
        By cluster.
    control : Tallies
        Of the plain network.
    delta : dict of Tallies
        Of the delta network, by scale of its thresholds.
    work : dict of Work
        Of the delta network, by scale.
    """

    sequences: Mapping[str, int]
    control: Tallies
    delta: Mapping[float, Tallies]
    work: Mapping[float, Work]

    def evidence(self, scale: float) -> Evidence:
        """Of the pair at a scale."""
        names = tuple(self.sequences)
        return Evidence(
            clusters=names,
            control=np.array([self.control[name] for name in names]),
            delta=np.array([self.delta[scale][name] for name in names]),
            counts=tuple(self.sequences.values()),
        )


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One pair of networks.

    Parameters
    ----------
    task : str
    recipe : str
        Digest of everything that is asked of the training.
    material : int
        Digest of the recordings of this fold.
    fold : int or None
        None for the data set's own split.
    seed : int
    validation, test : Side
        On test the delta network is in integers.
    minutes : float or None
        Of a processor, for all of it, wherever it was done; None where a part of it was trained by
        a release that did not count them.
    command : str
        What makes it.
    """

    task: str
    recipe: str
    material: int
    fold: int | None
    seed: int
    validation: Side
    test: Side
    minutes: float | None = None
    command: str = ""

    @property
    def scales(self) -> tuple[float, ...]:
        """That the delta network was tried at."""
        return tuple(self.validation.delta)

    def to_json(self) -> str:
        """A few kilobytes, a network's side a line."""
        sides = ",\n".join(
            f'"{name}": {{\n"sequences": {json.dumps(side.sequences)},\n'
            f'"control": {json.dumps(_whole(side.control))},\n"delta": [\n'
            + ",\n".join(
                json.dumps({"scale": scale, "work": vars(side.work[scale]),
                            "tallies": _whole(tallies)})
                for scale, tallies in side.delta.items()
            )
            + "\n]}"
            for name, side in (("validation", self.validation), ("test", self.test))
        )  # fmt: skip
        names = ("task", "recipe", "material", "fold", "seed", "minutes", "command")
        head = ",\n".join(f'"{name}": {json.dumps(getattr(self, name))}' for name in names)
        return f"{{\n{head},\n{sides}\n}}\n"


def _whole(tallies: Tallies) -> dict[str, list[float]]:
    """Numbers without a fraction as integers, which are shorter."""
    return {
        name: [int(value) if float(value).is_integer() else value for value in sums]
        for name, sums in tallies.items()
    }


def read_piece(path: Path) -> Piece:
    """The piece that a file holds.

    Raises
    ------
    ValueError
        When it is none.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        sides = {name: _side(content.pop(name)) for name in ("validation", "test")}
        return Piece(**content, **sides)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is not a piece of an exam: {error!r}") from error


def _side(content: dict[str, Any]) -> Side:
    return Side(
        sequences=content["sequences"],
        control=content["control"],
        delta={one["scale"]: one["tallies"] for one in content["delta"]},
        work={one["scale"]: Work(**one["work"]) for one in content["delta"]},
    )
