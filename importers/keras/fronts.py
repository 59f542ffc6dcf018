"""Keras layers that scale and move each value by itself, as affine maps."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from thresh.model.affine import Affine

AFFINE = ("Normalization", "BatchNormalization", "Rescaling")
"""Layers that are affine maps once training is over."""

SMALLEST_DEVIATION = 1e-7
"""What Keras divides by at least in a Normalization."""

BY_ITSELF = ("LayerNormalization", "UnitNormalization", "GroupNormalization", "RMSNormalization")
"""Layers that scale each step by what is in that step."""


def affine_of(
    kind: str, name: str, config: Mapping[str, Any], arrays: Sequence[np.ndarray]
) -> Affine:
    """The map of one of `AFFINE`.

    Raises
    ------
    ValueError
        When it maps along another axis than the last, or its numbers are missing.
    """
    if kind == "Rescaling":
        return Affine(_numbers(config, "scale", 1.0, name), _numbers(config, "offset", 0.0, name))
    axis = config.get("axis", -1)
    axes = axis if isinstance(axis, list) else [axis]
    if any(one not in (None, -1, 2) for one in axes) or len(axes) > 1:
        raise ValueError(f"{name} works along axis {axis}, and only the last one is read")
    if kind == "Normalization":
        mean, variance = (config.get(key) for key in ("mean", "variance"))
        if mean is None and len(arrays) >= 2:
            mean, variance = arrays[0], arrays[1]
        if mean is None or variance is None:
            raise ValueError(f"{name} was not adapted: it has no mean and variance")
        moved, power = _flat(mean, name), _flat(variance, name)
        deviation = np.maximum(np.sqrt(power), SMALLEST_DEVIATION)
        if config.get("invert"):
            return Affine(deviation, moved)
        return Affine(1 / deviation, -moved / deviation)
    scaled, centred = config.get("scale", True), config.get("center", True)
    if len(arrays) != 2 + bool(scaled) + bool(centred):
        raise ValueError(f"{name} must have {2 + scaled + centred} weights, not {len(arrays)}")
    rest = [_flat(one, name) for one in arrays]
    gamma = rest.pop(0) if scaled else np.ones(())
    beta = rest.pop(0) if centred else np.zeros(())
    epsilon = float(_numbers(config, "epsilon", 1e-3, name))
    factor = gamma / np.sqrt(rest[1] + epsilon)
    return Affine(factor, beta - rest[0] * factor)


def _numbers(config: Mapping[str, Any], key: str, default: float, name: str) -> np.ndarray:
    return _flat(config.get(key, default), f"{key} of {name}")


def _flat(value: Any, name: str) -> np.ndarray:
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "iuf":
            raise TypeError
        array = array.astype(np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be numbers") from None
    if array.size != max(array.shape, default=1) or not np.isfinite(array).all():
        raise ValueError(f"{name} must be one finite number per input, not shape {array.shape}")
    return array.reshape(-1) if array.size > 1 else array.reshape(())
