"""What ``thresh import`` shows: the layers and their proof, the loss of every step, the fit."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType

from thresh.hw.estimates.fit import Fit
from thresh.importers.imported import Imported, Proof
from thresh.model.float_network import FloatLayer, FloatNetwork
from thresh.model.network import Layer, Network
from thresh.model.qformat import QFormat
from thresh.tuning.calibration import Calibration

from .output import facts, grid, number


def proof_text(proof: Proof | None, *, skipped: bool) -> str:
    """The largest difference from the source, or why there is none."""
    if proof is not None:
        return (
            f"{proof.difference:.2g} at most from {proof.framework} on random inputs "
            f"({proof.values:,} values)"
        )
    return "not run, as --no-proof says" if skipped else "not run: nothing here can run it"


def source_data(imported: Imported, proof: Proof | None) -> dict[str, Any]:
    """What was read, as JSON."""
    return {
        "integers": False,
        "layers": shapes(imported.network),
        "reads": imported.reads,
        "notes": list(imported.notes),
        "proof": asdict(proof) if proof else None,
    }


def shapes(network: FloatNetwork | Network) -> list[dict[str, Any]]:
    """Kind and sizes of every layer."""
    layers: Sequence[FloatLayer | Layer] = network.layers
    return [{"kind": layer.kind, "inputs": layer.inputs, "units": layer.units} for layer in layers]


def source_table(
    path: Path, network: FloatNetwork | Network, rows: Sequence[tuple[str, object]]
) -> RenderableType:
    """What was read, for people."""
    layers: Sequence[FloatLayer | Layer] = network.layers
    lines = [
        (n, layer.kind, f"{layer.inputs} to {layer.units}", getattr(layer, "name", ""))
        for n, layer in enumerate(layers)
    ]
    return Group(grid(path.name, ("layer", "kind", "size", "from"), lines), facts("Import", rows))


def calibration_data(made: Calibration) -> dict[str, Any]:
    """Losses and formats, as JSON."""
    return {
        "steps": [asdict(loss) for loss in made.losses],
        "formats": [
            {
                "x_frac": layer.x_frac,
                "weight_x_frac": layer.weight_x_frac,
                "weight_h_frac": layer.weight_h_frac,
                "weight_bits": layer.weight_bits,
                "value_bits": layer.value_bits,
                "threshold_x": layer.threshold_x / 2.0**layer.x_frac,
                "threshold_h": layer.threshold_h / 2.0**layer.h_frac,
                "clipped_weights": clipped,
            }
            for layer, clipped in zip(made.network.layers, made.clipped, strict=True)
        ],
    }


def loss_table(made: Calibration, deviation: float) -> RenderableType:
    """What every step lost, for people."""
    rows = [
        (
            loss.step,
            number(loss.rms),
            number(loss.largest),
            f"{loss.share:.2%}",
            "-" if loss.agreement is None else f"{loss.agreement:.1%}",
            "-" if loss.reduction is None else f"{loss.reduction:.1f}",
            f"{loss.saturations:,}",
        )
        for loss in made.losses
    ]
    columns = ("step", "rms", "largest", "of spread", "alike", "reduction", "saturated")
    title = f"Difference from the float network; thresholds may move {deviation:.1%} of the spread"
    return grid(title, columns, rows)


def format_table(made: Calibration) -> RenderableType:
    """Formats and thresholds, for people."""
    rows = []
    for n, (layer, clipped) in enumerate(zip(made.network.layers, made.clipped, strict=True)):
        bits = layer.weight_bits
        hidden = str(QFormat(bits=bits, frac=layer.weight_h_frac)) if layer.hidden else "-"
        rows.append(
            (
                n,
                str(QFormat(bits=layer.value_bits, frac=layer.x_frac)),
                str(QFormat(bits=bits, frac=layer.weight_x_frac)),
                hidden,
                number(layer.threshold_x / 2.0**layer.x_frac),
                number(layer.threshold_h / 2.0**layer.h_frac),
                clipped,
            )
        )
    columns = ("layer", "x", "Wx", "Wh", "threshold x", "threshold h", "clipped weights")
    return grid(f"Formats and thresholds, {made.network.weight_bits}-bit weights", columns, rows)


def fit_table(fit: Fit) -> RenderableType:
    """What the board must have, for people."""
    rows = [
        (name, need.needed, need.available, need.unit, "yes" if need.met else "NO")
        for name, need in fit.needs.items()
    ]
    columns = ("", "needed", "available", "unit", "fits")
    return grid(f"{fit.board}, {fit.lanes} lanes", columns, rows)
