"""Long work: told as it goes on by a function or bars on standard error, and done in steps."""

import json
import os
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, ClassVar

from thresh.model.files import write_atomically
from thresh.tools.programs import Stopped, end_programs

if TYPE_CHECKING:
    from rich.console import Console

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

Chain = dict[str, Step]
"""Steps one after the other, by what people call them."""

Said = Callable[[str, str, float], None]
"""Told a step's name, its result and its seconds."""

PATIENCE = 0.2
"""Seconds between two looks at whether all that is told to end has ended."""


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
    def stages(self) -> list[list[Chain]]:
        """What is done, stage by stage; the chains of a stage run side by side."""

    @property
    @abstractmethod
    def equal(self) -> bool:
        """Whether every integer of the simulation was the golden model's."""

    @abstractmethod
    def write_page(self) -> Path:
        """Write the page from what lies in the folder."""

    def run(self, command: str, say: Said) -> dict[str, Any]:
        """Run every step, then write data and page; all of it as JSON.

        The first error of a chain, or an interrupt, ends the others and their programs.

        Parameters
        ----------
        command : str
            What makes it again, for the page.
        say : callable
        """
        self.data |= {"command": command, "steps": []}
        before = _processor_seconds()
        for stage in self.stages():
            with bars() as add:
                self.data["steps"] += side_by_side(stage, add, say)
        self.data["processor_seconds"] = round(_processor_seconds() - before, 1)
        write_atomically(self.folder / self.DATA, json.dumps(self.data, indent=2) + "\n")
        self.data["report"] = str(self.write_page())
        return self.data


def _processor_seconds() -> float:
    """What this process and the programs that it has run have taken of all processors."""
    return sum(os.times()[:4])


def side_by_side(
    chains: Sequence[Chain], add: Callable[[str], Update], say: Said
) -> list[dict[str, Any]]:
    """Run chains in threads; name, result and seconds of every step in the order of the chains.

    Parameters
    ----------
    chains : sequence of dict
    add : callable
        Gives the function that a step of this name tells its progress.
    say : callable
        Told of every step when it is done.

    Raises
    ------
    BaseException
        The first that a chain raises, or an interrupt; the other chains have ended.
    """
    stop = Event()
    with ThreadPoolExecutor(len(chains)) as pool:
        running = [pool.submit(_run, chain, add, say, stop) for chain in chains]
        try:
            wait(running, return_when=FIRST_EXCEPTION)
        finally:
            _end(running, stop)
    errors = [error for chain in running if (error := chain.exception()) is not None]
    for error in sorted(errors, key=lambda error: isinstance(error, Stopped)):
        raise error
    return [step for chain in running for step in chain.result()]


def _end(running: Sequence[Future], stop: Event) -> None:
    """Return when all have ended; those that still run are told to."""
    while not all(chain.done() for chain in running):
        stop.set()
        end_programs()
        wait(running, timeout=PATIENCE)


def _run(
    chain: Chain, add: Callable[[str], Update], say: Said, stop: Event
) -> list[dict[str, Any]]:
    done = []
    for name, step in chain.items():
        shown = add(name)

        def update(count: int, total: int, shown: Update = shown) -> None:
            if stop.is_set():
                raise Stopped
            shown(count, total)

        if stop.is_set():
            raise Stopped
        start = time.monotonic()
        result = step(update)
        seconds = time.monotonic() - start
        shown(1, 1)
        say(name, result, seconds)
        done.append({"name": name, "result": result, "seconds": seconds})
    return done
