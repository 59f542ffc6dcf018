"""Paths that make can read, for those that it cannot."""

import hashlib
import os
import re
import tempfile
from pathlib import Path

AWKWARD = re.compile(r"[\s$#%:;'\"()&|<>*?\[\]{}`\\!~]")
"""Signs that make, a shell or Verilator takes apart in the name of a file."""


def plain_path(path: Path | str) -> Path:
    """``path``, or a link to the same place whose name holds no space and no other such sign.

    Links lie in the folder for temporary files, in a folder of the user's own; a path gets the
    same link again.

    Raises
    ------
    OSError
        When no link can be made.
    """
    path = Path(path).absolute()
    if os.name == "nt" or not AWKWARD.search(str(path)):
        return path
    link = _own_folder() / _name(path)
    if not link.is_symlink() or link.readlink() != path:
        new = link.with_name(f"{link.name}.{os.getpid()}")
        new.unlink(missing_ok=True)
        new.symlink_to(path)
        os.replace(new, link)
    return link


def work_folder(path: Path | str) -> Path:
    """``path``, or another folder where make works in its place, as it follows every link.

    Raises
    ------
    OSError
        When there is no room for one.
    """
    path = Path(path).resolve()
    if os.name == "nt" or not AWKWARD.search(str(path)):
        return path
    return _own_folder() / f"{_name(path)}-work"


def _name(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]


def _own_folder() -> Path:
    """A folder for temporary files that nobody else can write in."""
    folder = Path(tempfile.gettempdir()) / f"thresh-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to somebody else: set TMPDIR to another folder")
    return folder
