"""Where the recordings of the tasks lie, and one sentence where they do not."""

import os
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
    place = given or os.environ.get(ENVIRONMENT)
    if place:
        for home in (Path(place) / folder, Path(place)):
            if all((home / name).is_file() for name in names):
                return tuple(home / name for name in names)
    came = f"{place} lacks {' and '.join(names)}" if place else "no directory is given"
    raise ValueError(
        f"The task needs {origin}, but {came}: name its folder with --data or {ENVIRONMENT}"
    )
