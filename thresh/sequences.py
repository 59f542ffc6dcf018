"""Real sequences in, real sequences out: how arrays, lists and files become integers and back."""

import os
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from thresh.data.arrays import holds_arrays
from thresh.data.inputs import Sequence as Input
from thresh.data.inputs import load_inputs, scaled
from thresh.data.notes import notes_of
from thresh.model.decision import class_names, joined
from thresh.model.network import Network

Sequences = Any
"""What ``x`` takes. Real numbers of any dtype, time before inputs:

- an array of shape (steps, inputs): one sequence;
- an array of shape (batch, steps, inputs): sequences of one length;
- a list of arrays of shape (steps, inputs): sequences of any lengths;
- a path: an audio file (one sequence), a folder of them, a ``.npy``, ``.npz`` or ``.csv``;
- a list of `thresh.data.inputs.Sequence`: integers, one level down.
"""

Labels = Any
"""What ``y`` takes, one entry per sequence (a single one for a single sequence).

- A network that decides: a class number or name; with ``"ctc"`` a text of names, as
  `thresh.model.decision.joined` has it, or a list of class numbers; every one of its own length.
- A network that decides nothing: real outputs wanted of the last step, shape (outputs,), or of
  every step, shape (steps, outputs), as many steps as the sequence has; the last axis may be
  absent where there is one output.
"""

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Sequences in integers, and the shape in which they came.

    Parameters
    ----------
    inputs : list of `thresh.data.inputs.Sequence`
    form : str
        ``"one"``, ``"batch"`` or ``"list"``.
    source : str
        Where they came from, for people.
    """

    inputs: list[Input]
    form: str
    source: str = "arrays"

    @property
    def integers(self) -> list[np.ndarray]:
        """int64, each of shape (steps, inputs), in the first layer's input format."""
        return [item.x for item in self.inputs]

    def shaped(self, results: Sequence[np.ndarray]) -> Any:
        """One array per sequence, in the shape in which the sequences came."""
        if self.form == "one":
            return results[0]
        return np.stack(results) if self.form == "batch" else list(results)

    def listed(self, results: Sequence[T]) -> T | list[T]:
        """One thing per sequence: itself for a single sequence, else a list."""
        return results[0] if self.form == "one" else list(results)


def read(x: Sequences, network: Network, y: Labels = None) -> Batch:
    """``x``, with ``y`` where there is one, as integers for ``network``.

    Numbers beyond the input format are clipped and audio is brought to the network's rate: warnings
    say how many and of what. Those who bring `thresh.data.inputs.Sequence` have been told already.

    Raises
    ------
    ValueError
        When shapes, values or labels are not ones that the network can take, in one sentence.
    OSError
        When a file cannot be read.
    """
    notes: list[str] = []
    if isinstance(x, str | os.PathLike):
        path = Path(x)
        single = path.is_file() and not holds_arrays(path)
        batch = Batch(
            inputs=load_inputs(path, network), form="one" if single else "list", source=path.name
        )
        notes = notes_of(batch.inputs)
    elif isinstance(x, list | tuple) and x and all(isinstance(item, Input) for item in x):
        batch = Batch(inputs=list(x), form="list")
    else:
        form, arrays = real_arrays(x, network.inputs)
        inputs = []
        for place, array in enumerate(arrays):
            name = "x" if form == "one" else f"x[{place}]"
            integers, note = scaled(name, array, network)
            inputs.append(Input(name=name, x=integers, note=note))
        batch, notes = Batch(inputs=inputs, form=form), notes_of(inputs)
    for note in notes:
        warnings.warn(note, stacklevel=4)
    return batch if y is None else _labelled(batch, network, y)


def real_arrays(x: Sequences, inputs: int) -> tuple[str, list[np.ndarray]]:
    """The form of ``x`` and its sequences as float64, each of shape (steps, ``inputs``).

    Raises
    ------
    ValueError
        When it holds anything else.
    """
    if isinstance(x, list | tuple) and len(x) and np.ndim(x[0]) == 2:
        form, parts = "list", [_reals(f"x[{place}]", part) for place, part in enumerate(x)]
    else:
        whole = _reals("x", x)
        form = "one" if whole.ndim == 2 else "batch"
        parts = [whole] if whole.ndim == 2 else list(whole) if whole.ndim == 3 else []
        if not parts:
            raise ValueError(
                f"x must have shape (steps, {inputs}) or (batch, steps, {inputs}), or be a list "
                f"of sequences of shape (steps, {inputs}), not {whole.shape}"
            )
    for place, part in enumerate(parts):
        if part.ndim != 2 or part.shape[1] != inputs or not len(part):
            where = "x" if form == "one" else f"x[{place}]"
            raise ValueError(f"{where} must have shape (steps, {inputs}), not {part.shape}")
    return form, parts


