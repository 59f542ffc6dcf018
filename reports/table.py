"""Tables as data: terminals, notebooks and pages show the same ones."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from thresh.model.text import shown

LONGEST_CELL = 4000
"""Characters of a cell."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows under columns.

    Parameters
    ----------
    title : str
    columns : tuple of str
    rows : tuple of tuple
        Texts and numbers, as many as there are columns.
    header : bool
        The columns' names are shown, and columns of numbers stand to the right.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    header: bool = True

    @property
    def right(self) -> tuple[bool, ...]:
        """Columns that stand to the right."""
        return tuple(
            self.header and any(isinstance(row[place], int | float) for row in self.rows)
            for place in range(len(self.columns))
        )

    @property
    def texts(self) -> tuple[tuple[str, ...], ...]:
        """Every cell as people read it."""
        return tuple(tuple(number(cell) for cell in row) for row in self.rows)


def facts(title: str, rows: Iterable[tuple[str, object]]) -> Table:
    """A table of names and values, without a header."""
    return Table(title=title, columns=("", ""), rows=tuple(rows), header=False)


def grid(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """A table with a header."""
    return Table(title=title, columns=tuple(columns), rows=tuple(map(tuple, rows)))


def plain(data: Mapping[str, object], *, but: Iterable[str] = ()) -> list[tuple[str, object]]:
    """Rows of `facts` from JSON: names without underscores, ``but`` some left out."""
    left_out = set(but)
    return [(name.replace("_", " "), value) for name, value in data.items() if name not in left_out]


def number(value: object) -> str:
    """``value`` as people read it."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return shown(value, LONGEST_CELL)
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def cycles_text(cycles: Mapping[str, float]) -> str:
    """Least, mean and most cycles, for people."""
    return f"{cycles['min']:,} to {cycles['max']:,}, mean {cycles['mean']:,.1f}"
