"""Where results are kept, and how they are read."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from thresh.model.files import write_atomically

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "docs" / "results"


def load(name: str) -> Any:
    """One result, or None where it has not been measured."""
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else None


def save(name: str, result: Any) -> None:
    """Write a result."""
    write_atomically(RESULTS / f"{name}.json", json.dumps(result, indent=1) + "\n")


def save_rows(name: str, rows: Sequence[dict[str, Any]]) -> None:
    """Write a result of many rows, a row a line."""
    lines = ",\n".join(json.dumps(row) for row in rows)
    write_atomically(RESULTS / f"{name}.json", f"[\n{lines}\n]\n")


def keep_row(name: str, row: dict[str, Any], key: Sequence[str]) -> None:
    """Write a row in the place of the one that has the same values of ``key``, or behind all."""
    rows = load(name) or []
    same = [all(one[part] == row[part] for part in key) for one in rows]
    place = same.index(True) if any(same) else len(rows)
    save_rows(name, [*rows[:place], row, *rows[place + 1 :]])
