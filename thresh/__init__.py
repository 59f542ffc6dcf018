"""Trained net in, bitstream out, every integer equal on the way."""

import importlib
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .accelerator import Accelerator as Accelerator
    from .connection import Connection as Connection
    from .conversion import convert as convert
    from .extras import MissingExtraError as MissingExtraError
    from .float_network import FloatNetwork as FloatNetwork
    from .network import Network as Network
    from .network import load as load
    from .own_training import train as train

__version__ = version("thresh-hdl")

_HOMES = {
    "Accelerator": "accelerator",
    "Connection": "connection",
    "FloatNetwork": "float_network",
    "MissingExtraError": "extras",
    "Network": "network",
    "convert": "conversion",
    "load": "network",
    "train": "own_training",
}
"""What this door exports, and the module that holds it: each is imported when it is first used."""

__all__ = [*_HOMES, "__version__"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
