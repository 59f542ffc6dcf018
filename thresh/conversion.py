"""Trained networks of other frameworks, opened and proven."""

import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from thresh.importers.imported import Imported, prove
from thresh.importers.sources import Hints, open_source
from thresh.model.float_network import FloatNetwork as Floats
from thresh.model.given import names
from thresh.model.network import Network as Integers

from .extras import names_extras
from .float_network import FloatNetwork
from .network import Network

ARGUMENTS = {
    r"--no-proof": "proof=False",
    r"--reset-after": "reset_after=True",
    r"--activation (\S+?)=none, relu, sigmoid or tanh": (
        r"activations={'\1': ...} with none, relu, sigmoid or tanh"
    ),
    r"--activation\b": "activations",
    r"--nonlinearity\b": "nonlinearity",
    r"--order\b": "order",
    r"--onnx-output\b": "output",
    r"--onnx-input\b": "input",
    r"--calibrate\b": "quantise",
}
"""What Python calls the options of ``thresh import`` that sentences name; most are `convert`'s."""


def convert(
    source: Any,
    *,
    order: Sequence[str] = (),
    activations: Mapping[str, str] | None = None,
    nonlinearity: str | None = None,
    output: str | None = None,
    input: str | None = None,
    reset_after: bool = False,
    proof: bool = True,
) -> FloatNetwork:
    """Read a trained network and prove it against its own framework.

    Source and network run the same random inputs; they may differ by 1e-5 of the outputs' largest
    magnitude.

    Parameters
    ----------
    source : path, torch module, dict of arrays, or ONNX model
        A file (``.pt2``, ``.pt``, ``.safetensors``, ``.onnx``, ``.keras``, ``.h5``, ``.npz``,
        ``.json``, ``.nir``), an ``nn.Module``, a program of ``torch.export``, a PyTorch state
        dict, an ``onnx.ModelProto``, or a `thresh.model.float_network.FloatNetwork`.
    order : sequence of str
        State dict: its submodules from first to last, where their sizes do not say.
    activations : dict
        State dict: the function after a submodule, by its name: none, relu, sigmoid or tanh.
    nonlinearity : str, optional
        State dict: of every ``nn.RNN``, tanh or relu.
    output : str, optional
        ONNX: the output to read; the first one when absent.
    input : str, optional
        ONNX: the input to feed; the first one that is no state when absent.
    reset_after : bool
        ONNX: every GRU is reset-after although the file says otherwise.
    proof : bool
        False reads without running the source.

    Raises
    ------
    ValueError
        When the source cannot be read or computes something else, in one sentence.
    MissingExtraError
        When the package that reads it is not installed; it names the extra.
    OSError
        When the file cannot be read.
    """
    if activations is not None and not isinstance(activations, Mapping):
        raise ValueError(f"activations must be a dict of functions by name, not {activations!r}")
    hints = Hints(
        order=names("order", order),
        activations=dict(activations or {}),
        nonlinearity=nonlinearity,
        output=output,
        input=input,
        reset_after=reset_after,
    )
    try:
        found = open_network(source, hints, proof=proof)
    except ValueError as error:
        raise ValueError(in_python(str(error))) from error
    if isinstance(found, Network):
        raise ValueError(
            f"{source} holds the integers of a network already: open it with thresh.load"
        )
    return found


def in_python(text: str) -> str:
    """A sentence that names options of the command, with the arguments of `convert` instead."""
    for option, argument in ARGUMENTS.items():
        text = re.sub(option, argument, text)
    return text


@names_extras
def open_network(source: Any, hints: Hints, *, proof: bool = True) -> FloatNetwork | Network:
    """`convert`, or the network of a file that holds integers already."""
    if isinstance(source, str | os.PathLike):
        name, origin = Path(source).stem, Path(source).name
        opened = open_source(Path(source), hints)
    else:
        name = origin = type(source).__name__
        opened = _open_object(source, hints)
    if isinstance(opened, Integers):
        return Network(opened)
    proven = prove(opened) if proof else None
    reads = proven.reads if proven and opened.reads == "unknown" else opened.reads
    return FloatNetwork(
        floats=opened.network,
        name=name,
        origin=origin,
        reads=reads,
        notes=opened.notes,
        proof=proven,
        **({} if proof else {"why_unproven": "not run, as was asked"}),
    )


def _open_object(source: Any, hints: Hints) -> Imported | Integers:
    if isinstance(source, Floats):
        return Imported(network=source)
    if isinstance(source, Mapping):
        from thresh.importers.torch.state_dict import import_state_dict
        from thresh.importers.torch.tensors import as_arrays

        if wrong := [name for name in source if not isinstance(name, str)]:
            raise ValueError(f"A state dict has texts for names, not {wrong[0]!r}")
        plain = all(isinstance(value, np.ndarray) for value in source.values())
        return import_state_dict(
            source if plain else as_arrays(source),
            order=hints.order,
            activations=hints.activations,
            nonlinearity=hints.nonlinearity,
        )
    torch, onnx = sys.modules.get("torch"), sys.modules.get("onnx")
    if torch is not None and isinstance(source, torch.nn.Module):
        from thresh.importers.torch.modules import import_module

        return import_module(source)
    if torch is not None and isinstance(source, torch.export.ExportedProgram):
        from thresh.importers.torch.program import import_program

        return import_program(source)
    if onnx is not None and isinstance(source, onnx.ModelProto):
        from thresh.importers.onnx.network import import_onnx

        return import_onnx(
            source, output=hints.output, reset_after=hints.reset_after, input_name=hints.input
        )
    raise ValueError(
        f"A network is a path, a torch module or program, a state dict or an ONNX model, not "
        f"{type(source).__name__}"
    )
