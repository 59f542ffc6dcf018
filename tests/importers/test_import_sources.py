"""Every row of the table of sources in docs/importers.md is what the importer says."""

import pytest

from bench.software import import_sources

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")

CASES = {case.name: case for case in import_sources.cases()}
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in import_sources.PAGE.read_text().splitlines()
    if line.startswith("| ")
]

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.mark.parametrize("name", CASES)
def test_a_source_gives_the_row_of_the_page(name):
    case = CASES[name]
    if missing := import_sources.missing(case):
        pytest.skip(f"{', '.join(missing)} is not installed")
    torch.set_num_threads(1)
    assert import_sources.row(case) in ROWS


def test_no_row_is_of_another_source():
    text = import_sources.PAGE.read_text()
    begin = text.index(f"<!-- figures: {import_sources.TABLE} -->")
    rows = text[begin : text.index("<!-- end -->", begin)].count("\n| ") - 2
    assert rows == len(CASES)
