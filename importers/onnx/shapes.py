"""ONNX operators that move axes about, on signals and on vectors of sizes."""

import numpy as np

from .values import Axis, Constant, Dims, Fill, Operation, Signal, Stack, Value

END = (1 << 31) - 1
"""Slices that end here or beyond take everything."""


def same(node: Operation) -> Value:
    """Identity, Dropout and Cast."""
    value = node.input(0)
    assert value is not None
    return value


def transpose(node: Operation) -> Value:
    signal = node.signal()
    order = node.attributes.get("perm") or range(len(signal.axes))[::-1]
    return signal.then(axes=tuple(signal.axes[place] for place in order))


def squeeze(node: Operation) -> Value:
    value = node.input(0)
    if isinstance(value, Dims):
        return Dims(value.entries, scalar=True)
    signal = node.signal()
    given = node.integers(1, "axes")
    if given is None:
        drop = {place for place, axis in enumerate(signal.axes) if axis.size == 1}
    else:
        drop = {signal.place(axis, node.name) for axis in given}
    return _drop(node, signal, drop)


def unsqueeze(node: Operation) -> Value:
    value = node.input(0)
    if isinstance(value, Dims):
        return Dims(value.entries)
    signal, given = node.signal(), node.integers(1, "axes") or []
    axes, count = list(signal.axes), len(signal.axes) + len(given)
    for place in sorted(axis % count for axis in given):
        axes.insert(place, Axis(1, "one"))
    return signal.then(axes=tuple(axes))


def shape(node: Operation) -> Value:
    axes = node.signal().axes
    chosen = axes[node.attributes.get("start", 0) : node.attributes.get("end", len(axes))]
    return Dims(tuple(axis if axis.size is None else axis.size for axis in chosen))


def concat(node: Operation) -> Value:
    fills = [value.value for value in node.inputs if isinstance(value, Fill)]
    if len(fills) == len(node.inputs) and len(set(fills)) == 1:
        return Fill(fills[0])
    signals = [value for value in node.inputs if isinstance(value, Signal)]
    if len(signals) == len(node.inputs):
        return _stack(node, signals)
    entries: list[int | Axis] = []
    for value in node.inputs:
        if isinstance(value, Dims):
            entries += value.entries
        elif isinstance(value, Constant):
            entries += [int(number) for number in value.array.reshape(-1)]
        else:
            raise ValueError(f"{node.name} joins what is no chain of layers")
    return Dims(tuple(entries))


def _stack(node: Operation, signals: list[Signal]) -> Stack:
    place = signals[0].place(int(node.attributes["axis"]), node.name)
    if any(len(one.axes) <= place or one.axes[place].role != "one" for one in signals):
        raise ValueError(f"{node.name} joins signals, which is no chain of layers")
    return Stack(tuple(signals), place)


def _pick(node: Operation, stack: Stack, axis: int, number: int, *, keep: bool) -> Signal:
    """One signal of a stack."""
    if axis % len(stack.parts[0].axes) != stack.place:
        raise ValueError(f"{node.name} picks along another axis than that of the joined states")
    signal = stack.parts[number]
    return signal if keep else _drop(node, signal, {stack.place})


def gather(node: Operation) -> Value:
    value = node.input(0)
    index = node.constant(1, "indices")
    assert index is not None
    if isinstance(value, Dims):
        places = [int(place) for place in index.reshape(-1)]
        return Dims(tuple(value.entries[place] for place in places), scalar=index.ndim == 0)
    if index.size == 1 and isinstance(value, Stack):
        number, along = int(index.reshape(-1)[0]), int(node.attributes.get("axis", 0))
        return _pick(node, value, along, number, keep=index.ndim > 0)
    signal = node.signal()
    place = signal.place(int(node.attributes.get("axis", 0)), node.name)
    axis = signal.axes[place]
    if index.size != 1:
        raise ValueError(f"{node.name} picks {index.size} entries, which is no chain of layers")
    number = int(index.reshape(-1)[0])
    if axis.role == "one":
        return _drop(node, signal, {place}) if index.ndim == 0 else signal
    _refuse_but_last(node, axis, number)
    return _last(signal, place, keep=index.ndim > 0)


def take_slice(node: Operation) -> Value:
    value = node.input(0)
    starts, ends = node.integers(1, "starts") or [], node.integers(2, "ends") or []
    if isinstance(value, Dims):
        return Dims(value.entries[starts[0] : ends[0]])
    if isinstance(value, Stack):
        picked = range(len(value.parts))[starts[0] : ends[0]]
        (along,) = node.integers(3, "axes") or [0]
        if len(picked) == 1:
            return _pick(node, value, along, picked[0], keep=True)
    signal = node.signal()
    axes = node.integers(3, "axes") or list(range(len(starts)))
    steps = node.integers(4, "steps") or [1] * len(starts)
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        place = signal.place(axis, node.name)
        whole = signal.axes[place]
        stop = END if whole.size is None else whole.size
        if start == 0 and step == 1 and end >= stop:
            continue
        if step != 1 or end < stop:
            raise ValueError(
                f"{node.name} takes a part of an axis; a recurrence that is written out step by "
                f"step cannot be read, export it as a GRU, LSTM or RNN node"
            )
        _refuse_but_last(node, whole, start)
        signal = _last(signal, place, keep=True)
    return signal


