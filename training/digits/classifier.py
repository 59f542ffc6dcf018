"""The sequence classifier that recipes train: delta GRU, then linear."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from thresh.model.arithmetic import state_format
from thresh.training.layers.delta import fired
from thresh.training.layers.delta_linear import DeltaLinear
from thresh.training.layers.delta_recurrent import DeltaGRU, DeltaTrace
from thresh.training.layers.formats import Formats


@dataclass(frozen=True, kw_only=True)
class Work:
    """Weights fetched by a batch of sequences.

    Parameters
    ----------
    delta, dense : int
        With the entries that fired, and if every column were used in every step.
    entries_x, entries_h, steps : int
        Entries of inputs and state, and steps.
    """

    delta: int
    dense: int
    entries_x: int
    entries_h: int
    steps: int

    def __add__(self, other: "Work") -> "Work":
        return Work(**{name: value + getattr(other, name) for name, value in vars(self).items()})

    @property
    def reduction(self) -> float:
        """Dense over delta fetches."""
        return self.dense / max(self.delta, 1)


class Classifier(nn.Module):
    """Inputs -> `DeltaGRU` -> `DeltaLinear` -> one logit per class and step.

    Parameters
    ----------
    inputs, units, classes : int
    formats : Formats
        Of the GRU.
    linear_frac : int
        Fraction bits of the linear layer's weights.
    """

    def __init__(
        self,
        inputs: int,
        units: int,
        classes: int,
        *,
        formats: Formats | None = None,
        linear_frac: int = 6,
    ) -> None:
        super().__init__()
        self.gru = DeltaGRU(inputs, units, formats=formats, batch_first=True)
        form = self.gru.formats
        self.linear = DeltaLinear(
            units,
            classes,
            formats=Formats(
                x_frac=state_format(form.value_bits).frac,
                weight_x_frac=linear_frac,
                weight_bits=form.weight_bits,
                value_bits=form.value_bits,
            ),
        )

    def set_thresholds(self, threshold_x: float, threshold_h: float) -> None:
        """Thresholds of inputs and state; the state's serves both layers."""
        self.gru.set_thresholds(threshold_x, threshold_h)
        self.linear.threshold_x = self.gru.threshold_h

    def set_quantised(self, quantised: bool) -> None:
        """Switch both layers, and to float64 when quantised."""
        self.gru.quantised = self.linear.quantised = quantised
        self.double() if quantised else self.float()

    def forward(self, x: Tensor) -> tuple[Tensor, DeltaTrace]:
        """Logits, shape (batch, steps, classes), and what the GRU did."""
        trace = self.gru.run(x)
        return self.linear.of_sent(trace.sent_h), trace

    def work(self, trace: DeltaTrace, valid: Tensor) -> Work:
        """Fetches of the steps where ``valid``, bool of shape (batch, steps), holds.

        The linear layer and the next step's GRU both use a step's hidden entries. Those of a
        sequence's last step find no next step, but are counted for both.
        """
        entries_x = int((fired(trace.sent_x) * valid).sum())
        entries_h = int((fired(trace.sent_h) * valid).sum())
        rows, outputs = 3 * self.gru.hidden_size, self.linear.out_features
        columns = self.gru.input_size + self.gru.hidden_size
        steps = int(valid.sum())
        return Work(
            delta=entries_x * rows + entries_h * (rows + outputs),
            dense=steps * (columns * rows + self.gru.hidden_size * outputs),
            entries_x=entries_x,
            entries_h=entries_h,
            steps=steps,
        )


def decide(logits: Tensor, lengths: Tensor, decision: str) -> Tensor:
    """One score per class and sequence.

    Parameters
    ----------
    logits : Tensor, shape (batch, steps, classes)
    lengths : Tensor of int64, shape (batch,)
    decision : str
        ``"mean"`` over the valid steps, or ``"last"`` of them.

    Returns
    -------
    Tensor, shape (batch, classes)
    """
    if decision == "last":
        return logits[torch.arange(len(logits)), lengths - 1]
    valid = torch.arange(logits.shape[1]) < lengths[:, None]
    return (logits * valid[..., None]).sum(1) / lengths[:, None]
