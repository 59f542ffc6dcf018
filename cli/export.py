"""``thresh export``: a model file as ONNX, NIR, plain arrays or another model file."""

from pathlib import Path

import click

import thresh

from .output import fail, json_option, show


@click.command("export")
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--readout", type=click.Choice(["host", "accelerator"]),
    help="Move the last linear layer: the host computes it from every step's exact output.",
)  # fmt: skip
@json_option
def command(model: Path, file: Path, readout: str | None, as_json: bool) -> None:
    """Write MODEL as FILE: .onnx (QDQ, the dense network), .npz (plain arrays), .nir (linear
    layers alone) or .safetensors (a model file).

    The file is read again, and every integer compared. Status 1 when one differs.
    """
    network = thresh.load(model)
    written = (network.with_readout(readout) if readout else network).export(file)
    show({"model": str(model)} | written.to_dict(), written.tables(), as_json=as_json)
    if not written.equal:
        fail(None)
