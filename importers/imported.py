"""What an importer returns, and the proof that it computes what its source computed."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from thresh.model.files import reason
from thresh.model.float_network import FloatNetwork
from thresh.model.float_run import run_float

TOLERANCE = 1e-5
"""Largest difference between source and import, of outputs or of their largest magnitude."""

PROOF_SHAPE = (3, 17)
"""Sequences and steps of the random input that proves an import."""

READS = ("all", "last", "mean", "unknown")
"""What a source gives: the outputs of all steps, of the last one, or their mean."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """How to run the network that was imported.

    Parameters
    ----------
    framework : str
        What runs it, with its version.
    run : callable
        Outputs of shape (B, T, outputs), or (B, outputs) when one step or the mean is read, from
        inputs of shape (B, T, inputs).
    batch : int or None
        The only number of sequences it takes, where it is fixed.
    steps : int or None
        The only number of steps it takes, where it is fixed.
    """

    framework: str
    run: Callable[[np.ndarray], np.ndarray]
    batch: int | None = None
    steps: int | None = None


@dataclass(frozen=True, kw_only=True)
class Imported:
    """A float network and what people should know about it.

    Parameters
    ----------
    network : FloatNetwork
    notes : tuple of str
        What was assumed, left out or added.
    reads : str
        One of `READS`.
    final : str
        ``"softmax"`` or ``"logsoftmax"`` where the source ends in one that the import leaves out,
        since it keeps the order of the outputs; else empty.
    source : Source or None
        Runs the source, where its framework is installed.
    """

    network: FloatNetwork
    notes: tuple[str, ...] = ()
    reads: str = "all"
    final: str = ""
    source: Source | None = None


@dataclass(frozen=True, kw_only=True)
class Proof:
    """Largest difference between source and import on random inputs.

    Parameters
    ----------
    framework : str
    difference : float
        Of outputs, or of the outputs' largest magnitude where that is above 1.
    values : int
        Outputs compared.
    reads : str
        What the source gives, one of `READS`.
    """

    framework: str
    difference: float
    values: int
    reads: str


def prove(imported: Imported, *, seed: int = 1) -> Proof | None:
    """Run source and import on the same random inputs; None when the source cannot be run here.

    Raises
    ------
    ValueError
        When they differ by more than `TOLERANCE`, or the source fails or gives another shape.
    """
    source = imported.source
    if source is None:
        return None
    shape = (source.batch or PROOF_SHAPE[0], source.steps or PROOF_SHAPE[1])
    x = np.random.default_rng(seed).normal(size=(*shape, imported.network.inputs))
    x = x.astype(np.float32).astype(np.float64)
    ours = run_float(imported.network, x).outputs
    try:
        theirs = np.asarray(source.run(x), np.float64)
    except Exception as error:
        raise ValueError(f"{source.framework} cannot run the network: {reason(error)}") from error
    readings = {"all": ours}
    if theirs.ndim == 2:
        readings = {"last": ours[:, -1], "mean": ours.mean(axis=1)}
    if imported.reads in readings:
        readings = {imported.reads: readings[imported.reads]}
    found = [
        Proof(
            framework=source.framework,
            difference=_difference(_final(values, imported.final), theirs, source.framework),
            values=values.size,
            reads=reads,
        )
        for reads, values in readings.items()
    ]
    best = min(found, key=lambda proof: np.nan_to_num(proof.difference, nan=np.inf))
    if not best.difference <= TOLERANCE:
        raise ValueError(
            f"The imported network differs from {source.framework} by {best.difference:.3g} on "
            f"random inputs, more than {TOLERANCE:g}: the file means something else than was read"
        )
    return best


def _final(values: np.ndarray, function: str) -> np.ndarray:
    """Outputs after the softmax that an import leaves out."""
    if not function:
        return values
    values = values - values.max(axis=-1, keepdims=True)
    values = values - np.log(np.exp(values).sum(axis=-1, keepdims=True))
    return np.exp(values) if function == "softmax" else values


def _difference(ours: np.ndarray, theirs: np.ndarray, framework: str) -> float:
    if theirs.shape != ours.shape:
        raise ValueError(
            f"{framework} gives outputs of shape {theirs.shape} where the imported network gives "
            f"{ours.shape}: its layers are not the chain that was read"
        )
    return float(np.abs(theirs - ours).max() / max(1.0, np.abs(theirs).max()))
