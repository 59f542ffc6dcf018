"""PyTorch's tensors as NumPy arrays."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from thresh.model.text import shown
from thresh.model.untrusted import EASY_BYTES

MOST_SHARED = 4
"""Times that a state dict may hold the numbers of its file, as where layers share weights."""


def as_arrays(tensors: Mapping[Any, Any]) -> dict[str, np.ndarray]:
    """A state dict's tensors as NumPy arrays.

    Raises
    ------
    ValueError
        When a value is not a dense tensor of real numbers.
    """
    import torch

    found = {}
    storages: dict[int, int] = {}
    taken = 0
    for key, value in tensors.items():
        name = shown(key, 80)
        if not isinstance(key, str):
            raise ValueError(f"A tensor's name must be a text, not {name}")
        if not isinstance(value, torch.Tensor) or value.is_complex():
            raise ValueError(f"{name} must be a tensor of real numbers, not {type(value).__name__}")
        if value.is_quantized:
            raise ValueError(
                f"{name} is quantised by PyTorch: save the float model that it was made from, it "
                f"is quantised here"
            )
        if value.layout != torch.strided or value.is_nested or value.device.type == "meta":
            raise ValueError(f"{name} is a sparse, nested or empty tensor: save it dense")
        if value.numel() * value.element_size() > value.untyped_storage().nbytes():
            raise ValueError(f"{name} says shape {tuple(value.shape)}, more than the file holds")
        storages[value.untyped_storage().data_ptr()] = value.untyped_storage().nbytes()
        taken += value.numel() * value.element_size()
        if taken > max(EASY_BYTES, MOST_SHARED * sum(storages.values())):
            raise ValueError(f"{name} and others share numbers: they say more than the file holds")
        found[key] = value.detach().cpu().double().numpy()
    return found
