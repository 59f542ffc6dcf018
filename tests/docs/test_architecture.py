"""The page of the house says of every room what the room says of itself."""

import ast
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PACKAGES = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-dir"]
ROOMS = {folder for name, folder in PACKAGES.items() if name.count(".") == 1} - {"examples"}


def test_every_room_stands_there_with_its_own_sentence():
    text = (ROOT / "docs" / "architecture.md").read_text()
    said = dict(re.findall(r"^\| `(\w+)/` \| (.*?) \|", text, re.M))
    for room in ROOMS:
        own = ast.get_docstring(ast.parse((ROOT / room / "__init__.py").read_text()))
        assert said[room].replace("`", "") == own.replace("`", ""), room
