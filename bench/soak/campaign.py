"""A campaign of many parts: goes on where it was stopped, and says what has been done so far."""

import hashlib
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.results import load, save_rows
from thresh.model.files import write_atomically

RESULT = "soak"
"""File of ``docs/results``."""

LARGEST = "longest_"
"""Counts whose names begin so are the largest of all parts; all others are sums."""

Counts = dict[str, int]


class Failed(Exception):
    """The gateware did something else than it must."""


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A campaign that is ready to run.

    Parameters
    ----------
    source : str
        What is simulated: parts of another circuit do not count.
    part : callable
        Runs a part by number, always the same, and returns what it counted.
    """

    source: str
    part: Callable[[int], Counts]


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """What is done again and again.

    Parameters
    ----------
    about : str
    unit : str
        The count that must reach ``wanted``.
    wanted : int
    open : callable
        From a folder for compiled simulators.
    """

    about: str
    unit: str
    wanted: int
    open: Callable[[Path], Opened]


def added(counts: Counts, more: Counts) -> Counts:
    """Both together."""
    return {
        name: (max if name.startswith(LARGEST) else int.__add__)(counts.get(name, 0), value)
        for name, value in (dict.fromkeys(counts, 0) | more).items()
    }


class Journal:
    """What a campaign has done, kept after every part.

    Parameters
    ----------
    path : Path
    source : str
        As in `Opened`; what was done with another one is forgotten.
    """

    def __init__(self, path: Path, source: str) -> None:
        self.path = path
        self.key = hashlib.sha256(source.encode()).hexdigest()[:16]
        self.parts, self.seconds, self.counts = 0, 0.0, Counts()
        kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        if kept.get("key") == self.key:
            self.parts, self.seconds, self.counts = (
                kept[name] for name in ("parts", "seconds", "counts")
            )

    def add(self, counts: Counts, seconds: float) -> None:
        """Keep what a part counted."""
        self.parts += 1
        self.seconds += seconds
        self.counts = added(self.counts, counts)
        kept = {name: getattr(self, name) for name in ("key", "parts", "seconds", "counts")}
        write_atomically(self.path, json.dumps(kept) + "\n")


def run(name: str, campaign: Campaign, folder: Path, wanted: int | None = None) -> bool:
    """Run parts until there are enough; False when somebody stopped it.

    Raises
    ------
    Failed
        With the number of the part, after which nothing is kept.
    """
    wanted = campaign.wanted if wanted is None else wanted
    opened = campaign.open(folder)
    journal = Journal(folder / "soak" / f"{name}.json", opened.source)
    try:
        while journal.counts.get(campaign.unit, 0) < wanted:
            begun = time.monotonic()
            try:
                counts = opened.part(journal.parts)
            except (Failed, ValueError, RuntimeError, AssertionError) as error:
                raise Failed(f"{name}, part {journal.parts}: {error}") from error
            journal.add(counts, time.monotonic() - begun)
            _tell(name, campaign, journal, wanted)
    except KeyboardInterrupt:
        _tell(name, campaign, journal, wanted, "\nstopped; the same command goes on\n")
        return False
    finally:
        if journal.parts:
            keep(name, journal, journal.counts[campaign.unit] >= campaign.wanted)
    _tell(name, campaign, journal, wanted, "\n")
    return True


def keep(name: str, journal: Journal, whole: bool) -> None:
    """Put what was counted so far into the results, unless more was counted there."""
    row: dict[str, Any] = {
        "case": name, "whole": whole, "parts": journal.parts, **journal.counts,
        "seconds": round(journal.seconds), "key": journal.key,
        "command": f"python -m bench.soak --only {name}",
    }  # fmt: skip
    rows = {row["case"]: row for row in load(RESULT) or []}
    before = rows.get(name, {})
    if before.get("key") != journal.key or before["parts"] < journal.parts:
        rows[name] = row
        save_rows(RESULT, list(rows.values()))


def _tell(name: str, campaign: Campaign, journal: Journal, wanted: int, end: str = "") -> None:
    done = journal.counts.get(campaign.unit, 0)
    words = f"{name}: {done:,} of {wanted:,} {campaign.unit}, {journal.seconds:,.0f} s"
    sys.stderr.write(f"\r{words}{end}" if sys.stderr.isatty() or end else f"{words}\n")
    sys.stderr.flush()
