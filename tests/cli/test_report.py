"""The demo's page and its figures."""

import json
import re

import pytest
from cli_cases import answer, refusal
from demo_cases import DEMO, write_demo

from thresh.reports.page import DATA


@pytest.fixture
def folder(tmp_path):
    """What a demo leaves behind."""
    return write_demo(tmp_path)


def test_the_page_is_whole_and_needs_no_network(capsys, folder):
    data = answer(capsys, "report", folder)
    page = (folder / "report.html").read_text()
    assert data == {"report": str(folder / "report.html"), "bytes": len(page.encode())}
    for text in ("small &lt;network&gt;", "90.0%", "1,234,567", "9 of 10 heard right", "56 µs"):
        assert text in page
    assert page.count("<svg") == 4
    assert re.findall(r"(?:src|href)=\"[^#]|url\([^#]|@import|<script", page) == []


def test_a_difference_stands_out(capsys, folder):
    changed = DEMO | {"sim": DEMO["sim"] | {"mismatches": 3}}
    (folder / DATA).write_text(json.dumps(changed))
    answer(capsys, "report", folder)
    assert '<div class="bad"><b>3</b>' in (folder / "report.html").read_text()


def test_a_folder_without_a_demo_is_refused(capsys, tmp_path):
    assert "run `thresh demo` first" in refusal(capsys, "report", tmp_path)
    assert list(tmp_path.iterdir()) == []
