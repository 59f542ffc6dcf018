"""Techniques of training for deltas, each a switch of its own.

Thresholds for inputs and states, per layer, per neuron and learned, are settings of the layers
(`thresh.training.layers.thresholds`); sparse weights are in `thresh.training.weight_sparsity`.
"""

import torch
from torch import Tensor, nn

from .layers.delta import moves
from .layers.delta_recurrent import DeltaRecurrent
from .layers.delta_trace import DeltaTrace
from .layers.thresholds import Thresholded


def disturb(
    model: nn.Module,
    *,
    noise_x: float = 0.0,
    noise_h: float = 0.0,
    rounding_x: float = 0.0,
    rounding_h: float = 0.0,
) -> None:
    """Gaussian noise on, or rounding of, what every delta layer sends while it is trained.

    Both make a network robust to small errors without thresholds (paper, sections 3.2.1 and
    3.2.2), and go together with thresholds too: then they change what is compared and sent.

    Parameters
    ----------
    model : Module
        All `Thresholded` modules in it.
    noise_x, noise_h : float
        Standard deviation for inputs and states.
    rounding_x, rounding_h : float
        Steps to which inputs and states are rounded; the gradient passes straight through.
    """
    for module in model.modules():
        if isinstance(module, Thresholded):
            module.noise, module.rounding = (noise_x, noise_h), (rounding_x, rounding_h)


def straighten(model: nn.Module, straight: bool) -> None:
    """Whether what is sent has the gradient of the value in every delta layer."""
    for module in model.modules():
        if isinstance(module, Thresholded):
            module.straight = straight


def l1_cost(trace: DeltaTrace, valid: Tensor | None = None, *, of_sent: bool = False) -> Tensor:
    """Mean absolute change per step of all inputs and states (paper, section 3.3).

    Parameters
    ----------
    trace : DeltaTrace
    valid : Tensor of bool, shape (batch, steps), optional
        Steps that count.
    of_sent : bool
        Of the deltas that are sent, else of the values whether sent or not. The gradient of the
        former reaches only what fires.

    Returns
    -------
    Tensor, shape ()
    """
    layers = trace.layers
    if of_sent:
        signals = [layers[0].sent_x, *(layer.sent_h for layer in layers)]
    else:
        signals = [trace.x, *(layer.h for layer in layers)]
    each = sum((signal[:, 1:] - signal[:, :-1]).abs().sum(2) for signal in signals)
    size = sum(signal.shape[2] for signal in signals)
    counted = torch.ones_like(each) if valid is None else valid[:, 1:].to(each.dtype)
    return (each * counted).sum() / (counted.sum() * size)


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


def optimiser_groups(
    model: nn.Module, *, weight_decay: float, threshold_rate: float | None = None
) -> list[dict]:
    """Parameter groups that leave learned thresholds out of weight decay.

    Decay would pull a threshold's logarithm to 0, and so the threshold to 1.

    Parameters
    ----------
    model : Module
    weight_decay : float
        Of every other parameter.
    threshold_rate : float, optional
        Learning rate of the thresholds, if it is their own.
    """
    ours, others = [], []
    for name, parameter in model.named_parameters():
        learned = name.rpartition(".")[2].startswith("log_threshold")
        (ours if learned else others).append(parameter)
    groups = [{"params": others, "weight_decay": weight_decay}]
    if ours:
        rate = {} if threshold_rate is None else {"lr": threshold_rate}
        groups.append({"params": ours, "weight_decay": 0.0} | rate)
    return groups


def ramp(progress: float, start: float, end: float, until: float = 1.0) -> float:
    """A setting that goes from ``start`` to ``end`` while progress goes from 0 to ``until``."""
    return start + (end - start) * min(max(progress / until, 0.0), 1.0)


def anneal(
    module: DeltaRecurrent,
    progress: float,
    threshold_x: float,
    threshold_h: float | tuple[float, ...],
    *,
    until: float = 0.5,
) -> None:
    """Thresholds on their way from 0 to their ends, which they reach at ``until``.

    Parameters
    ----------
    module : DeltaRecurrent
    progress : float
        Share of the training that is done, 0 to 1.
    threshold_x, threshold_h
        Ends, as `DeltaRecurrent.set_thresholds` takes them.
    until : float
        Progress at which the ends are reached.
    """
    share = ramp(progress, 0.0, 1.0, until)
    each = threshold_h if isinstance(threshold_h, tuple) else (threshold_h,) * module.num_layers
    module.set_thresholds(share * threshold_x, [share * one for one in each])


def spread_thresholds(module: DeltaRecurrent, trace: DeltaTrace) -> None:
    """Give every neuron its own threshold, in proportion to how far it moves.

    The threshold of a neuron is its layer's times the neuron's standard deviation over the mean
    of all neurons', so that the layer's mean threshold stays.

    Parameters
    ----------
    module : DeltaRecurrent
    trace : DeltaTrace
        Of its run over sequences that are typical.
    """
    signals = {"threshold_x": trace.x}
    signals |= {f"threshold_h_l{n}": layer.h for n, layer in enumerate(trace.layers)}
    for name, signal in signals.items():
        spread = signal.detach().flatten(0, 1).std(0)
        mean = spread.mean().clamp_min(torch.finfo(spread.dtype).tiny)
        module.replace(name, torch.as_tensor(module.get(name)).mean() * spread / mean)
