"""What a network's outputs say about a whole sequence."""

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
    outputs = np.asarray(outputs)
    if outputs.ndim != 2 or 0 in outputs.shape:
        raise ValueError(f"A decision needs outputs of shape (steps, outputs), not {outputs.shape}")
    if decision == "last":
        return (int(outputs[-1].argmax()),)
    if decision == "mean":
        return (int(outputs.sum(axis=0, dtype=np.int64).argmax()),)
    if decision == "ctc":
        blank = outputs.shape[1] - 1
        path = (int(best) for best, _ in groupby(outputs.argmax(axis=1)))
        return tuple(best for best in path if best != blank)
    if decision == "none":
        return ()
    raise ValueError(f"decision must be none, last, mean or ctc, not {decision!r}")


def decide(network: Network, outputs: np.ndarray) -> str | None:
    """`decide_classes` in the network's class names, or their numbers where it has none.

    Several names are joined by spaces, or by nothing when every name is one character. None when
    the network decides nothing.

    Parameters
    ----------
    network : Network
    outputs : ndarray of int, shape (T, outputs)
    """
    if network.decision == "none":
        return None
    decided = decide_classes(outputs, network.decision)
    names = network.classes or tuple(map(str, range(network.outputs)))
    letters = network.decision == "ctc" and max(map(len, names)) == 1
    return ("" if letters else " ").join(names[number] for number in decided)
