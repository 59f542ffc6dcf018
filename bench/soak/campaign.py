"""A campaign of many parts: goes on where it was stopped, and says what has been done so far."""

import hashlib
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bench.results import load, save
from thresh.model.files import only_one

RESULT = "soak-{}"
"""File of ``docs/results``, by campaign."""

LARGEST = "longest_"
"""Counts whose names begin so are the largest of all parts; all others are sums."""

Counts = dict[str, int]


class Failed(Exception):
    """The gateware did something else than it must."""


class Sequence(Protocol):
    """What goes on from part to part."""

    def state(self) -> Any:
        """As JSON has it, behind a part."""

    def restore(self, state: Any) -> None:
        """Go on from there with the next part."""


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A campaign that is ready to run.

    Parameters
    ----------
    source : str
        What is simulated, and with what: parts of another circuit do not count, nor does a sequence
        of another network or of other inputs.
    part : callable
        Runs a part by number, always the same, and returns what it counted.
    sequence : Sequence or None
        None where every part begins anew.
    """

    source: str
    part: Callable[[int], Counts]
    sequence: Sequence | None = None


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
    """What a campaign has done: its result, from which it goes on, kept after every part.

    Parameters
    ----------
    name : str
    campaign : Campaign
    opened : Opened
        What was done with another source is forgotten.

    Raises
    ------
    Failed
        When what was kept is damaged.
    """

    def __init__(self, name: str, campaign: Campaign, opened: Opened) -> None:
        self.name, self.campaign, self.opened = name, campaign, opened
        self.key = hashlib.sha256(opened.source.encode()).hexdigest()[:16]
        self.parts, self.seconds, self.counts = 0, 0, Counts()
        try:
            self._go_on(load(RESULT.format(name)) or {})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Failed(
                f"docs/results/{RESULT.format(name)}.json is damaged, restore it or delete it to "
                f"begin anew: {type(error).__name__}, {error}"
            ) from error

    def _go_on(self, kept: dict[str, Any]) -> None:
        """With the part behind those that were kept, where they are of the same source."""
        if kept.get("key") == self.key:
            self.parts, self.seconds, self.counts = (
                kept[what] for what in ("parts", "seconds", "counts")
            )
            if self.opened.sequence:
                self.opened.sequence.restore(kept["state"])

    @property
    def done(self) -> int:
        """What was counted of the campaign's unit."""
        return self.counts.get(self.campaign.unit, 0)

    def add(self, counts: Counts, seconds: float) -> None:
        """Keep what a part counted."""
        self.parts += 1
        self.seconds = round(self.seconds + seconds, 1)
        self.counts = added(self.counts, counts)
        kept: dict[str, Any] = {
            "case": self.name, "command": f"python -m bench.soak --only {self.name}",
            "key": self.key, "whole": self.done >= self.campaign.wanted, "parts": self.parts,
            "seconds": self.seconds, "counts": self.counts,
        }  # fmt: skip
        if self.opened.sequence:
            kept["state"] = self.opened.sequence.state()
        save(RESULT.format(self.name), kept)


def run(name: str, campaign: Campaign, folder: Path, wanted: int | None = None) -> bool:
    """Run parts until there are enough; False when somebody stopped it.

    Whoever runs the same campaign beside it waits, and goes on from there.

    Raises
    ------
    Failed
        With the number of the part, after which nothing is kept.
    """
    wanted = campaign.wanted if wanted is None else wanted
    opened = campaign.open(folder)
    with only_one(folder / "soak" / f"{name}.lock"):
        journal = Journal(name, campaign, opened)
        try:
            while journal.done < wanted:
                begun = time.monotonic()
                try:
                    counts = opened.part(journal.parts)
                except (Failed, ValueError, RuntimeError, AssertionError) as error:
                    raise Failed(f"{name}, part {journal.parts}: {error}") from error
                journal.add(counts, time.monotonic() - begun)
                _tell(journal, wanted)
        except KeyboardInterrupt:
            _tell(journal, wanted, "\nstopped; the same command goes on\n")
            return False
        _tell(journal, wanted, "\n")
    return True


def repeat(name: str, campaign: Campaign, folder: Path, number: int) -> Counts:
    """One part alone, of which nothing is kept."""
    opened = campaign.open(folder)
    Journal(name, campaign, opened)  # a sequence goes on from there
    return opened.part(number)


def _tell(journal: Journal, wanted: int, end: str = "") -> None:
    words = f"{journal.name}: {journal.done:,} of {wanted:,} {journal.campaign.unit}"
    words += f", {journal.seconds:,.0f} s"
    sys.stderr.write(f"\r{words}{end}" if sys.stderr.isatty() or end else f"{words}\n")
    sys.stderr.flush()
