"""What several sequences were decided as, with the best classes of each where they are wanted."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from thresh.data.inputs import Sequence as Input
from thresh.model.decision import decide, top_classes
from thresh.model.network import Network


def utterances(
    network: Network, inputs: Sequence[Input], outputs: Sequence[np.ndarray], top: int | None
) -> list[dict[str, Any]]:
    """Name, label and decision of every sequence as JSON; with ``top`` its best classes too.

    Parameters
    ----------
    network : Network
    inputs : sequence of `thresh.data.inputs.Sequence`
    outputs : sequence of ndarray of int, shape (steps, outputs)
    top : int or None
        How many of the best classes are shown, with their integer scores.

    Raises
    ------
    ValueError
        When the network's classes have no order.
    """
    found = []
    for item, values in zip(inputs, outputs, strict=True):
        row: dict[str, Any] = {
            "input": item.name, "label": item.label, "heard": decide(network, values),
        }  # fmt: skip
        if top is not None:
            best = top_classes(network, values, top)
            row["top"] = [{"class": name, "score": score} for name, score in best]
        found.append(row)
    return found


def top_of_one(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """``{"top": ...}`` of a single sequence that has its best classes; else nothing."""
    return {"top": rows[0]["top"]} if len(rows) == 1 and "top" in rows[0] else {}


def top_rows(rows: Sequence[dict[str, Any]]) -> list[tuple[str, object]]:
    """The best classes of every sequence for people."""
    return [
        ("top" if len(rows) == 1 else f"top of {row['input']}", _text(row["top"]))
        for row in rows
        if "top" in row
    ]


def _text(top: Sequence[dict[str, Any]]) -> str:
    return ", ".join(f"{item['class']} ({item['score']})" for item in top)
