"""What an importer returns, and the proof that it computes what its source computed."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from thresh.model.files import reason
from thresh.model.float_network import FloatNetwork
from thresh.model.float_run import run_float

TOLERANCE = 1e-5
"""Largest difference between source and import, of outputs or of their largest magnitude."""

ROUNDINGS = 16
"""Roundings of the source's own numbers that outputs may be apart, where those are coarser."""

COARSE = 64
"""Random inputs of a coarse source are multiples of one over this, which all types hold."""

PROOF_SHAPE = (3, 17)
"""Sequences and steps of the random input that proves an import."""

ONE_STEP = "the recurrent weights: the source takes one step, from a state of zero"
"""What a proof says of a source that cannot be given its state back."""

MOST_VALUES = 10_000_000
"""Values of a random input."""

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
    precision : float
        Spacing of the source's numbers at 1: ``2**-10`` where it computes in half precision.
    feeds_back : bool
        It takes one step at a time, and ``run`` gives it back its own state.
    """

    framework: str
    run: Callable[[np.ndarray], np.ndarray]
    batch: int | None = None
    steps: int | None = None
    precision: float = 0.0
    feeds_back: bool = False

    @property
    def tolerance(self) -> float:
        """Largest difference from an import that proves it."""
        return max(TOLERANCE, ROUNDINGS * self.precision)


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
    others : tuple of Source
        Run it too, where the first one cannot.
    tokens : int
        Entries of a table before the first layer, whose inputs are 1 for a token and 0 otherwise;
        0 where inputs are numbers.
    """

    network: FloatNetwork
    notes: tuple[str, ...] = ()
    reads: str = "all"
    final: str = ""
    source: Source | None = None
    others: tuple[Source, ...] = ()
    tokens: int = 0


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
    unproven : str
        What had no part in the comparison, for people; empty where all had.
    """

    framework: str
    difference: float
    values: int
    reads: str
    unproven: str = ""


def prove(imported: Imported, *, seed: int = 1) -> Proof | None:
    """Run source and import on the same random inputs; None when the source cannot be run here.

    A source that takes one step at a time is given its own state back. Where it cannot be, the
    proof says that the recurrent weights had no part in it.

    Raises
    ------
    ValueError
        When they differ by more than the source's tolerance, or no source can run or gives
        outputs of that shape.
    """
    source = imported.source
    if source is None:
        return None
    steps = source.steps if source.steps and not source.feeds_back else PROOF_SHAPE[1]
    shape = (source.batch or PROOF_SHAPE[0], steps)
    if shape[0] * shape[1] * imported.network.inputs > MOST_VALUES:
        raise ValueError(
            f"The file takes {shape[0]:,} sequences of {shape[1]:,} steps and nothing else, too "
            f"many to be proven: --no-proof reads it without"
        )
    x = np.random.default_rng(seed).normal(size=(*shape, imported.network.inputs))
    x = x.astype(np.float32).astype(np.float64)
    if imported.tokens:
        x = np.eye(imported.tokens)[np.abs(x[..., 0] * 1e6).astype(int) % imported.tokens]
    elif source.precision:
        x = np.round(x * COARSE) / COARSE
    ours = run_float(imported.network, x).outputs
    source, theirs = _ran((source, *imported.others), x)
    readings = {"all": ours}
    if theirs.ndim == 2:
        readings = {"last": ours[:, -1], "mean": ours.mean(axis=1)}
    if imported.reads in readings:
        readings = {imported.reads: readings[imported.reads]}
    recurrent = any(layer.cell.recurrent for layer in imported.network.layers)
    found = [
        Proof(
            framework=source.framework,
            difference=_difference(_final(values, imported.final), theirs, source.framework),
            values=values.size,
            reads=reads,
            unproven=ONE_STEP if steps == 1 and recurrent else "",
        )
        for reads, values in readings.items()
    ]
    best = min(found, key=lambda proof: np.nan_to_num(proof.difference, nan=np.inf))
    if not best.difference <= source.tolerance:
        raise ValueError(
            f"The imported network differs from {source.framework} by {best.difference:.3g} on "
            f"random inputs, more than {source.tolerance:.3g}: the file means something else than "
            f"was read"
        )
    return best


def _ran(sources: tuple[Source, ...], x: np.ndarray) -> tuple[Source, np.ndarray]:
    """The first source that can run, and its outputs."""
    refusal: Exception | None = None
    for source in sources:
        try:
            return source, np.asarray(source.run(x), np.float64)
        except Exception as error:
            refusal = refusal or error
    assert refusal is not None
    raise ValueError(
        f"{sources[0].framework} cannot run the file here ({reason(refusal)}), so the import is "
        f"not proven: --no-proof reads it without"
    ) from refusal


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
