"""Switches of all delta layers of a model at once, and settings that change while it is trained."""

from torch import nn

from thresh.training.layers.thresholds import Thresholded


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
    """Whether a layer's own next step too has the gradient of the value, in every delta layer."""
    for module in model.modules():
        if isinstance(module, Thresholded):
            module.straight = straight


def optimiser_groups(model: nn.Module, *, weight_decay: float) -> list[dict]:
    """Parameter groups that leave learned thresholds out of weight decay.

    Decay would pull a threshold's logarithm to 0, and so the threshold to 1.

    Parameters
    ----------
    model : Module
    weight_decay : float
        Of every other parameter.
    """
    ours, others = [], []
    for name, parameter in model.named_parameters():
        learned = name.rpartition(".")[2].startswith("log_threshold")
        (ours if learned else others).append(parameter)
    groups = [{"params": others, "weight_decay": weight_decay}]
    if ours:
        groups.append({"params": ours, "weight_decay": 0.0})
    return groups


def ramp(progress: float, until: float) -> float:
    """A share that goes from 0 to 1 while progress goes from 0 to ``until``; 1 when that is 0."""
    return min(progress / until, 1.0) if until else 1.0
