"""Settings of the audio chain as JSON: each a kind and its version, then its parameters."""

from dataclasses import asdict, fields
from typing import Any, ClassVar, Protocol, TypeVar


class Versioned(Protocol):
    """A dataclass of integers, numbers, switches and lists of integers."""

    KIND: ClassVar[str]
    VERSION: ClassVar[int]
    __dataclass_fields__: ClassVar[dict[str, Any]]


T = TypeVar("T", bound=Versioned)

WANTED = {
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
    "tuple[int, ...]": "a list of integers",
}


def write_settings(made: Versioned) -> dict[str, Any]:
    """Kind, version and every parameter, ready for JSON."""
    values = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(made).items()
    }
    return {"kind": made.KIND, "version": made.VERSION, **values}


def read_settings(kind: type[T], settings: Any) -> T:
    """What `write_settings` described.

    Raises
    ------
    ValueError
        On another kind or version and on a missing, unknown or wrongly typed entry, naming it.
    """
    title = kind.KIND
    types = {field.name: _name(field.type) for field in fields(kind)}
    names = {"kind", "version", *types}
    if not isinstance(settings, dict) or set(settings) != names:
        came = sorted(settings) if isinstance(settings, dict) else type(settings).__name__
        raise ValueError(f"{title}: the entries must be {sorted(names)}, not {came}")
    if (settings["kind"], settings["version"]) != (title, kind.VERSION):
        raise ValueError(
            f"{title}: this release reads version {kind.VERSION}, not version "
            f"{settings['version']!r} of {settings['kind']!r}"
        )
    values = {name: settings[name] for name in types}
    for name, value in values.items():
        if not _fits(value, types[name]):
            raise ValueError(f"{title}: {name} must be {WANTED[types[name]]}, not {value!r}")
    return kind(**values)


def _name(wanted: Any) -> str:
    return wanted.__name__ if type(wanted) is type else str(wanted)


def _fits(value: Any, wanted: str) -> bool:
    if wanted == "tuple[int, ...]":
        return isinstance(value, list | tuple) and all(type(item) is int for item in value)
    return type(value) in {"int": (int,), "float": (int, float), "bool": (bool,)}[wanted]
