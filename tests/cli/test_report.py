"""The demo's page and its figures."""

import json
import re

import numpy as np
import pytest
from cli_cases import answer, refusal
from pages.demo_cases import DEMO, write_demo

from thresh.reports.page import ACTIVITY, DATA


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


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[1]", "the whole: Input should be"),
        ('{"network": 1}', "network: Input should be a valid string, not 1"),
        ("[" * 9999, "nested deeper than 100 levels"),
        (json.dumps(DEMO | {"build": DEMO["build"] | {"clock_mhz": 0.0}}), "greater than 0"),
    ],
)
def test_what_no_demo_left_is_refused(capsys, folder, text, sentence):
    (folder / DATA).write_text(text)
    assert sentence in refusal(capsys, "report", folder)


def test_an_activity_that_no_demo_left_is_refused(capsys, folder):
    np.savez(folder / ACTIVITY, other=np.zeros((2, 2, 2)))
    assert "is not what a demo leaves behind" in refusal(capsys, "report", folder)
