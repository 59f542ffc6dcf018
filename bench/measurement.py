"""One way to measure: a table of cases, and a result in which each case has its rows."""

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .results import ROOT, load, save_rows

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """What is measured, and where it is kept.

    Parameters
    ----------
    about : str
        Shown as help.
    module : str
        Run as ``python -m``; a row's command is that with the name of its case.
    result : str
        File of ``docs/results``, without suffix.
    cases : dict
        By name, in the order of the rows.
    measure : callable
        Rows of a case; its arguments are the case and a folder for compiled simulators.
    say : callable
        A row in some words.
    key : callable, optional
        Digest of what the rows of a case depend on, from the same arguments: a case whose rows
        have it already is not measured again.
    """

    about: str
    module: str
    result: str
    cases: Mapping[str, Any]
    measure: Callable[[Any, Path], Iterable[Row]]
    say: Callable[[Row], str]
    key: Callable[[Any, Path], str] | None = None

    def command(self, name: str) -> str:
        """What measures one case again."""
        return f"python -m {self.module} --only {name}"

    def rows(self) -> list[Row]:
        """What has been measured."""
        return load(self.result) or []

    def keep(self, name: str, rows: Sequence[Row]) -> None:
        """Put rows in the place of those that the case had; rows of no case are dropped."""
        found = {case: [row for row in self.rows() if row["case"] == case] for case in self.cases}
        found[name] = list(rows)
        save_rows(self.result, [row for some in found.values() for row in some])

    def run(self, arguments: Sequence[str] | None = None) -> None:
        """Measure every case, or those that ``--only`` names, and keep each when it is done."""
        parser = argparse.ArgumentParser(description=self.about)
        parser.add_argument("--only", action="append", metavar="CASE", choices=list(self.cases))
        parser.add_argument("--folder", type=Path, default=ROOT / "build" / "sim")
        options = parser.parse_args(arguments)
        for name in options.only or self.cases:
            self._measure(name, options.folder)

    def _measure(self, name: str, folder: Path) -> None:
        case, extra = self.cases[name], {"command": self.command(name)}
        if self.key:
            extra["key"] = self.key(case, folder)
            if any((row["case"], row.get("key")) == (name, extra["key"]) for row in self.rows()):
                print(f"{name}: unchanged since it was measured", flush=True)
                return
        rows = []
        for row in self.measure(case, folder):
            rows.append({"case": name, **row, **extra})
            print(f"{name}: {self.say(row)}", flush=True)
        self.keep(name, rows)
