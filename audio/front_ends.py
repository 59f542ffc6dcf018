"""Every kind of front end, by the settings that a model file holds."""

from typing import Any

from .front_end import FrontEnd
from .magnitude_front_end import MagnitudeFrontEnd

AnyFrontEnd = FrontEnd | MagnitudeFrontEnd
"""All have the same methods: ``log_mel``, ``fitted``, ``features``, ``frames``, ``to_dict``."""

NAMES = ("log-mel", MagnitudeFrontEnd.KIND)
"""Kinds; settings that name none are of the first, the only one that older files know."""


def raw_front_end(kind: str, bands: int = 40) -> AnyFrontEnd:
    """A front end of ``kind`` for 8 kHz whose offsets and scales are to be fitted."""
    if kind not in NAMES:
        raise ValueError(f"The front end must be one of {', '.join(NAMES)}, not {kind!r}")
    made = MagnitudeFrontEnd if kind == MagnitudeFrontEnd.KIND else FrontEnd
    return made(bands=bands, offsets=(0,) * bands, scales=(made.ONE,) * bands)


def read_front_end(settings: dict[str, Any]) -> AnyFrontEnd:
    """The front end that its ``to_dict`` described.

    Raises
    ------
    ValueError
        On another kind or version and on a missing, unknown or wrongly typed entry, naming it.
    """
    if not isinstance(settings, dict) or "kind" not in settings:
        return FrontEnd.from_dict(settings)
    if settings["kind"] != MagnitudeFrontEnd.KIND:
        raise ValueError(
            f"The front end must be one of {', '.join(NAMES)}, not {settings['kind']!r}"
        )
    return MagnitudeFrontEnd.from_dict(settings)
