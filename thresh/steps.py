"""A line of work in steps: each says its result in one line, and the data of all make a page."""

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from thresh.model.files import write_atomically

from .progress import Update, bars

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