def _reals(name: str, value: Any) -> np.ndarray:
    try:
        array = np.asarray(value)
    except (ValueError, RuntimeError, TypeError) as error:
        raise ValueError(f"{name} is no array of numbers: {error}") from error
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{name} must hold real numbers, not {array.dtype}")
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, but it holds {array[~np.isfinite(array)][0]}")
    return array


def _labelled(batch: Batch, network: Network, y: Labels) -> Batch:
    """The batch with what ``y`` says of every sequence."""
    entries = _entries(y)
    if batch.form == "one" and not _is_list_of_one(entries, network):
        entries = [y]
    if entries is None:
        count = len(batch.inputs)
        raise ValueError(f"y must have one entry for each of {count} sequences, not {y!r}")
    if len(entries) != len(batch.inputs):
        raise ValueError(f"y must say {len(batch.inputs)} sequences, not {len(entries)}")
    one: Callable[[Input, Any, Network], Input] = _target if network.decision == "none" else _label
    inputs = [one(item, entry, network) for item, entry in zip(batch.inputs, entries, strict=True)]
    return replace(batch, inputs=inputs)


def _entries(y: Labels) -> list[Any] | None:
    """What ``y`` lists, of whatever lengths; None where it is one number or text."""
    if isinstance(y, str):
        return None
    try:
        return list(y)
    except TypeError:
        return None


def _is_list_of_one(entries: list[Any] | None, network: Network) -> bool:
    """``y`` of a single sequence stands in a list or array of length 1, as scikit-learn has it."""
    if entries is None or len(entries) != 1:
        return False
    (entry,) = entries
    single = network.decision in ("last", "mean")
    return single or isinstance(entry, str) or _entries(entry) is not None


def _label(item: Input, entry: Any, network: Network) -> Input:
    names = class_names(network)
    if isinstance(entry, str):
        if network.decision in ("last", "mean") and entry not in names:
            raise ValueError(
                f"y of {item.name} is {entry!r}, but the classes are {', '.join(names)}"
            )
        return replace(item, label=str(entry))
    several = network.decision == "ctc"
    try:
        numbers = np.asarray(entry)
    except ValueError as error:
        raise ValueError(f"y of {item.name} is no list of class numbers: {error}") from error
    if several and numbers.shape == (0,):
        numbers = numbers.astype(int)
    if numbers.dtype.kind not in "iu" or numbers.ndim != several:
        wanted = "a list of class numbers" if several else "a class number"
        raise ValueError(
            f"y of {item.name} must be {wanted} or a name, as the network decides "
            f"{network.decision!r}, not {numbers.dtype} of shape {numbers.shape}"
        )
    flat = numbers.reshape(-1).tolist()
    if unknown := [number for number in flat if not 0 <= number < len(names)]:
        raise ValueError(f"y of {item.name} is {unknown[0]}, but there are {len(names)} classes")
    return replace(item, label=joined(network, flat))


def _target(item: Input, entry: Any, network: Network) -> Input:
    target = _reals(f"y of {item.name}", entry)
    if np.asarray(entry).dtype.kind not in "f" and target.ndim == 0 and network.outputs > 1:
        raise ValueError(
            f"y of {item.name} is {entry!r}, a class, but the network decides nothing: say "
            f"quantise(..., decision='mean') or 'last'"
        )
    if network.outputs == 1 and target.shape in ((), (len(item.x),)):
        target = target[..., None]
    if target.shape not in ((network.outputs,), (len(item.x), network.outputs)):
        raise ValueError(
            f"y of {item.name} must have shape ({network.outputs},) for the last step or "
            f"({len(item.x)}, {network.outputs}) for every step, not {target.shape}"
        )
    return replace(item, target=target)
