"""Lays out build/types/thresh as the installed package is, of links, for mypy."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def main() -> None:
    """Link the front door's files and every room beside each other."""
    mapping = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "setuptools"
    ]["package-dir"]
    folder = ROOT / "build" / "types" / "thresh"
    folder.mkdir(parents=True, exist_ok=True)
    rooms = {name.partition(".")[2]: ROOT / place for name, place in mapping.items()}
    door = {path.name: path for path in rooms.pop("").iterdir()}
    wanted = door | {name: place for name, place in rooms.items() if "." not in name}
    for old in folder.iterdir():
        old.unlink()
    for name, place in wanted.items():
        (folder / name).symlink_to(place)


if __name__ == "__main__":
    main()
