"""Long work: told as it goes on by a function or bars on standard error, and done in steps."""

import json
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from thresh.model.files import write_atomically

Update = Callable[[int, int], None]
"""Told how much of how much is done."""

Progress = Update | bool | None
"""What ``progress`` takes: a function, True for a bar on standard error, None or False for none."""

Lines = Callable[[str], None] | bool | None
"""Likewise where work is told in lines of text; True prints them on standard error."""

Report = Callable[[str, int, int, str], None]
"""Told a training's stage, epochs done, the most, and what is to be said."""

Epochs = Report | bool | None
"""Likewise for a training; True shows a bar per stage."""


REFRESH = 2
"""Times a second that a bar is drawn, which a recording of a terminal keeps."""


def _shows(console: "Console") -> bool:
    """A bar can be drawn over itself: a notebook, or a terminal that is not dumb."""
    return console.is_jupyter or (console.is_terminal and not console.is_dumb_terminal)


@contextmanager
def bars() -> Iterator[Callable[[str], Update]]:
    """Bars on standard error; ``add(description)`` gives one's ``update(done, total)``."""
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    console = Console(stderr=True, highlight=False)
    with Bars(
        *columns, console=console, transient=True, disable=not _shows(console),
        refresh_per_second=REFRESH,
    ) as shown:  # fmt: skip

        def add(description: str) -> Update:
            task = shown.add_task(description, total=None)
            return lambda done, total: shown.update(task, completed=done, total=total)

        yield add


@contextmanager
def epochs(progress: Epochs) -> Iterator[Report]:
    """``report(stage, done, most, text)`` for whatever ``progress`` is."""
    if callable(progress):
        yield progress
        return
    from rich.console import Console
    from rich.progress import BarColumn, TaskID, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    console = Console(stderr=True, highlight=False)
    visible = bool(progress) and _shows(console)
    with Bars(*columns, console=console, disable=not visible, refresh_per_second=REFRESH) as shown:
        known: dict[str, TaskID] = {}

        def report(stage: str, done: int, most: int, text: str) -> None:
            if stage not in known:
                known[stage] = shown.add_task(stage, total=most)
            shown.update(known[stage], completed=done, description=f"{stage}: {text}")

        yield report


@contextmanager
def told(progress: Progress, description: str) -> Iterator[Update]:
    """``update(done, total)`` for whatever ``progress`` is."""
    if progress is not None and not callable(progress) and not isinstance(progress, bool):
        raise ValueError(f"progress must be a function, True or False, not {progress!r}")
    if callable(progress):
        yield progress
    elif progress:
        with bars() as add:
            yield add(description)
    else:
        yield lambda done, total: None


def said(progress: Lines) -> Callable[[str], None]:
    """A function that is told lines of text, for whatever ``progress`` is."""
    if callable(progress):
        return progress
    if progress:
        return lambda text: print(text, file=sys.stderr)
    return lambda text: None


Step = Callable[[Update], str]
"""Does its part and returns the result in one line."""

Said = Callable[[str, str, float], None]
"""Told a step's name, its result and its seconds."""


@dataclass(kw_only=True)
class Steps(ABC):
    """One run of a line; every step leaves what the later ones need.

    Parameters
    ----------
    folder : Path
        Where everything is written.

    Attributes
    ----------
    data : dict
        What the steps found, as JSON.
    """

    DATA: ClassVar[str]

    folder: Path
    data: dict[str, Any] = field(default_factory=dict)

    @abstractmethod
    def stages(self) -> list[dict[str, Step]]:
        """Steps by what people call them; those of one stage may run side by side."""

    @property
    @abstractmethod
    def equal(self) -> bool:
        """Whether every integer of the simulation was the golden model's."""

    @abstractmethod
    def write_page(self) -> Path:
        """Write the page from what lies in the folder."""

    def run(self, command: str, say: Said) -> dict[str, Any]:
        """Run every step, then write data and page; all of it as JSON.

        Parameters
        ----------
        command : str
            What makes it again, for the page.
        say : callable
        """
        self.data |= {"command": command, "steps": []}
        for stage in self.stages():
            with bars() as add, ThreadPoolExecutor(len(stage)) as pool:
                steps = [
                    pool.submit(_timed, name, step, add(name), say) for name, step in stage.items()
                ]
                self.data["steps"] += [step.result() for step in steps]
        write_atomically(self.folder / self.DATA, json.dumps(self.data, indent=2) + "\n")
        self.data["report"] = str(self.write_page())
        return self.data


def _timed(name: str, step: Step, update: Update, say: Said) -> dict[str, Any]:
    start = time.monotonic()
    result = step(update)
    seconds = time.monotonic() - start
    say(name, result, seconds)
    return {"name": name, "result": result, "seconds": seconds}
