"""PyTorch networks: a state dict from ``.safetensors`` or ``.pt``.

A state dict says nothing of what stands between its layers, so the order of ambiguous layers, the
functions between them and the nonlinearity of an ``nn.RNN`` are asked for, never assumed.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from thresh.importers.chain import Chain
from thresh.importers.imported import Imported
from thresh.model.float_network import with_function

from .layers import EPSILON, Part, make_layers, normalising, parts_of
from .parametrised import plain_tensors
from .source import parts_source

UNSAID = {"linear": "linear layer", "norm": "BatchNorm"}
"""Kinds of layers behind which a function may stand that nobody says."""

_LOSS = re.compile(r"(?:.*\.)?(criterion|crit|loss\w*|\w*_loss|ce|bce)\.(weight|pos_weight)")


def import_state_dict(
    tensors: Mapping[str, np.ndarray],
    *,
    ordered: bool = True,
    order: Sequence[str] = (),
    activations: Mapping[str, str] | None = None,
    nonlinearity: str | None = None,
    found: Sequence[str] = (),
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
    found : sequence of str
        What was done to find the tensors, for people.

    Raises
    ------
    ValueError
        In one sentence: what was found and what to do.
    """
    tensors, joined = plain_tensors(tensors)
    tensors, left_out = without_losses(tensors)
    parts, how = _chain(parts_of(tensors), order, ordered)
    said = dict(activations or {})
    if unknown := set(said) - {part.name for part in parts}:
        raise ValueError(
            f"There is no layer {sorted(unknown)[0]!r}; the layers are "
            f"{', '.join(part.name for part in parts)}"
        )
    chain = Chain()
    functions: list[str] = []
    for place, part in enumerate(parts):
        function = said.get(part.name, None if part.kind in UNSAID else "none")
        if function is None and place < len(parts) - 1:
            raise ValueError(
                f"A state dict does not say what follows the {UNSAID[part.kind]} {part.name}: give "
                f"--activation {part.name}=none, relu, sigmoid or tanh"
            )
        functions.append(function or "none")
        if part.kind == "table":
            chain.table(part.levels[0]["weight"], part.name)
            chain.layers = with_function(chain.layers, functions[-1], part.name, chain.notes)
            continue
        if part.kind == "norm":
            _normalise(chain, part, functions[-1])
            continue
        made = make_layers(part, nonlinearity)
        for layer in with_function(made, functions[-1], part.name, chain.notes):
            chain.add(layer)
    steps = zip((part.name for part in parts), functions, strict=True)
    text = ", ".join(
        f"{name} {function}" if function != "none" else name for name, function in steps
    )
    first = f"a state dict does not say its chain; it is taken to be {text}{how}"
    return Imported(
        network=chain.network(),
        notes=(first, *found, *joined, *left_out, *chain.notes),
        source=parts_source(parts, functions, nonlinearity),
        tokens=chain.tokens,
    )


def _normalise(chain: Chain, part: Part, function: str) -> None:
    chain.map(normalising(part), part.name)
    chain.notes.append(f"{part.name} is taken to have eps {EPSILON:g}, which is not said")
    if function != "none":
        if not chain.layers:
            raise ValueError(f"{part.name} stands first, so that {function} cannot follow it")
        chain.settle()
        chain.layers = with_function(chain.layers, function, part.name, chain.notes)


def without_losses(
    tensors: Mapping[str, np.ndarray],
) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """Tensors without the class weights of a loss, and which were left out."""
    left_out = [
        name for name, value in tensors.items() if _LOSS.fullmatch(name) and value.ndim <= 1
    ]
    kept = {name: value for name, value in tensors.items() if name not in left_out}
    return kept, tuple(f"{name} is left out: it weighs a loss" for name in left_out)


def _chain(parts: list[Part], order: Sequence[str], ordered: bool) -> tuple[list[Part], str]:
    """Parts from first to last, and what their order was taken from."""
    by_name = {part.name: part for part in parts}
    if order:
        if sorted(order) != sorted(by_name):
            raise ValueError(
                f"The order must name each of {', '.join(by_name)} once, not {', '.join(order)}"
            )
        return _with_table([by_name[name] for name in order]), ", as --order says"
    if len(parts) == 1:
        return parts, ""
    if ordered:
        return _fitting(_with_table(parts)), ", in the order of the file"
    numbers = [part.name.rpartition(".")[2] for part in parts]
    if all(number.isdecimal() for number in numbers):
        numbered = sorted(parts, key=lambda part: int(part.name.rpartition(".")[2]))
        return _fitting(_with_table(numbered)), ", in the order of the numbers"
    found = _chains([], parts)
    if len(found) == 1:
        return found[0], ", as the sizes say"
    why = "do not form a chain" if not found else "form several chains"
    raise ValueError(f"The layers {why} ({_sizes(parts)}): name them in order with --order")


def _with_table(parts: list[Part]) -> list[Part]:
    """Parts whose first is an Embedding, where it is called one or fits as nothing else."""
    first, *rest = parts
    if not first.may_be_table or not rest or first.as_table().outputs != rest[0].inputs:
        return parts
    if first.is_called_table or first.outputs != rest[0].inputs:
        return [first.as_table(), *rest]
    return parts


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
        others = [other for other in rest if other is not part]
        ways = [] if part.is_called_table else [part]
        if part.may_be_table and not begun and others:
            ways.append(part.as_table())
        for way in ways:
            if (not begun or begun[-1].outputs == way.inputs) and len(found) < 2:
                found += _chains([*begun, way], others)
    return found[:2]
