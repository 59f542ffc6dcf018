"""What an importer returns, and the proof that it computes what its source computed."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .files import reason
from .float_network import FloatNetwork
from .float_run import run_float

TOLERANCE = 1e-5
"""Largest difference between source and import, of outputs or of their largest magnitude."""

PROOF_SHAPE = (3, 17)
"""Sequences and steps of the random input that proves an import."""

READS = ("all", "last")
"""Which steps' outputs a source gives: all of them, or the last one's."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """How to run the network that was imported.

    Parameters
    ----------
    framework : str
        What runs it, with its version.
    run : callable
        Outputs of shape (B, T, outputs), or (B, outputs) when it reads the last step, from inputs
        of shape (B, T, inputs).
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
    """

    framework: str
    difference: float
    values: int


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
    if theirs.ndim == 2:
        ours = ours[:, -1]
    if imported.final:
        ours = ours - ours.max(axis=-1, keepdims=True)
        ours = ours - np.log(np.exp(ours).sum(axis=-1, keepdims=True))
    if imported.final == "softmax":
        ours = np.exp(ours)
    if theirs.shape != ours.shape:
        raise ValueError(
            f"{source.framework} gives outputs of shape {theirs.shape} where the imported network "
            f"gives {ours.shape}: its layers are not the chain that was read"
        )
    largest = np.abs(theirs - ours).max() / max(1.0, np.abs(theirs).max())
    if not largest <= TOLERANCE:
        raise ValueError(
            f"The imported network differs from {source.framework} by {largest:.3g} on random "
            f"inputs, more than {TOLERANCE:g}: the file means something else than was read"
        )
    return Proof(framework=source.framework, difference=float(largest), values=ours.size)
