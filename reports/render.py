"""Templates of this folder, filled in."""

from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from typing import Any

import jinja2

from .table import Table


@lru_cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(
            lambda name: (files("thresh.reports") / name).read_text(encoding="utf-8")
        ),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )


def render(template: str, **values: Any) -> str:
    """A page from a template of this folder, which knows ``version`` too."""
    page = _environment().get_template(template)
    return page.render(version=version("thresh-hdl"), **values)


def fragment(parts: Sequence[Table | str]) -> str:
    """Tables and sentences as HTML to put into a page, without styles of their own."""
    return render("tables.html.j2", parts=parts)


def page(
    title: str, subtitle: str, parts: Sequence[Table | str],
    figures: Sequence[tuple[str, str]] = (),
) -> str:  # fmt: skip
    """Tables and sentences as one self-contained page.

    Parameters
    ----------
    title, subtitle : str
    parts : sequence of Table or str
    figures : sequence of (str, str)
        What each shows in a few words, and its SVG.
    """
    return render(
        "tables_page.html.j2", title=title, subtitle=subtitle, parts=parts, figures=figures
    )
