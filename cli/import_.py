"""``thresh import``: a network of PyTorch, ONNX, Keras or plain arrays, proven and quantised."""

import warnings
from pathlib import Path
from typing import Any

import click

from thresh.conversion import open_network
from thresh.float_network import FloatNetwork
from thresh.hw.estimates.fit import estimate_fit
from thresh.hw.known_boards import find_board
from thresh.importers.sources import Hints
from thresh.model.network import DECISIONS
from thresh.network import Network
from thresh.reports.estimate import fit_table
from thresh.reports.layers_table import layers_table, shapes
from thresh.reports.table import Table, facts

from .output import board_file_option, fail, given, json_option, note, show

QUANTISED = ("limit", "deviation", "weight_bits", "value_bits", "decision", "classes", "name")
"""Parameters that say how a float network becomes integers."""


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
    "--decision", type=click.Choice(DECISIONS),
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
@click.option("--onnx-input", help="ONNX: the input to feed; the first that is no state.")
@click.option(
    "--reset-after", is_flag=True,
    help="ONNX: every GRU is reset-after although the file says otherwise.",
)  # fmt: skip
@click.option(
    "--readout", type=click.Choice(["host", "accelerator"]), default="accelerator",
    show_default=True, help="Where a last linear layer is computed; see thresh export.",
)  # fmt: skip
@board_file_option
@click.option("--no-proof", is_flag=True, help="Do not run the source against the import.")
@json_option
def command(
    file: Path, data: Path | None, board: str | None, output: Path | None, order: str,
    activations: tuple[str, ...], nonlinearity: str | None, onnx_output: str | None,
    onnx_input: str | None, reset_after: bool, as_json: bool, **options: Any,
) -> None:  # fmt: skip
    """Import a trained network, prove it against its framework, and quantise it.

    FILE is a PyTorch program (.pt2) or state dict (.safetensors, .pt), an ONNX file, a Keras file
    (.keras, .h5), a NIR file (.nir), or plain arrays (.npz, .json). Without --calibrate it is
    read and proven only. Status 1 when the network does not fit the board.
    """
    hints = Hints(
        order=listed(order), activations=pairs(activations), nonlinearity=nonlinearity,
        output=onnx_output, input=onnx_input, reset_after=reset_after,
    )  # fmt: skip
    if options["board_file"] and not board:
        raise click.UsageError("--board-file needs a --board of it.")
    if data is None and (words := given(*QUANTISED)):
        raise click.UsageError(f"Without --calibrate nothing is quantised: no {', '.join(words)}.")
    target = find_board(board, options["board_file"]) if board else None
    source = open_network(file, hints, proof=not options["no_proof"])
    result: dict[str, Any] = {"file": str(file)}
    network: Network | None
    if isinstance(source, Network):
        network, tables = _integers(file, data, source, result)
    else:
        network, tables = _reals(data, source, options, result)
    if network is not None and options["readout"] == "host":
        network = network.with_readout("host")
    if network is not None and target is not None:
        fit = estimate_fit(network.integers, target)
        result["fit"] = fit.to_dict()
        tables.append(fit_table(f"{fit.board}, {fit.lanes} lanes", fit))
    if output is not None:
        _write(output, network, source)
        result["output"] = str(output)
    show(result, tables, as_json=as_json)
    if advice := result.get("fit", {}).get("advice"):
        fail(advice)


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
    file: Path, data: Path | None, source: Network, result: dict[str, Any]
) -> tuple[Network, list[Table | str]]:
    """A network that ``thresh export`` wrote."""
    if data is not None:
        raise ValueError(f"{file} holds the integers of a network already: nothing is calibrated")
    result |= {"integers": True, "layers": shapes(source.integers)}
    rows = [("integers", "as thresh export wrote them")]
    return source, [layers_table(file.name, source.integers), facts("Import", rows)]


def _reals(
    data: Path | None, source: FloatNetwork, options: dict[str, Any], result: dict[str, Any]
) -> tuple[Network | None, list[Table | str]]:
    """A float network, quantised where there are sequences."""
    result |= source.to_dict()
    if data is None:
        if words := given("board", "readout"):
            raise click.UsageError(f"{' and '.join(words)} need integers: give --calibrate.")
        return None, source.tables()
    with warnings.catch_warnings(action="ignore"):
        network = source.quantise(
            data,
            weight_bits=int(options["weight_bits"]),
            value_bits=options["value_bits"],
            deviation=options["deviation"],
            decision=options["decision"],
            classes=listed(options["classes"]),
            name=options["name"],
            limit=options["limit"],
            progress=True,
        )
    assert network.quantisation is not None
    result |= network.quantisation.to_dict()
    for warning in network.quantisation.calibration.warnings:
        note(f"warning: {warning}")
    return network, source.tables() + network.quantisation.tables()


def _write(output: Path, network: Network | None, source: FloatNetwork | Network) -> None:
    if network is None and output.suffix != ".npz":
        raise ValueError(
            f"{output.name} would need integers: give --calibrate, or an .npz for the float network"
        )
    if network is None:
        source.save(output)
    elif output.suffix == ".npz":
        network.export(output)
    else:
        network.save(output)
