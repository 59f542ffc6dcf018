"""Trained networks in floats: read from their framework, proven, and ready to be quantised."""

import os
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from thresh.data.inputs import real_sequences, spread
from thresh.importers.imported import Proof
from thresh.importers.plain import write_plain
from thresh.model.float_network import FloatNetwork as Floats
from thresh.model.float_run import run_float
from thresh.model.given import file, names, one_of, real, text, whole
from thresh.model.network import DECISIONS
from thresh.reports.layers_table import layers_table, shapes
from thresh.reports.quantisation import Quantisation
from thresh.reports.shown import Shown
from thresh.reports.table import Table, facts
from thresh.tuning.calibration import calibrate

from .extras import names_extras
from .network import Network
from .progress import Progress, told
from .sequences import Sequences, real_arrays

WEIGHT_BITS, VALUE_BITS = (8, 4), (8, 16)
"""Widths of weights, and the least and most of values."""

READ_AS = {"all": "none", "last": "last", "mean": "mean", "unknown": "none"}
"""How a sequence is decided when nobody says, by what the source reads."""

LATER = (
    "tune", "explore", "compile", "evaluate", "score", "confusion", "decide", "trace", "spot",
    "read", "real", "estimate", "boards", "connect", "export", "measure", "with_activity",
    "with_readout", "simulate", "build", "flash", "serve", "write_image", "write_verilog",
)  # fmt: skip
"""What only a network in integers can do."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class FloatNetwork(Shown):
    """A trained network in floats.

    Parameters
    ----------
    floats : `thresh.model.float_network.FloatNetwork`
        Layers and weights, one level down.
    name : str
    origin : str
        What it was read from, for people.
    reads : str
        What the source gives: ``"all"`` outputs, those of the ``"last"`` step, their ``"mean"``,
        or ``"unknown"``.
    notes : tuple of str
        What was assumed, left out or added.
    proof : `thresh.importers.imported.Proof` or None
        The largest difference from the source on random inputs; None where it was not run.
    why_unproven : str
        Why there is no proof.
    """

    floats: Floats
    name: str
    origin: str
    reads: str = "all"
    notes: tuple[str, ...] = ()
    proof: Proof | None = None
    why_unproven: str = "not run: nothing here can run it"

    def predict(self, x: Sequences) -> Any:
        """Outputs of every step, in floats.

        Parameters
        ----------
        x : array or list of arrays
            Shape (steps, inputs), (batch, steps, inputs), or a list of (steps, inputs).

        Returns
        -------
        ndarray of float64, or a list of them
            Shaped as ``x`` with outputs instead of inputs.

        Raises
        ------
        ValueError
            When ``x`` holds anything else.
        """
        form, arrays = real_arrays(x, self.floats.inputs)
        if form == "list":
            return [run_float(self.floats, array[None]).outputs[0] for array in arrays]
        outputs = run_float(self.floats, np.stack(arrays)).outputs
        return outputs[0] if form == "one" else outputs

    @names_extras
    def quantise(
        self,
        x: Sequences,
        *,
        weight_bits: int = 8,
        value_bits: int = 16,
        deviation: float = 0.05,
        decision: str | None = None,
        classes: Sequence[str] = (),
        name: str | None = None,
        limit: int | None = 32,
        progress: Progress = None,
    ) -> Network:
        """Choose formats and thresholds on recorded sequences: a network in integers.

        Parameters
        ----------
        x : array, list of arrays, or path of a ``.npy`` or ``.npz``
            Shape (steps, inputs), (batch, steps, inputs), or a list of (steps, inputs); real, in
            the units the network was trained on.
        weight_bits : int
            8 or 4.
        value_bits : int
            Of inputs and state, 8 to 16.
        deviation : float
            How far thresholds may move the outputs: root mean square, of their standard
            deviation. 0 takes thresholds of zero that lose nothing.
        decision : str, optional
            How a sequence is decided: ``"none"``, ``"last"`` (the largest output of the last
            step), ``"mean"`` (of the outputs summed over all steps) or ``"ctc"``. What the source
            reads when absent, and nothing where it gives every step.
        classes : sequence of str
            Names of the outputs.
        name : str, optional
        limit : int or None
            Use so many of the sequences, evenly spread; None for all.
        progress : callable or bool, optional
            Told how many runs of how many are done; True shows a bar.

        Returns
        -------
        Network
            Its `quantisation` says what every step lost. Losses that are suspiciously large are
            warned of as well.

        Raises
        ------
        ValueError
            When there are no sequences, no format fits, or an argument is none of these.
        """
        weight_bits = one_of("weight_bits", whole("weight_bits", weight_bits), WEIGHT_BITS)
        value_bits = whole("value_bits", value_bits, *VALUE_BITS)
        real("deviation", deviation, 0)
        if limit is not None:
            whole("limit", limit, 1)
        labels, sequences = self._labels(classes), self._recorded(x)
        how = one_of("decision", decision or READ_AS[self.reads], DECISIONS)
        with told(progress, "calibration") as update:
            made = calibrate(
                self.floats, spread(sequences, limit), weight_bits=weight_bits,
                value_bits=value_bits, deviation=deviation, decision=how, update=update,
            )  # fmt: skip
        for warning in made.warnings:
            warnings.warn(warning, stacklevel=3)
        integers = replace(
            made.network,
            name=text("name", name or self.name),
            classes=labels,
            decision=how,
            notes={"imported from": self.origin, "proof": self.proof_text},
        )
        return Network(integers, quantisation=Quantisation(calibration=made, deviation=deviation))

    def _labels(self, classes: Sequence[str]) -> tuple[str, ...]:
        """Names of all outputs, or none."""
        labels = names("classes", classes)
        if labels and len(labels) != self.floats.outputs:
            raise ValueError(f"classes must name {self.floats.outputs} outputs, not {len(labels)}")
        return labels

    def _recorded(self, x: Sequences) -> list[np.ndarray]:
        """Recorded sequences, of arrays or of a file."""
        if isinstance(x, str | os.PathLike):
            return real_sequences(Path(x), self.floats.inputs)
        return real_arrays(x, self.floats.inputs)[1]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the weights as plain arrays: an ``.npz``, which `convert` reads again.

        Raises
        ------
        ValueError
            When the file is named otherwise.
        OSError
            When it cannot be written.
        """
        place = file("The file", path)
        if place.suffix != ".npz":
            raise ValueError(
                f"{place.name} would need integers: quantise the network first, or write an .npz "
                f"of the float network"
            )
        write_plain(self.floats, place)

    @property
    def proof_text(self) -> str:
        """The largest difference from the source, or why it is not known."""
        if self.proof is None:
            return self.why_unproven
        return (
            f"{self.proof.difference:.2g} at most from {self.proof.framework} on random inputs "
            f"({self.proof.values:,} values)"
            + (f"; not proven are {self.proof.unproven}" if self.proof.unproven else "")
        )

    @property
    def title(self) -> str:
        """The network's name."""
        return self.name

    @property
    def summary(self) -> str:
        """Its layers, and the proof."""
        kinds = ", ".join(f"{a.kind} {a.inputs} to {a.units}" for a in self.floats.layers)
        return f"{kinds}; proof: {self.proof_text}"

    def to_dict(self) -> dict[str, Any]:
        """Layers, notes and proof."""
        return {
            "integers": False,
            "layers": shapes(self.floats),
            "reads": self.reads,
            "notes": list(self.notes),
            "proof": asdict(self.proof) if self.proof else None,
        }

    def tables(self) -> list[Table | str]:
        """Layers, then notes and proof."""
        rows: list[tuple[str, object]] = [("difference", self.proof_text)]
        rows += [("note", note) for note in self.notes]
        return [layers_table(self.origin, self.floats), facts("Import", rows)]

    def __getattr__(self, name: str) -> NoReturn:
        if name in LATER:
            raise AttributeError(
                f"A network in floats cannot {name}: make its integers first, with .quantise(x)"
            )
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
