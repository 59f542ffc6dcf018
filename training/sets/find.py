"""Where the recordings of the tasks lie, and one sentence where they do not."""

import os
from collections.abc import Callable
from pathlib import Path

from .fsdd import ENVIRONMENT


def find_files(
    given: str | os.PathLike[str] | None, folder: str, names: tuple[str, ...], origin: str
) -> tuple[Path, ...]:
    """Files of a data set, below ``given`` or else the directory that `ENVIRONMENT` names.

    Parameters
    ----------
    given : path, optional
    folder : str
        Their own folder in the directory; they may lie there or in the directory itself.
    names : tuple of str
    origin : str
        What the set is and where it comes from, for the sentence.

    Raises
    ------
    ValueError
        When one is missing.
    """
    home = _home(given, folder, names, origin, Path.is_file)
    return tuple(home / name for name in names)


def folder_of(
    given: str | os.PathLike[str] | None, folder: str, names: tuple[str, ...], origin: str
) -> Path:
    """Where the folders ``names`` of a data set lie; parameters and errors as `find_files`'."""
    return _home(given, folder, names, origin, Path.is_dir)


def _home(
    given: str | os.PathLike[str] | None, folder: str, names: tuple[str, ...], origin: str,
    there: Callable[[Path], bool],
) -> Path:  # fmt: skip
    place = given or os.environ.get(ENVIRONMENT)
    if place:
        for home in (Path(place) / folder, Path(place)):
            if all(there(home / name) for name in names):
                return home
    came = f"{place} lacks {' and '.join(names)}" if place else "no directory is given"
    raise ValueError(
        f"The task needs {origin}, but {came}: name its folder with --data or {ENVIRONMENT}"
    )
