"""PyTorch networks: a state dict from ``.safetensors`` or ``.pt``.

A state dict says nothing of what stands between its layers, so the order of ambiguous layers, the
functions between them and the nonlinearity of an ``nn.RNN`` are asked for, never assumed.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors

from thresh.importers.imported import Imported
from thresh.model.files import reason
from thresh.model.float_network import FloatLayer, FloatNetwork, with_function

from .layers import Part, as_arrays, make_layers, parts_of
from .source import parts_source

SUFFIXES = (".safetensors", ".pt", ".pth", ".bin", ".ckpt")
"""How files that are read here end."""

NESTS = ("state_dict", "model_state_dict", "model")
"""Keys under which training loops keep the state dict."""


def read_state_dict(path: Path | str) -> dict[str, np.ndarray]:
    """Tensors of a file by name, as NumPy arrays: sorted, or of a ``.pt`` in the file's order.

    Raises
    ------
    ValueError
        When the file is damaged or holds anything but tensors.
    ModuleNotFoundError
        When a ``.pt`` is given and torch is not installed.
    OSError
        When it cannot be read.
    """
    path = Path(path)
    data = path.read_bytes()
    if path.suffix == ".safetensors":
        try:
            return dict(sorted(load_tensors(data).items()))
        except KeyError as error:
            raise ValueError(
                f"{path} holds tensors of type {error.args[0]}, which NumPy does not know: save "
                f"them as float32"
            ) from error
        except (SafetensorError, ValueError) as error:
            raise ValueError(f"{path} is not a whole .safetensors file: {reason(error)}") from error
    import torch

    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise ValueError(
            f"{path} is not a file of tensors alone; write it with torch.save(model.state_dict(), "
            f"path)"
        ) from error
    for key in NESTS:
        if isinstance(content, Mapping) and isinstance(content.get(key), Mapping):
            content = content[key]
    if not isinstance(content, Mapping) or not content:
        raise ValueError(
            f"{path} holds no state dict but {type(content).__name__}; write it with "
            f"torch.save(model.state_dict(), path)"
        )
    return as_arrays(content)


def import_state_dict(
    tensors: Mapping[str, np.ndarray],
    *,
    ordered: bool = True,
    order: Sequence[str] = (),
    activations: Mapping[str, str] | None = None,
    nonlinearity: str | None = None,
) -> Imported:
    """The network of a state dict.

    Parameters
    ----------
    tensors : dict
        Arrays by name.
    ordered : bool
        The dict stands in the order in which the module made its layers; a ``.safetensors`` file
        is sorted by name instead.
    order : sequence of str
        Names of the submodules from first to last; needed where the dict stands in another order,
        or is sorted and its sizes allow several chains.
    activations : dict
        Function after a submodule, by its name: none, relu, sigmoid or tanh. Needed after every
        linear layer but the last.
    nonlinearity : str, optional
        Of every ``nn.RNN``: tanh or relu.

    Raises
    ------
    ValueError
        In one sentence: what was found and what to do.
    """
    parts, found = _chain(parts_of(tensors), order, ordered)
    said = dict(activations or {})
    if unknown := set(said) - {part.name for part in parts}:
        raise ValueError(
            f"There is no layer {sorted(unknown)[0]!r}; the layers are "
            f"{', '.join(part.name for part in parts)}"
        )
    layers: list[FloatLayer] = []
    functions: list[str] = []
    notes: list[str] = []
    for place, part in enumerate(parts):
        function = said.get(part.name, "none" if part.kind != "linear" else None)
        if function is None and place < len(parts) - 1:
            raise ValueError(
                f"A state dict does not say what follows the linear layer {part.name}: give "
                f"--activation {part.name}=none, relu, sigmoid or tanh"
            )
        functions.append(function or "none")
        layers += with_function(make_layers(part, nonlinearity), functions[-1], part.name, notes)
    steps = zip((part.name for part in parts), functions, strict=True)
    chain = ", ".join(
        f"{name} {function}" if function != "none" else name for name, function in steps
    )
    notes.insert(0, f"a state dict does not say its chain; it is taken to be {chain}{found}")
    return Imported(
        network=FloatNetwork(layers=tuple(layers)),
        notes=tuple(notes),
        source=parts_source(parts, functions, nonlinearity),
    )


def _chain(parts: list[Part], order: Sequence[str], ordered: bool) -> tuple[list[Part], str]:
    """Parts from first to last, and what their order was taken from."""
    by_name = {part.name: part for part in parts}
    if order:
        if sorted(order) != sorted(by_name):
            raise ValueError(
                f"The order must name each of {', '.join(by_name)} once, not {', '.join(order)}"
            )
        return [by_name[name] for name in order], ", as --order says"
    if len(parts) == 1:
        return parts, ""
    if ordered:
        return _fitting(parts), ", in the order of the file"
    numbers = [part.name.rpartition(".")[2] for part in parts]
    if all(number.isdecimal() for number in numbers):
        numbered = sorted(parts, key=lambda part: int(part.name.rpartition(".")[2]))
        return _fitting(numbered), ", in the order of the numbers"
    found = _chains([], parts)
    if len(found) == 1:
        return found[0], ", as the sizes say"
    why = "do not form a chain" if not found else "form several chains"
    raise ValueError(f"The layers {why} ({_sizes(parts)}): name them in order with --order")


def _fitting(parts: list[Part]) -> list[Part]:
    if all(a.outputs == b.inputs for a, b in pairwise(parts)):
        return parts
    raise ValueError(
        f"The layers do not form a chain as they stand ({_sizes(parts)}): name them in order with "
        f"--order"
    )


def _sizes(parts: Sequence[Part]) -> str:
    return ", ".join(f"{part.name} {part.inputs} to {part.outputs}" for part in parts)


def _chains(begun: list[Part], rest: list[Part]) -> list[list[Part]]:
    """Up to two orders of ``rest`` that go on from ``begun``."""
    if not rest:
        return [begun]
    found: list[list[Part]] = []
    for part in rest:
        if (not begun or begun[-1].outputs == part.inputs) and len(found) < 2:
            found += _chains([*begun, part], [other for other in rest if other is not part])
    return found[:2]
