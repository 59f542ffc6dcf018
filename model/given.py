"""Values that callers give: of the type and within the bounds that were said, or one sentence."""

import math
import os
from collections.abc import Collection, Iterable, Sequence
from numbers import Integral, Real
from pathlib import Path
from typing import Any


def whole(name: str, value: Any, least: int | None = None, most: int | None = None) -> int:
    """A whole number; no bool, no float, no text.

    Raises
    ------
    ValueError
        When it is none, or out of bounds.
    """
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise ValueError(f"{name} must be a whole number, not {value!r}")
    number = int(value)
    if (least is not None and number < least) or (most is not None and number > most):
        raise ValueError(f"{name} must be {_bounds(least, most)}, not {number}")
    return number


def real(name: str, value: Any, least: float | None = None, *, above: float | None = None) -> float:
    """A finite number.

    Raises
    ------
    ValueError
        When it is none, below ``least``, or not above ``above``.
    """
    number = isinstance(value, Real) and not isinstance(value, bool)
    if not number or not math.isfinite(value):
        raise ValueError(f"{name} must be a finite number, not {value!r}")
    if least is not None and value < least:
        raise ValueError(f"{name} must be {least:g} or more, not {value:g}")
    if above is not None and value <= above:
        raise ValueError(f"{name} must be above {above:g}, not {value:g}")
    return float(value)


def flag(name: str, value: Any) -> bool:
    """True or False.

    Raises
    ------
    ValueError
        When it is neither.
    """
    if not isinstance(value, bool):
        raise ValueError(f"{name} must be True or False, not {value!r}")
    return value


def one_of(name: str, value: Any, choices: Collection[Any]) -> Any:
    """One of ``choices``.

    Raises
    ------
    ValueError
        When it is another one.
    """
    if not any(type(value) is type(choice) and value == choice for choice in choices):
        raise ValueError(f"{name} must be {' or '.join(map(str, choices))}, not {value!r}")
    return value


def text(name: str, value: Any) -> str:
    """A text.

    Raises
    ------
    ValueError
        When it is none.
    """
    if not isinstance(value, str):
        raise ValueError(f"{name} must be a text, not {value!r}")
    return value


def file(name: str, value: Any) -> Path:
    """A path.

    Raises
    ------
    ValueError
        When it is none.
    """
    if not isinstance(value, str | os.PathLike):
        raise ValueError(f"{name} must be a path, not {value!r}")
    return Path(value)


def listed(name: str, value: Any) -> tuple[Any, ...]:
    """What a list holds.

    Raises
    ------
    ValueError
        When it is none.
    """
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise ValueError(f"{name} must be a list of names, not {value!r}")
    return tuple(value)


def names(name: str, value: Any) -> tuple[str, ...]:
    """Texts in a list, no two alike.

    Raises
    ------
    ValueError
        When they are none, or two are alike.
    """
    found = listed(name, value)
    if wrong := [one for one in found if not isinstance(one, str)]:
        raise ValueError(f"{name} must be names, not {wrong[0]!r}")
    if twice := [one for place, one in enumerate(found) if one in found[:place]]:
        raise ValueError(f"{name} must differ, but {twice[0]!r} is there twice")
    return found


def numbers(name: str, value: Any) -> tuple[int, ...]:
    """Whole numbers from 1 on in a list, or so many from 1 on.

    Raises
    ------
    ValueError
        When they are none, or two are alike.
    """
    if not isinstance(value, Sequence | range) or isinstance(value, str):
        return tuple(range(1, whole(name, value, 1) + 1))
    found = tuple(whole(name, one, 0) for one in value)
    if not found or len(set(found)) < len(found):
        raise ValueError(f"{name} must be different whole numbers, at least one, not {value!r}")
    return found


def _bounds(least: int | None, most: int | None) -> str:
    if most is None:
        return f"{least} or more"
    return f"{most} or less" if least is None else f"{least} to {most}"
