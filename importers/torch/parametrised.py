"""Weights that PyTorch keeps in parts, put together: pruning masks and weight normalisation."""

import re
from collections.abc import Mapping

import numpy as np

from thresh.model.text import shown

_PARAMETRISED = re.compile(r"(?:(.*)\.)?parametrizations\.(\w+)\.original(\d*)$")


def plain_tensors(
    tensors: Mapping[str, np.ndarray],
) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """Tensors under the names of whole weights, in their order, and what was put together.

    ``weight_orig`` and ``weight_mask`` are their product; ``weight_g`` and ``weight_v``, or the two
    originals of a parametrisation, are ``g v / |v|``.

    Raises
    ------
    ValueError
        When parts of a weight are missing or belong to another parametrisation.
    """
    found: dict[str, np.ndarray] = {}
    pruned, normed = 0, 0
    for name, value in tensors.items():
        if name.endswith("_mask") and f"{name[:-5]}_orig" in tensors:
            continue
        if name.endswith("_v") and f"{name[:-2]}_g" in tensors:
            continue
        if name.endswith("_orig"):
            whole = name[:-5]
            if f"{whole}_mask" not in tensors:
                raise ValueError(
                    f"{shown(name, 80)} has no mask beside it, as spectral normalisation leaves "
                    f"it: remove that with torch.nn.utils.remove_spectral_norm before saving"
                )
            mask = tensors[f"{whole}_mask"]
            _same_shape(name, value, mask)
            found[whole], pruned = value * mask, pruned + 1
        elif name.endswith("_g") and f"{name[:-2]}_v" in tensors:
            found[name[:-2]] = _normed(name[:-2], value, tensors[f"{name[:-2]}_v"])
            normed += 1
        elif parts := _PARAMETRISED.fullmatch(name):
            base = f"{parts[1]}." if parts[1] else ""
            prefix = f"{base}parametrizations.{parts[2]}.original"
            if f"{prefix}0" not in tensors or f"{prefix}1" not in tensors:
                raise ValueError(
                    f"{shown(name, 80)} belongs to a parametrisation that the file does not name: "
                    f"use torch.nn.utils.parametrize.remove_parametrizations before saving"
                )
            if parts[3] == "0":
                pair = tensors[f"{prefix}0"], tensors[f"{prefix}1"]
                found[f"{base}{parts[2]}"] = _normed(f"{base}{parts[2]}", *pair)
                normed += 1
        else:
            found[name] = value
    notes = []
    if pruned:
        notes.append(f"pruned weights are taken times their masks: {pruned}")
    if normed:
        notes.append(f"normed weights are taken as g v / |v|: {normed}")
    return found, tuple(notes)


def _normed(name: str, length: np.ndarray, direction: np.ndarray) -> np.ndarray:
    if length.ndim not in (0, direction.ndim):
        raise ValueError(
            f"{shown(name, 80)}: g has shape {length.shape}, which is no norm of {direction.shape}"
        )
    axes = tuple(n for n in range(direction.ndim) if length.ndim == 0 or length.shape[n] == 1)
    norm = np.sqrt((np.asarray(direction, np.float64) ** 2).sum(axis=axes, keepdims=True))
    _same_shape(name, length if length.ndim else norm, norm)
    if not norm.all():
        raise ValueError(f"{shown(name, 80)} has a direction of length 0")
    return length * direction / norm


def _same_shape(name: str, one: np.ndarray, other: np.ndarray) -> None:
    if one.shape != other.shape:
        raise ValueError(f"{shown(name, 80)}: its parts have shapes {one.shape} and {other.shape}")
