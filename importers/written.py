"""Networks in integers written for others, and read again."""

from collections.abc import Callable
from pathlib import Path

from thresh.model.model_file import load_network, save_network
from thresh.model.network import Network

from .plain import write_plain
from .sources import Hints, open_source


def _onnx(network: Network, path: Path) -> None:
    from .onnx.export import save_onnx

    save_onnx(network, path)


def _nir(network: Network, path: Path) -> None:
    from .nir_file import save_nir

    save_nir(network, path)


WRITERS: dict[str, Callable[[Network, Path], None]] = {
    ".onnx": _onnx,
    ".npz": lambda network, path: write_plain(network, path),
    ".nir": _nir,
    ".safetensors": lambda network, path: save_network(network, path),
}
"""How files end, and what writes them."""


def write_network(network: Network, path: Path) -> bool:
    """Write ``network`` by how ``path`` ends, and read it again: whether every integer is equal.

    Raises
    ------
    ValueError
        When it ends otherwise, or the format cannot hold the network.
    OSError
        When it cannot be written.
    """
    if path.suffix not in WRITERS:
        raise ValueError(f"{path.name} must end in one of {', '.join(WRITERS)}")
    WRITERS[path.suffix](network, path)
    again = load_network(path) if path.suffix == ".safetensors" else open_source(path, Hints())
    return isinstance(again, Network) and again == network
