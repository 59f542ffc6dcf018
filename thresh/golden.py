"""What the golden model makes of sequences: the same for a network and for its accelerator."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from thresh.model.decision import decide
from thresh.model.given import whole
from thresh.model.network import Network as Integers

from .progress import Progress, told
from .sequences import Batch, Labels, Sequences, read

if TYPE_CHECKING:
    from thresh.reports.evaluation import Evaluation
    from thresh.reports.trace import Trace


class Golden(ABC):
    """Runs sequences in the golden model, which the gateware equals in every integer."""

    @property
    @abstractmethod
    def integers(self) -> Integers:
        """The network, one level down."""

    def read(self, x: Sequences, y: Labels = None) -> Batch:
        """``x`` in integers, with what ``y`` says: one level down, see `thresh.sequences`."""
        return read(x, self.integers, y)

    def predict(self, x: Sequences, *, progress: Progress = None) -> Any:
        """Outputs of every step, in floats.

        Parameters
        ----------
        x : array, list of arrays, or path
            Shape (steps, inputs), (batch, steps, inputs), or a list of (steps, inputs), real; or a
            audio file, a folder of them, a ``.npy``, ``.npz`` or ``.csv``.
        progress : callable or bool, optional
            Told how many sequences of how many are done; True shows a bar.

        Returns
        -------
        ndarray of float64, or a list of them
            Shaped as ``x`` with outputs instead of inputs; one array for an audio file, a list for
            other paths. Multiples of ``2**-output_frac``.

        Raises
        ------
        ValueError
            When ``x`` holds anything else.
        """
        from thresh.sim.golden_runs import run_golden

        batch = self.read(x)
        with told(progress, "golden model") as update:
            runs = run_golden(self.integers, batch.integers, update)
        return batch.shaped([self.real(run.outputs) for run in runs])

    def real(self, outputs: np.ndarray) -> np.ndarray:
        """Outputs in integers, of any shape, as the real numbers that they mean."""
        return np.asarray(outputs, np.float64) / 2.0**self.integers.output_frac

    def decide(self, x: Sequences, *, progress: Progress = None) -> Any:
        """What every sequence is decided as: a class's name, or None where nothing is decided.

        Parameters are those of `predict`. One name for a single sequence, else a list.
        """
        from thresh.sim.golden_runs import run_golden

        batch = self.read(x)
        with told(progress, "golden model") as update:
            runs = run_golden(self.integers, batch.integers, update)
        return batch.listed([decide(self.integers, run.outputs) for run in runs])

    def evaluate(
        self, x: Sequences, y: Labels = None, *, top: int | None = None, progress: Progress = None
    ) -> "Evaluation":
        """What is heard, how right that is, and the work it took.

        Parameters
        ----------
        x, progress :
            As for `predict`.
        y : optional
            One entry per sequence: class numbers or names; for a network that decides nothing,
            the outputs wanted of the last step, (batch, outputs), or of every step, (batch, steps,
            outputs). What a file says of itself when absent.
        top : int, optional
            So many of the best classes of every sequence are shown, with their integer scores.

        Raises
        ------
        ValueError
            When ``x`` or ``y`` hold anything else.
        """
        from thresh.reports.evaluation import Evaluation
        from thresh.sim.golden_runs import run_golden

        if top is not None:
            whole("top", top, 1)
        batch = self.read(x, y)
        with told(progress, "golden model") as update:
            runs = run_golden(self.integers, batch.integers, update)
        return Evaluation(
            network=self.integers, inputs=tuple(batch.inputs), runs=tuple(runs), top=top
        )

    def score(self, x: Sequences, y: Labels = None, *, progress: Progress = None) -> float:
        """How right the network is; 1 is best, as in scikit-learn.

        The share of sequences decided rightly; with ``"ctc"`` 1 minus the label error rate; where
        nothing is decided, the coefficient of determination R². Parameters are those of
        `evaluate`.
        """
        return self.evaluate(x, y, progress=progress).score

    def trace(self, x: Sequences) -> "Trace | list[Trace]":
        """Every integer that the golden model keeps, after every step.

        Parameters
        ----------
        x :
            As for `predict`.

        Returns
        -------
        Trace or list of Trace
            Arrays begin with (steps,) or (batch, steps); a list for sequences in a list.
        """
        from thresh.reports.trace import trace

        batch = self.read(x)
        if batch.form == "batch":
            return trace(self.integers, np.stack(batch.integers))
        return batch.listed([trace(self.integers, one) for one in batch.integers])
