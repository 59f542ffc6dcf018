"""``thresh export``: a model file as ONNX, NIR or plain arrays."""

from pathlib import Path

import click

from thresh.model.model_file import load_network
from thresh.model.network import Network
from thresh.model.plain import write_plain

from .output import facts, json_option, show
from .sources import Hints, open_source

SUFFIXES = (".onnx", ".npz", ".nir")


@click.command("export")
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def command(model: Path, file: Path, as_json: bool) -> None:
    """Write MODEL as FILE: .onnx (QDQ, the dense network), .npz (plain arrays) or .nir (linear
    layers alone).

    The file is read again, and every integer compared. Status 1 when one differs.
    """
    network = load_network(model)
    if file.suffix not in SUFFIXES:
        raise ValueError(f"{file.name} must end in one of {', '.join(SUFFIXES)}")
    if file.suffix == ".onnx":
        from thresh.model.export_onnx import save_onnx

        save_onnx(network, file)
    elif file.suffix == ".nir":
        from thresh.model.nir_file import save_nir

        save_nir(network, file)
    else:
        write_plain(network, file)
    again = open_source(file, Hints())
    equal = isinstance(again, Network) and again == network
    data = {
        "model": str(model),
        "output": str(file),
        "layers": [layer.kind for layer in network.layers],
        "integers": network.weights + sum(layer.bias.size for layer in network.layers),
        "equal": equal,
    }
    rows: list[tuple[str, object]] = [
        ("layers", ", ".join(layer.kind for layer in network.layers)),
        ("integers", data["integers"]),
        ("read again", "equal" if equal else "NOT equal"),
    ]
    if file.suffix == ".onnx":
        rows.append(("thresholds", "in the metadata; ONNX runs the dense network"))
    show(data, facts(f"{file} from {model.name}", rows), as_json=as_json)
    if not equal:
        raise click.exceptions.Exit(1)
