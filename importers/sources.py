"""Files of other frameworks, opened by how their names end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from thresh.model.files import reason
from thresh.model.network import Network
from thresh.model.text import shown
from thresh.model.untrusted import DAMAGE

from .imported import Imported
from .plain import read_plain


@dataclass(frozen=True, kw_only=True)
class Hints:
    """What a file may not say by itself.

    Parameters
    ----------
    order : tuple of str
        PyTorch: submodules from first to last.
    activations : dict
        PyTorch: function after a submodule.
    nonlinearity : str or None
        PyTorch: of every nn.RNN.
    output, input : str or None
        ONNX: output of the graph, and the input that is the network's.
    reset_after : bool
        ONNX: every GRU is reset-after, whatever the file says.
    """

    order: tuple[str, ...] = ()
    activations: dict[str, str] | None = None
    nonlinearity: str | None = None
    output: str | None = None
    input: str | None = None
    reset_after: bool = False


def open_source(path: Path, hints: Hints) -> Imported | Network:
    """The float network of ``path``, or the integers that a ``thresh export`` wrote.

    Raises
    ------
    ValueError
        When the file is none of these or cannot be imported, in one sentence.
    OSError
        When it cannot be read.
    """
    suffix = path.suffix.lower()
    for suffixes, read in READERS:
        if suffix in suffixes:
            path.open("rb").close()
            try:
                with np.errstate(all="ignore"):
                    return read(path, hints)
            except ValueError:
                raise
            except DAMAGE as error:
                raise ValueError(
                    f"{shown(path, 100)} cannot be read: {reason(error)} ({type(error).__name__})"
                ) from error
    if suffix in WAYS:
        raise ValueError(f"{path.name} is {WAYS[suffix]}")
    known = ", ".join(one for suffixes, _ in READERS for one in suffixes)
    raise ValueError(f"{path.name} must end in one of {known}")


def _torch(path: Path, hints: Hints) -> Imported:
    from .torch.checkpoint import read_checkpoint
    from .torch.state_dict import import_state_dict

    tensors, found = read_checkpoint(path)
    if "layers.0.weight_x" in tensors:
        raise ValueError(f"{path} is a model file of thresh already: there is nothing to import")
    return import_state_dict(
        tensors,
        ordered=path.suffix.lower() != ".safetensors",
        found=found,
        order=hints.order,
        activations=hints.activations,
        nonlinearity=hints.nonlinearity,
    )


def _program(path: Path, hints: Hints) -> Imported:
    from .torch.archive import load_program
    from .torch.program import import_program

    return import_program(load_program(path))


def _onnx(path: Path, hints: Hints) -> Imported | Network:
    from .onnx.export import integers_of
    from .onnx.network import import_onnx, load_model

    model = load_model(path)
    network = integers_of(model, path)
    if network is not None:
        return network
    return import_onnx(
        model, output=hints.output, reset_after=hints.reset_after, input_name=hints.input
    )


def _keras(path: Path, hints: Hints) -> Imported:
    from .keras.network import import_keras

    return import_keras(path)


def _nir(path: Path, hints: Hints) -> Imported | Network:
    from .nir_file import import_nir, integers_of, load_nir

    graph = load_nir(path)
    return integers_of(graph, path) or import_nir(graph, path)


def _plain(path: Path, hints: Hints) -> Imported | Network:
    network = read_plain(path)
    return network if isinstance(network, Network) else Imported(network=network)


WAYS = {
    ".csv": "a table of sequences and no network: import a network and --calibrate it on the table",
    ".tflite": "of TensorFlow Lite, whose layers are fused or written out step by step: import the "
    ".keras file that it was made from, or its ONNX",
    ".pb": "of TensorFlow's own format: save the model as .keras, or convert it to ONNX",
    ".mlmodel": "of Core ML: import the PyTorch, Keras or ONNX file that it was made from",
    ".pkl": "a pickle, which is a program and is not opened: save a state dict or an .npz",
}
"""How files end that are not read, and the way to what is."""

READERS: Sequence[tuple[tuple[str, ...], Callable[[Path, Hints], Imported | Network]]] = (
    ((".safetensors", ".pt", ".pth", ".bin", ".ckpt"), _torch),
    ((".pt2",), _program),
    ((".onnx",), _onnx),
    ((".keras", ".h5", ".hdf5"), _keras),
    ((".npz", ".json"), _plain),
    ((".nir",), _nir),
)
"""How files end, and what reads them."""