def reshape(node: Operation) -> Value:
    """Only axes of size 1 may come or go."""
    signal, target = node.signal(), node.input(1)
    if isinstance(target, Constant):
        wanted: list[int | Axis] = [int(size) for size in target.array.reshape(-1)]
    elif isinstance(target, Dims):
        wanted = list(target.entries)
    else:
        raise ValueError(
            f"{node.name} makes a shape that cannot be resolved: export with fixed sizes but for "
            f"batch and time"
        )
    wanted = [
        signal.axes[place].size or signal.axes[place] if size == 0 else size
        for place, size in enumerate(wanted)
    ]
    left = [axis for axis in signal.axes if axis.role != "one"]
    whole = [part for axis in left for part in axis.parts or (axis,)]
    axes = _align(whole, wanted) or _align(left, wanted)
    if axes is None and _is_single(left[-1:]):
        axes = _align(whole[:-1], wanted)
    if axes is None:
        axes = _merged(left, wanted)
    if axes is None:
        raise ValueError(
            f"{node.name} merges or splits axes, which cannot be resolved to a chain of layers"
        )
    return signal.then(axes=tuple(axes))


def flatten(node: Operation) -> Value:
    """Two axes of three: batch and time in one, or nothing but axes of size 1 removed."""
    signal = node.signal()
    place = signal.place(int(node.attributes.get("axis", 1)), node.name)
    sides = [
        [axis for axis in side if axis.role != "one"]
        for side in (signal.axes[:place], signal.axes[place:])
    ]
    if len(sides[1]) > 1 or not 1 <= len(sides[0]) <= 2:
        raise ValueError(f"{node.name} joins time and outputs, which is no chain of layers")
    first = sides[0][0] if len(sides[0]) == 1 else Axis(None, "merged", tuple(sides[0]))
    return signal.then(axes=(first, *(sides[1] or [Axis(1, "one")])))


def _is_single(axes: list[Axis]) -> bool:
    """The outputs of a last layer of one unit."""
    return bool(axes) and axes[0].role == "feature" and axes[0].size == 1


def _merged(left: list[Axis], wanted: list[int | Axis]) -> list[Axis] | None:
    """Batch and time in one axis, as a layer of every step is written for two axes."""
    if len(left) != 3 or len(wanted) != 2 or left[2].size is None:
        return None
    if wanted[1] not in (-1, left[2].size) or (wanted[0] == -1) == (wanted[1] == -1):
        return None
    sizes = [axis.size for axis in left[:2]]
    if wanted[0] != -1 and (None in sizes or wanted[0] != np.prod([s or 0 for s in sizes])):
        return None
    return [Axis(None, "merged", tuple(left[:2])), left[2]]


def _align(left: list[Axis], wanted: list[int | Axis]) -> list[Axis] | None:
    """Axes of the sizes wanted: those that are left in their order, and ones between them."""
    if not wanted:
        return [] if not left else None
    size, rest = wanted[0], wanted[1:]
    if left and (size is left[0] or size in (-1, left[0].size)):
        found = _align(left[1:], rest)
        if found is not None:
            return [left[0], *found]
    if size == 1:
        found = _align(left, rest)
        if found is not None:
            return [Axis(1, "one"), *found]
    return None


def mean(node: Operation) -> Value:
    """ReduceMean over all steps."""
    signal, given = node.signal(), node.integers(1, "axes") or []
    places = [signal.place(axis, node.name) for axis in given]
    if [signal.axes[place].role for place in places] != ["time"]:
        raise ValueError(f"{node.name} must be over all steps, and over nothing else")
    kept = [Axis(1, "one")] * int(node.attributes.get("keepdims", 1))
    axes = [*signal.axes[: places[0]], *kept, *signal.axes[places[0] + 1 :]]
    return signal.then(axes=tuple(axes), reads="mean")


def fill(node: Operation) -> Value:
    """ConstantOfShape."""
    given = node.attributes.get("value")
    return Fill(0.0 if given is None else float(given.reshape(-1)[0]))


def expand(node: Operation) -> Value:
    value = node.input(0)
    if isinstance(value, Fill):
        return value
    if isinstance(value, Constant) and value.array.size and _is_uniform(value.array):
        return Fill(float(value.array.reshape(-1)[0]))
    raise ValueError(f"{node.name} repeats values over a shape that is not fixed")


def _is_uniform(array: np.ndarray) -> bool:
    """Every entry is the same."""
    return bool((array == array.reshape(-1)[0]).all())


def _drop(node: Operation, signal: Signal, drop: set[int]) -> Signal:
    for place in drop:
        axis = signal.axes[place]
        single = _is_single([axis]) and bool(signal.layers)
        if not single and (axis.role not in ("one", "batch") or axis.size not in (1, None)):
            raise ValueError(f"{node.name} removes an axis that is not of size 1")
    return signal.then(axes=tuple(a for place, a in enumerate(signal.axes) if place not in drop))


def _refuse_but_last(node: Operation, axis: Axis, number: int) -> None:
    if axis.role != "time" or number not in (-1, (axis.size or 0) - 1):
        raise ValueError(
            f"{node.name} picks entry {number} of the {axis.role or 'unnamed'} axis; only the last "
            f"step can be picked"
        )


def _last(signal: Signal, place: int, *, keep: bool) -> Signal:
    axes = [*signal.axes[:place], *[Axis(1, "one")] * keep, *signal.axes[place + 1 :]]
    return signal.then(axes=tuple(axes), reads="last")


HANDLERS = {
    "Identity": same, "Dropout": same, "Cast": same, "Transpose": transpose, "Squeeze": squeeze,
    "Unsqueeze": unsqueeze, "Shape": shape, "Concat": concat, "Gather": gather,
    "Slice": take_slice, "Reshape": reshape, "ConstantOfShape": fill, "Expand": expand,
    "ReduceMean": mean, "Flatten": flatten,
}  # fmt: skip
"""Functions by operator: from `Operation` to its first output."""

OF_FILLS = {
    "Identity", "Cast", "Transpose", "Squeeze", "Unsqueeze", "Gather", "Slice", "Reshape", "Split",
    "Expand", "Flatten",
}  # fmt: skip
"""Operators after which a `Fill` is still one."""
