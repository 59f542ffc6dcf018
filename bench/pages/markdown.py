"""Tables of Markdown pages, made from docs/results/*.json and put where the page says.

A page has ``<!-- figures: NAME -->`` and ``<!-- end -->`` around the place of a table.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence

BLOCK = re.compile(r"(<!-- figures: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, or a line where there is nothing to show."""
    if not rows:
        return "Not measured yet.\n"
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def fill(text: str, tables: Mapping[str, Callable[[], str]], *, kept: Collection[str] = ()) -> str:
    """``text`` with every table written anew, but for those that are ``kept``.

    Raises
    ------
    KeyError
        For a name that is in neither.
    """

    def written(found: re.Match[str]) -> str:
        return found[0] if found[2] in kept else found[1] + tables[found[2]]() + found[3]

    return BLOCK.sub(written, text)
