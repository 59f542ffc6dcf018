"""Tables as data: cells as people read them, on terminals and in HTML."""

import xml.etree.ElementTree

import pytest

from thresh.reports.render import fragment, page
from thresh.reports.shown import Shown
from thresh.reports.table import Table, facts, grid, number, plain


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234567, "1,234,567"), (0.123456, "0.1235"), (98765.4, "98,765"), (True, "True"),
        (None, "None"), ("a\tb", "a b"),
    ],
)  # fmt: skip
def test_numbers_are_short(value, text):
    assert number(value) == text


def test_columns_of_numbers_stand_to_the_right_below_a_header():
    assert grid("t", ("a", "b"), [("x", 1), ("y", 2.5)]).right == (False, True)
    assert facts("t", [("x", 1)]).right == (False, False)


def test_names_of_json_become_words():
    rows = plain({"weight_fetches": 3, "top": 1}, but=["top"])
    assert rows == [("weight fetches", 3)]


def cells(html):
    """Text of every cell, row by row."""
    root = xml.etree.ElementTree.fromstring(f"<div>{html}</div>")
    return [[cell.text for cell in row] for row in root.iter("tr")]


def test_html_holds_every_cell_and_escapes_it():
    html = fragment([grid("<t>", ("a", "b"), [("<script>", 1234)]), "a < b"])
    assert cells(html) == [["a", "b"], ["<script>", "1,234"]]
    assert "<p>a &lt; b</p>" in html
    assert "&lt;t&gt;" in html
    assert cells(fragment([facts("t", [("x", 2)])])) == [["x", "2"]]


def test_a_page_stands_alone():
    text = page("A <title>", "a line", [facts("t", [("x", 2)])])
    assert text.startswith("<!DOCTYPE html>")
    assert "<h1>A &lt;title&gt;</h1>" in text
    assert "src=" not in text
    assert "http" not in text


class Found(Shown):
    """Something that was found."""

    title, summary = "this", "two of them"

    def to_dict(self):
        return {"count": 2}

    def tables(self) -> list[Table | str]:
        return [facts("Found", [("count", 2), ("[bold]", "[red]x[/red]")]), "a sentence"]


def test_what_is_found_shows_itself(tmp_path):
    found = Found()
    assert repr(found) == "<Found this: two of them>"
    text = str(found)
    assert "│ count  │ 2" in text
    assert "[red]x[/red]" in text
    assert text.endswith("a sentence")
    assert cells(found._repr_html_()) == [["count", "2"], ["[bold]", "[red]x[/red]"]]
    written = found.to_html(tmp_path / "a" / "page.html")
    assert (tmp_path / "a" / "page.html").read_text() == written
    assert "two of them" in written
