"""``--top``: the best classes of a sequence with their integer scores."""

from collections.abc import Callable
from typing import Any

import click
import numpy as np

from thresh.model.decision import top_classes
from thresh.model.network import Network

top_option: Callable[[Any], Any] = click.option(
    "--top", type=click.IntRange(min=1), metavar="K",
    help="Show the K best classes with their integer scores.",
)  # fmt: skip


def best_classes(network: Network, outputs: np.ndarray, count: int) -> list[dict[str, Any]]:
    """`thresh.model.decision.top_classes` as JSON."""
    return [{"class": name, "score": score} for name, score in top_classes(network, outputs, count)]


def with_top(
    data: dict[str, Any], network: Network, outputs: list[np.ndarray], count: int | None
) -> dict[str, Any]:
    """A summary whose ``utterances`` have their best classes, a single one also as ``top``."""
    if count is None:
        return data
    tops = [best_classes(network, one, count) for one in outputs]
    pairs = zip(data["utterances"], tops, strict=True)
    return (
        data
        | {"utterances": [item | {"top": top} for item, top in pairs]}
        | ({"top": tops[0]} if len(tops) == 1 else {})
    )


def top_text(top: list[dict[str, Any]]) -> str:
    """Best classes for people."""
    return ", ".join(f"{item['class']} ({item['score']})" for item in top)


def top_rows(data: dict[str, Any]) -> list[tuple[str, str]]:
    """Best classes of every sequence for people."""
    if "top" in data:
        return [("top", top_text(data["top"]))]
    items = [item for item in data.get("utterances", []) if "top" in item]
    return [(f"top of {item['input']}", top_text(item["top"])) for item in items]
