"""What the page of the proofs names is there, and no proof is left out."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "proofs.md").read_text()


def test_every_file_of_proofs_stands_there():
    for path in (ROOT / "tests" / "formal").glob("test_*.py"):
        assert f"`{path.name}`" in PAGE


def test_every_file_and_test_that_stands_there_exists():
    files = {path.name: path for path in (ROOT / "tests").rglob("test_*.py")}
    named = re.findall(r"`(?:[\w/]+/)?(test_\w+\.py)`", PAGE)
    assert len(named) > 20
    assert set(named) <= set(files)
    for folder, name in re.findall(r"`(tests/[\w/]+/)(test_\w+\.py)`", PAGE):
        assert (ROOT / folder / name).exists()
    peers = re.findall(r"`(test_\w+)` \(`(tests/[\w/]+\.py)`\)", PAGE)
    assert len(peers) == 9
    for test, file in peers:
        assert f"def {test}(" in (ROOT / file).read_text()
