"""Every integer that the golden model keeps, step by step."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from thresh.model.network import Network
from thresh.sim.golden import GoldenModel

from .shown import Shown
from .table import Table, grid


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class LayerTrace:
    """One layer of H units and K accumulators per unit after every step; int64.

    The leading axes are those of the sequence that was traced: (steps,), or (batch, steps).

    Parameters
    ----------
    kind : str
        A name in `thresh.model.cells.CELLS`; its passes are the order of the accumulators.
    h, s : ndarray, shape (..., H)
        State, in ``h_frac`` fraction bits; ``s`` only means something for cells that have it.
    m : ndarray, shape (..., K, H)
        Accumulated pre-activations, in ``accumulator_frac`` fraction bits.
    reference, delta : ndarray, shape (..., H)
        The last value sent of each output, and what this step sent.
    skipped : ndarray of bool, shape (...)
        The layer had settled and received nothing.
    h_frac, accumulator_frac : int
    """

    kind: str
    h: np.ndarray
    s: np.ndarray
    m: np.ndarray
    reference: np.ndarray
    delta: np.ndarray
    skipped: np.ndarray
    h_frac: int
    accumulator_frac: int


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Trace(Shown):
    """The golden model on one sequence, or on a batch of one length; int64.

    Shapes are (steps, ...) for one sequence and (batch, steps, ...) for a batch.

    Parameters
    ----------
    name : str
        Of the network.
    x : ndarray, shape (..., inputs)
        Inputs, in ``x_frac`` fraction bits.
    reference_x, delta_x : ndarray, shape (..., inputs)
        The last value sent of each input, and what this step sent.
    layers : tuple of LayerTrace
    outputs : ndarray, shape (..., outputs)
        Of the network, read out where it has a readout, in ``output_frac`` fraction bits.
    saturations : ndarray, shape (...)
        Narrowings that clipped.
    x_frac, output_frac : int
    """

    name: str
    x: np.ndarray
    reference_x: np.ndarray
    delta_x: np.ndarray
    layers: tuple[LayerTrace, ...]
    outputs: np.ndarray
    saturations: np.ndarray
    x_frac: int
    output_frac: int

    @property
    def integers(self) -> int:
        """How many there are."""
        own = (self.x, self.reference_x, self.delta_x, self.outputs, self.saturations)
        inner = [
            array
            for layer in self.layers
            for array in (layer.h, layer.s, layer.m, layer.reference, layer.delta)
        ]
        return sum(array.size for array in (*own, *inner))

    @property
    def title(self) -> str:
        """The network's name."""
        return self.name

    @property
    def summary(self) -> str:
        """How much there is."""
        return (
            f"{self.saturations.size:,} steps, {len(self.layers)} layers, "
            f"{self.integers:,} integers, {int(self.saturations.sum()):,} saturations"
        )

    def to_dict(self) -> dict[str, Any]:
        """Every array as nested lists."""
        arrays = ("x", "reference_x", "delta_x", "outputs", "saturations")
        inner = ("h", "s", "m", "reference", "delta", "skipped")
        return {
            "network": self.name,
            "x_frac": self.x_frac,
            "output_frac": self.output_frac,
            **{name: getattr(self, name).tolist() for name in arrays},
            "layers": [
                {
                    "kind": layer.kind,
                    "h_frac": layer.h_frac,
                    "accumulator_frac": layer.accumulator_frac,
                    **{name: getattr(layer, name).tolist() for name in inner},
                }
                for layer in self.layers
            ],
        }

    def tables(self) -> list[Table | str]:
        """Shapes and ranges of every signal."""
        signals = [("inputs", self.x, self.x_frac), ("inputs sent", self.delta_x, self.x_frac)]
        for number, layer in enumerate(self.layers):
            signals += [
                (f"layer {number} {layer.kind}: accumulators", layer.m, layer.accumulator_frac),
                (f"layer {number} {layer.kind}: h", layer.h, layer.h_frac),
                (f"layer {number} {layer.kind}: sent", layer.delta, layer.h_frac),
            ]
        signals.append(("outputs", self.outputs, self.output_frac))
        rows = [
            (name, str(array.shape), int(array.min()), int(array.max()), frac,
             f"{np.count_nonzero(array) / array.size:.1%}")
            for name, array, frac in signals
        ]  # fmt: skip
        columns = ("signal", "shape", "least", "most", "fraction bits", "not zero")
        return [grid(f"Golden model: {self.name}, {self.summary}", columns, rows)]


def trace(network: Network, x: np.ndarray) -> Trace:
    """Run ``network`` from a new state and keep every integer (large).

    Parameters
    ----------
    network : Network
    x : ndarray of int, shape (steps, inputs) or (batch, steps, inputs)
        In the first layer's input format.
    """
    rows = x[None] if x.ndim == 2 else x
    model = GoldenModel(network, len(rows))
    own: dict[str, list[np.ndarray]] = {
        name: [] for name in ("reference_x", "outputs", "saturations")
    }
    names = ("h", "s", "m", "reference_h", "delta_h")
    inner = [{name: list[np.ndarray]() for name in (*names, "skipped")} for _ in network.layers]
    for now in range(rows.shape[1]):
        own["outputs"].append(model.step(rows[:, now]))
        own["reference_x"].append(model.reference_x.copy())
        own["saturations"].append(model.saturations.copy())
        for number, (kept, state) in enumerate(zip(inner, model.layers, strict=True)):
            for name in names:
                kept[name].append(getattr(state, name).copy())
            kept["skipped"].append(model.skipped[:, number].copy())

    def shaped(steps: list[np.ndarray]) -> np.ndarray:
        stacked = np.stack(steps, axis=1)
        return stacked[0] if x.ndim == 2 else stacked

    references = shaped(own["reference_x"])
    return Trace(
        name=network.name,
        x=x,
        reference_x=references,
        delta_x=np.diff(references, axis=-2, prepend=0 * references[..., :1, :]),
        layers=tuple(
            LayerTrace(
                kind=layer.kind,
                h=shaped(kept["h"]),
                s=shaped(kept["s"]),
                m=shaped(kept["m"]),
                reference=shaped(kept["reference_h"]),
                delta=shaped(kept["delta_h"]),
                skipped=shaped(kept["skipped"]),
                h_frac=layer.h_frac,
                accumulator_frac=layer.accumulator_frac,
            )
            for layer, kept in zip(network.layers, inner, strict=True)
        ),
        outputs=shaped(own["outputs"]),
        saturations=shaped(own["saturations"]),
        x_frac=network.layers[0].x_frac,
        output_frac=network.output_frac,
    )
