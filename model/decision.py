"""What a network's outputs say about a whole sequence."""

from collections.abc import Iterable, Sequence
from itertools import groupby

import numpy as np

from .network import Network


def decide_classes(outputs: np.ndarray, decision: str) -> tuple[int, ...]:
    """Numbers of the classes decided; ties go to the lower number.

    Parameters
    ----------
    outputs : ndarray of int, shape (T, outputs)
        At least one step.
    decision : str
        As `thresh.model.network.Network.decision`: one class for ``"last"`` and ``"mean"``, any
        number for ``"ctc"``, none for ``"none"``.

    Raises
    ------
    ValueError
        For another shape or decision.
    """
    outputs = _steps(outputs)
    if decision in ("last", "mean"):
        return (int(scores(outputs, decision).argmax()),)
    if decision == "ctc":
        blank = outputs.shape[1] - 1
        path = (int(best) for best, _ in groupby(outputs.argmax(axis=1)))
        return tuple(best for best in path if best != blank)
    if decision == "none":
        return ()
    raise ValueError(f"decision must be none, last, mean or ctc, not {decision!r}")


def scores(outputs: np.ndarray, decision: str) -> np.ndarray:
    """What a decision compares: integers of shape (outputs,), larger is better.

    Parameters
    ----------
    outputs : ndarray of int, shape (T, outputs)
        At least one step.
    decision : str
        ``"mean"`` compares sums over all steps, ``"last"`` and ``"none"`` the last step's outputs.

    Raises
    ------
    ValueError
        For another shape or decision.
    """
    outputs = _steps(outputs)
    if decision == "mean":
        return outputs.sum(axis=0, dtype=np.int64)
    if decision in ("last", "none"):
        return outputs[-1].astype(np.int64)
    if decision == "ctc":
        raise ValueError("A network decided by ctc gives a path, so that classes have no order")
    raise ValueError(f"decision must be none, last, mean or ctc, not {decision!r}")


def top_classes(network: Network, outputs: np.ndarray, count: int) -> list[tuple[str, int]]:
    """The ``count`` best classes and their integer scores, best first, without any softmax.

    Ties go to the lower number, as in `decide`. Scores are those of `scores`.

    Parameters
    ----------
    network : Network
    outputs : ndarray of int, shape (T, outputs)
    count : int
        At least 1; all classes where there are fewer.

    Raises
    ------
    ValueError
        For another count or shape, and for networks decided by ctc.
    """
    if count < 1:
        raise ValueError(f"The number of best classes must be at least 1, not {count!r}")
    points = scores(outputs, network.decision)
    order = np.argsort(-points, kind="stable")[:count]
    names = class_names(network)
    return [(names[number], int(points[number])) for number in order]


def class_names(network: Network) -> tuple[str, ...]:
    """Names of the classes, their numbers where the network has none."""
    return network.classes or tuple(map(str, range(network.outputs)))


def decide(network: Network, outputs: np.ndarray) -> str | None:
    """`decide_classes` in the network's class names, joined; None when it decides nothing.

    Parameters
    ----------
    network : Network
    outputs : ndarray of int, shape (T, outputs)
    """
    if network.decision == "none":
        return None
    return joined(network, decide_classes(outputs, network.decision))


def joined(network: Network, numbers: Iterable[int]) -> str:
    """Names of decided classes as one text.

    Several names, of a network decided by ctc, are joined by spaces, or by nothing when every name
    is one character.
    """
    names = class_names(network)
    return ("" if _letters(network) else " ").join(names[number] for number in numbers)


def parted(network: Network, text: str) -> list[str]:
    """The names that `joined` made ``text`` of, and whatever else stands where a name should."""
    if network.decision != "ctc":
        return [text]
    return list(text) if _letters(network) else text.split()


def edit_distance(said: Sequence[int], wanted: Sequence[int]) -> int:
    """Fewest insertions, deletions and replacements that turn one sequence into the other."""
    row = list(range(len(wanted) + 1))
    for place, label in enumerate(said, 1):
        before, row[0] = row[0], place
        for at, other in enumerate(wanted, 1):
            before, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, before + (label != other))
    return row[-1]


def _letters(network: Network) -> bool:
    """Whether names of one character make one word."""
    return network.decision == "ctc" and max(map(len, class_names(network))) == 1


def _steps(outputs: np.ndarray) -> np.ndarray:
    outputs = np.asarray(outputs)
    if outputs.ndim != 2 or 0 in outputs.shape:
        raise ValueError(f"A decision needs outputs of shape (steps, outputs), not {outputs.shape}")
    return outputs
