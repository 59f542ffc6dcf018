"""What every object at the front door can do: say what it is, as text, tables, page and JSON."""

import io
import os
from abc import ABC, abstractmethod
from typing import Any

from thresh.model.text import shown as plain_text

from .table import LONGEST_CELL, Table


def hash_text(value: int | None) -> str | None:
    """A network's hash as it is written everywhere."""
    return None if value is None else f"{value:08x}"


class Shown(ABC):
    """Shows itself: one line as ``repr``, tables as ``str`` and in notebooks, a page, JSON."""

    @property
    @abstractmethod
    def title(self) -> str:
        """What this is of, in a few words."""

    @property
    @abstractmethod
    def summary(self) -> str:
        """What was found, in one line."""

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """All of it as JSON: what the command of the same step prints with ``--json``."""

    @abstractmethod
    def tables(self) -> list[Table | str]:
        """All of it for people: tables, and sentences between them."""

    def to_html(self, path: str | os.PathLike[str] | None = None) -> str:
        """One self-contained page.

        Parameters
        ----------
        path : path, optional
            File that is written too, whole or not at all.

        Raises
        ------
        OSError
            When it cannot be written.
        """
        from thresh.model.files import write_atomically

        text = self._page()
        if path is not None:
            write_atomically(path, text)
        return text

    def _page(self) -> str:
        from .render import page

        return page(self.title, self.summary, self.tables())

    def _repr_html_(self) -> str:
        from .render import fragment

        return fragment(self.tables())

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.title}: {self.summary}>"

    def __str__(self) -> str:
        from rich.console import Console

        text = io.StringIO()
        Console(file=text, highlight=False, width=100).print(as_rich(self.tables()))
        return text.getvalue().rstrip()


def as_rich(parts: list[Table | str]) -> Any:
    """Tables and sentences for a terminal: what `rich` prints."""
    from rich.console import Group
    from rich.table import Table as Grid
    from rich.text import Text

    shown: list[Any] = []
    for part in parts:
        if isinstance(part, str):
            shown.append(Text(plain_text(part, LONGEST_CELL)))
            continue
        made = Grid(
            title=Text(plain_text(part.title), style="bold"),
            title_justify="left",
            show_header=part.header,
        )
        for name, right in zip(part.columns, part.right, strict=True):
            made.add_column(name, justify="right" if right else "left", overflow="fold")
        for row in part.texts:
            made.add_row(*(Text(cell) for cell in row))
        shown.append(made)
    return Group(*shown)
