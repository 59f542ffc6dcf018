"""What activity costs: terms that training adds to a task's loss."""

import torch
from torch import Tensor

from thresh.training.layers.delta import moves
from thresh.training.layers.delta_recurrent import DeltaRecurrent
from thresh.training.layers.delta_trace import DeltaTrace


def l1_cost(trace: DeltaTrace, valid: Tensor | None = None) -> Tensor:
    """Mean absolute change per step of all inputs and states (paper, section 3.3).

    Parameters
    ----------
    trace : DeltaTrace
    valid : Tensor of bool, shape (batch, steps), optional
        Steps that count.

    Returns
    -------
    Tensor, shape ()
    """
    signals = [trace.x, *(layer.h for layer in trace.layers)]
    each = sum((signal[:, 1:] - signal[:, :-1]).abs().sum(2) for signal in signals)
    size = sum(signal.shape[2] for signal in signals)
    counted = torch.ones_like(each) if valid is None else valid[:, 1:].to(each.dtype)
    return (each * counted).sum() / (counted.sum() * size)


def change_cost(trace: DeltaTrace, valid: Tensor) -> Tensor:
    """Mean absolute change per step of the states, all layers alike.

    Parameters
    ----------
    trace : DeltaTrace
    valid : Tensor of bool, shape (batch, steps)
        Steps that count.

    Returns
    -------
    Tensor, shape ()
    """
    layers = [(layer.h[:, 1:] - layer.h[:, :-1]).abs().mean(2) for layer in trace.layers]
    change = torch.stack(layers).mean(0) if len(layers) > 1 else layers[0]
    return (change * valid[:, 1:]).sum() / valid[:, 1:].sum()


def fetch_cost(module: DeltaRecurrent, trace: DeltaTrace, valid: Tensor | None = None) -> Tensor:
    """Share of the weights that are fetched; its gradient reaches learned thresholds only.

    What pays for a threshold that is learned: the task's loss lowers it, this cost raises it, both
    through the surrogate of `thresh.training.layers.delta`.

    Parameters
    ----------
    module : DeltaRecurrent
    trace : DeltaTrace
        Of its last run.
    valid : Tensor of bool, shape (batch, steps), optional
        Steps that count.

    Returns
    -------
    Tensor, shape ()
    """
    first = torch.zeros_like(trace.x[:, 0])
    level = module.level("threshold_x", module.input_size)
    entries = moves(trace.x, trace.sent_x, first, level).sum(2)
    counted = torch.ones_like(entries) if valid is None else valid.to(entries.dtype)
    fetched, columns = entries, module.input_size
    for number, layer in enumerate(trace.layers):
        level = module.level(f"threshold_h_l{number}", module.hidden_size)
        entries = moves(layer.h, layer.sent_h, layer.first_h, level).sum(2)
        uses = 1 if number == module.num_layers - 1 else 2
        fetched, columns = fetched + uses * entries, columns + uses * module.hidden_size
    return (fetched * counted).sum() / (counted.sum() * columns)
