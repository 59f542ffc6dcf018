"""``thresh import``: a network of PyTorch, ONNX, Keras or plain arrays, proven and quantised."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.console import Group, RenderableType

from thresh.data.inputs import real_sequences, spread
from thresh.hw.boards import find_board
from thresh.hw.estimates.fit import estimate_fit
from thresh.importers.imported import Imported, prove
from thresh.importers.plain import write_plain
from thresh.importers.sources import Hints, open_source
from thresh.model.float_network import FloatNetwork
from thresh.model.model_file import save_network
from thresh.model.network import Network
from thresh.model.readout import to_host
from thresh.tuning.calibration import calibrate

from . import import_view as view
from .output import json_option, messages, progress, show

DECISIONS = {"all": "none", "last": "last", "mean": "mean"}
"""How a sequence is decided when nobody says, by what the source reads."""


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--calibrate", "data", type=click.Path(path_type=Path),
    help="Recorded sequences (.npy, .npz) on which formats and thresholds are chosen.",
)  # fmt: skip
@click.option("--limit", default=32, show_default=True, help="Use so many of them, evenly spread.")
@click.option(
    "--deviation", default=0.05, show_default=True,
    help="How far thresholds may move the outputs: rms, of their standard deviation.",
)  # fmt: skip
@click.option("--weight-bits", type=click.Choice(["8", "4"]), default="8", show_default=True)
@click.option("--value-bits", default=16, show_default=True, help="Of inputs and state, 8 to 16.")
@click.option("--board", help="Say whether the network fits this board.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path),
    help="Model file to write, or an .npz of the float network.",
)  # fmt: skip
@click.option(
    "--decision", type=click.Choice(["none", "last", "mean", "ctc"]),
    help="How a sequence is decided; last or mean where the file reads that.",
)  # fmt: skip
@click.option("--classes", default="", help="Names of the outputs, between commas.")
@click.option("--name", help="Name of the network; the file's when not given.")
@click.option("--order", default="", help="PyTorch: submodules in order, between commas.")
@click.option(
    "--activation", "activations", multiple=True, metavar="NAME=FUNCTION",
    help="PyTorch: what follows a layer: none, relu, sigmoid or tanh.",
)  # fmt: skip
@click.option(
    "--nonlinearity", type=click.Choice(["tanh", "relu"]), help="PyTorch: of every nn.RNN."
)
@click.option("--onnx-output", help="ONNX: the output to read; the first when not given.")
@click.option(
    "--reset-after", is_flag=True,
    help="ONNX: every GRU is reset-after although the file says otherwise.",
)  # fmt: skip
@click.option(
    "--readout", type=click.Choice(["host", "accelerator"]), default="accelerator",
    show_default=True, help="Where a last linear layer is computed; see thresh export.",
)  # fmt: skip
@click.option("--no-proof", is_flag=True, help="Do not run the source against the import.")
@json_option
def command(
    file: Path, data: Path | None, board: str | None, output: Path | None, order: str,
    activations: tuple[str, ...], nonlinearity: str | None, onnx_output: str | None,
    reset_after: bool, as_json: bool, **options: Any,
) -> None:  # fmt: skip
    """Import a trained network, prove it against its framework, and quantise it.

    FILE is a PyTorch state dict (.safetensors, .pt), an ONNX file, a Keras file (.keras, .h5), or
    plain arrays (.npz, .json). Without --calibrate it is read and proven only. Status 1 when the
    network does not fit the board.
    """
    hints = Hints(
        order=listed(order), activations=pairs(activations), nonlinearity=nonlinearity,
        output=onnx_output, reset_after=reset_after,
    )  # fmt: skip
    target = find_board(board) if board else None
    source = open_source(file, hints)
    result: dict[str, Any] = {"file": str(file)}
    tables: list[RenderableType] = []
    network: Network | None
    if isinstance(source, Network):
        network = _integers(file, data, source, result, tables)
    else:
        network = _reals(file, data, source, options, result, tables)
    if network is not None and options["readout"] == "host":
        network = to_host(network)
    if network is not None and target is not None:
        fit = estimate_fit(network, target)
        result["fit"] = fit.to_dict()
        tables.append(view.fit_table(fit))
    if output is not None:
        _write(output, network, source)
        result["output"] = str(output)
    show(result, Group(*tables), as_json=as_json)
    if advice := result.get("fit", {}).get("advice"):
        messages().print(f"thresh: {advice}", markup=False, soft_wrap=True)
        raise click.exceptions.Exit(1)


def pairs(words: tuple[str, ...]) -> dict[str, str]:
    """NAME=FUNCTION words as a dict."""
    for word in words:
        if "=" not in word:
            raise ValueError(f"An activation is given as NAME=FUNCTION, not {word!r}")
    return {name: function for name, _, function in (word.rpartition("=") for word in words)}


def listed(text: str) -> tuple[str, ...]:
    """Names between commas."""
    return tuple(name.strip() for name in text.split(",")) if text else ()


def _integers(
    file: Path, data: Path | None, source: Network, result: dict[str, Any],
    tables: list[RenderableType],
) -> Network:  # fmt: skip
    """A network that ``thresh export`` wrote."""
    if data is not None:
        raise ValueError(f"{file} holds the integers of a network already: nothing is calibrated")
    result |= {"integers": True, "layers": view.shapes(source)}
    rows = [("integers", "as thresh export wrote them")]
    tables.append(view.source_table(file, source, rows))
    return source


def _reals(
    file: Path, data: Path | None, source: Imported, options: dict[str, Any],
    result: dict[str, Any], tables: list[RenderableType],
) -> Network | None:  # fmt: skip
    """A float network, quantised where there are sequences."""
    skipped = options["no_proof"]
    proof = None if skipped else prove(source)
    result |= view.source_data(source, proof)
    rows: list[tuple[str, object]] = [("difference", view.proof_text(proof, skipped=skipped))]
    rows += [("note", note) for note in source.notes]
    tables.append(view.source_table(file, source.network, rows))
    if data is None:
        return None
    decision = options["decision"] or DECISIONS[source.reads]
    with progress("calibration") as update:
        made = calibrate(
            source.network,
            spread(real_sequences(data, source.network.inputs), options["limit"]),
            weight_bits=int(options["weight_bits"]),
            value_bits=options["value_bits"],
            deviation=options["deviation"],
            decision=decision,
            update=update,
        )
    result |= view.calibration_data(made)
    tables += [view.loss_table(made, options["deviation"]), view.format_table(made)]
    return replace(
        made.network,
        name=options["name"] or file.stem,
        classes=listed(options["classes"]),
        decision=decision,
        notes={"imported from": file.name, "proof": view.proof_text(proof, skipped=skipped)},
    )


def _write(output: Path, network: Network | None, source: Imported | Network) -> None:
    real: FloatNetwork | Network = source if isinstance(source, Network) else source.network
    if output.suffix == ".npz":
        write_plain(network or real, output)
    elif network is not None:
        save_network(network, output)
    else:
        raise ValueError(
            f"{output.name} would need integers: give --calibrate, or an .npz for the float network"
        )
