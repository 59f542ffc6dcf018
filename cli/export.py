"""``thresh export``: a model file as ONNX, NIR, plain arrays or another model file."""

from pathlib import Path

import click

from thresh.importers.plain import write_plain
from thresh.importers.sources import Hints, open_source
from thresh.model.model_file import load_network, save_network, tensors_of
from thresh.model.network import Network
from thresh.model.readout import to_accelerator, to_host

from .output import facts, json_option, show

SUFFIXES = (".onnx", ".npz", ".nir", ".safetensors")
MOVES = {"host": to_host, "accelerator": to_accelerator}


@click.command("export")
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--readout", type=click.Choice(list(MOVES)),
    help="Move the last linear layer: the host computes it from every step's exact output.",
)  # fmt: skip
@json_option
def command(model: Path, file: Path, readout: str | None, as_json: bool) -> None:
    """Write MODEL as FILE: .onnx (QDQ, the dense network), .npz (plain arrays), .nir (linear
    layers alone) or .safetensors (a model file).

    The file is read again, and every integer compared. Status 1 when one differs.
    """
    network = load_network(model)
    if readout:
        network = MOVES[readout](network)
    if file.suffix not in SUFFIXES:
        raise ValueError(f"{file.name} must end in one of {', '.join(SUFFIXES)}")
    if file.suffix == ".onnx":
        from thresh.importers.onnx.export import save_onnx

        save_onnx(network, file)
    elif file.suffix == ".nir":
        from thresh.importers.nir_file import save_nir

        save_nir(network, file)
    elif file.suffix == ".npz":
        write_plain(network, file)
    else:
        save_network(network, file)
    again = load_network(file) if file.suffix == ".safetensors" else open_source(file, Hints())
    equal = isinstance(again, Network) and again == network
    data = {
        "model": str(model),
        "output": str(file),
        "layers": [layer.kind for layer in network.all_layers],
        "readout": network.readout is not None,
        "integers": sum(array.size for array in tensors_of(network).values()),
        "equal": equal,
    }
    rows: list[tuple[str, object]] = [
        ("layers", ", ".join(layer.kind for layer in network.layers)),
        ("readout of the host", network.readout.kind if network.readout else "none"),
        ("integers", data["integers"]),
        ("read again", "equal" if equal else "NOT equal"),
    ]
    if file.suffix == ".onnx":
        rows.append(("thresholds", "in the metadata; ONNX runs the dense network"))
    show(data, facts(f"{file} from {model.name}", rows), as_json=as_json)
    if not equal:
        raise click.exceptions.Exit(1)
