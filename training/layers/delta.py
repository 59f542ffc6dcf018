"""Delta encoding of tensors: its gradients, and a surrogate one for thresholds.

A value is sent when it has moved by the threshold since it was last sent:
``m = |value - reference| >= threshold``, ``reference' = m value + (1 - m) reference``.

A layer's own next step receives references through the mask as it is (`send`): ``d reference'/d
value = m`` and ``d reference'/d reference = 1 - m``. (With 1 in place of both, gradients grow
exponentially with the number of steps.) Every other layer takes a reference for the value itself,
disturbed by less than the threshold (`received`): ``d reference'/d value = 1`` and ``d reference'/d
reference = 0``. What is wanted of it at a step so reaches every unit, also those that are silent.
An encoder that is ``straight`` has that gradient in its own next step too, and with it the
gradients of a network without thresholds.

A threshold that is learned takes part through m alone, whose derivative is replaced by that of a
ramp of m around the threshold: ``d m/d threshold = -surrogate(|value - reference|, threshold)``
(see `surrogate`), hence ``d reference'/d threshold = -(value - reference) surrogate(...)``.
Nothing else sees the surrogate.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from . import delta_kernel


def snap(threshold: float, frac: int) -> float:
    """``threshold`` on the grid of ``frac`` fraction bits.

    Raises
    ------
    ValueError
        When it is negative or not a number.
    """
    if not threshold >= 0:
        raise ValueError(f"A threshold must be 0 or more, not {threshold!r}")
    return round(threshold * 2.0**frac) / 2.0**frac


def surrogate(size: Tensor, threshold: Tensor) -> Tensor:
    """Triangle of area 1 over sizes from 0 to twice the threshold, highest at the threshold.

    ``max(0, 1 - |size - threshold| / threshold) / threshold``; 0 where the threshold is 0.
    """
    width = threshold.clamp_min(torch.finfo(size.dtype).tiny)
    height = (1 - (size - threshold).abs() / width).clamp_min(0) / width
    return torch.where(threshold > 0, height, torch.zeros_like(height))


def round_to(value: Tensor, step: float) -> Tensor:
    """Nearest multiple of ``step``, halves upwards; the gradient passes straight through."""
    rounded = torch.floor(value.detach() / step + 0.5) * step
    return value + (rounded - value.detach())


@dataclass(frozen=True, kw_only=True)
class Encoder:
    """How values are encoded in training.

    Parameters
    ----------
    threshold : Tensor, shape (size,)
    noise : Tensor, shape (steps, batch, size), or None
        Added to every value that is compared and sent.
    step : float
        Every value that is compared and sent is rounded to a multiple of it, unless it is 0.
    straight : bool
        What is sent to the layer's own next step has the gradient of the value too.
    """

    threshold: Tensor
    noise: Tensor | None = None
    step: float = 0.0
    straight: bool = False

    def offer(self, value: Tensor, at: int | slice = slice(None)) -> Tensor:
        """What is compared and sent in place of values of one step, or of all."""
        if self.noise is not None:
            value = value + self.noise[at]
        return round_to(value, self.step) if self.step else value

    @property
    def gradient_threshold(self) -> Tensor:
        """The threshold that gradients of the next step go by: 0 lets everything through."""
        return torch.zeros_like(self.threshold) if self.straight else self.threshold


def _learning(threshold: float | Tensor) -> bool:
    return isinstance(threshold, Tensor) and threshold.requires_grad


def send(
    value: Tensor, reference: Tensor, threshold: float | Tensor, *, straight: bool = False
) -> Tensor:
    """One encoding step: the new reference, with the gradient of a layer's own next step.

    Parameters
    ----------
    value, reference : Tensor, same shape
    threshold : float, or Tensor that broadcasts to their shape
        Receives the surrogate gradient when it requires one.
    straight : bool
        As an `Encoder`'s.

    Returns
    -------
    Tensor
    """
    change = (value - reference).detach()
    sent = torch.where(change.abs() >= threshold, value, reference)
    if straight:
        sent = sent.detach() + (value - value.detach())
    if _learning(threshold):
        slope = change * surrogate(change.abs(), threshold.detach())
        sent = sent - slope * (threshold - threshold.detach())
    return sent


def moves(values: Tensor, sent: Tensor, first: Tensor, threshold: float | Tensor) -> Tensor:
    """1 where a step's values moved by the threshold, else 0; its gradient is a threshold's only.

    Parameters
    ----------
    values, sent : Tensor, shape (batch, steps, size)
    first : Tensor, shape (batch, size)
        References before the first step.
    threshold : float, or Tensor that broadcasts to their shape
    """
    before = torch.cat((first[:, None], sent[:, :-1]), dim=1).detach()
    change = (values.detach() - before).abs()
    moved = ((change >= threshold) & (change > 0)).to(values.dtype)
    if _learning(threshold):
        slope = surrogate(change, threshold.detach())
        moved = moved - slope * (threshold - threshold.detach())
    return moved


def accumulated(grad: Tensor, values: Tensor, sent: Tensor, first: Tensor, level: Tensor) -> Tensor:
    """Gradient of everything sent, with that of later steps which keep it.

    Parameters
    ----------
    grad, values, sent : Tensor, shape (steps, batch, size)
    first : Tensor, shape (batch, size)
    level : Tensor, shape (size,)
        Threshold that gradients go by.
    """
    kept = (values - torch.cat((first[None], sent[:-1]))).abs() < level
    total = list(grad.unbind(0))
    for t in range(len(total) - 2, -1, -1):
        total[t] = total[t] + kept[t + 1] * total[t + 1]
    return torch.stack(total)


def of_threshold(
    grad: Tensor, values: Tensor, sent: Tensor, first: Tensor, threshold: Tensor
) -> Tensor:
    """Gradient of a threshold, shape (size,), from the one of everything sent."""
    change = values - torch.cat((first[None], sent[:-1]))
    return -(grad * change * surrogate(change.abs(), threshold)).sum((0, 1))


def received(values: Tensor, sent: Tensor, first: Tensor, encoder: Encoder) -> Tensor:
    """References as the layers behind receive them: ``sent``, with the gradient of ``values``.

    Parameters
    ----------
    values, sent : Tensor, shape (steps, batch, size)
        Values as they were offered.
    first : Tensor, shape (batch, size)
        References before the first step.
    encoder : Encoder
        Its threshold receives the surrogate gradient when it requires one.
    """
    return _Received.apply(
        encoder.straight, values, sent.detach(), first.detach(), encoder.threshold
    )


def encode(
    values: Tensor, sent: Tensor, encoder: Encoder, *, compiled: bool = True
) -> tuple[Tensor, Tensor]:
    """Delta encoding of every step, with the gradient of `received`.

    Parameters
    ----------
    values : Tensor, shape (steps, batch, size)
    sent : Tensor, shape (batch, size)
        References before the first step.
    encoder : Encoder
    compiled : bool
        Use the compiled loop where there is one.

    Returns
    -------
    sent : Tensor, shape (steps, batch, size)
    fired : Tensor of int64, shape (steps, batch)
    """
    values = encoder.offer(values)
    with torch.no_grad():
        if compiled and delta_kernel.serves(values):
            given = (tensor.contiguous() for tensor in (values, sent, encoder.threshold))
            sents, fired = torch.ops.thresh_delta_loop.encode(*given)
        else:
            sents, fired = _encode(values, sent, encoder.threshold)
    return received(values, sents, sent, encoder), fired.long()


def _encode(values: Tensor, sent: Tensor, threshold: Tensor) -> tuple[Tensor, Tensor]:
    """References and counts of every step in PyTorch."""
    all_sent, fired = [], []
    for value in values.unbind(0):
        before, sent = sent, send(value, sent, threshold)
        all_sent.append(sent)
        fired.append(torch.count_nonzero(sent - before, dim=1))
    return torch.stack(all_sent), torch.stack(fired)


class _Received(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, straight: bool, *given: Tensor) -> Tensor:
        ctx.straight = straight
        ctx.save_for_backward(*given)
        return given[1].view_as(given[1])

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        values, sent, first, threshold = ctx.saved_tensors
        level = None
        if ctx.needs_input_grad[4]:
            encoder = Encoder(threshold=threshold, straight=ctx.straight)
            whole = accumulated(grads[0], values, sent, first, encoder.gradient_threshold)
            level = of_threshold(whole, values, sent, first, threshold)
        return None, grads[0], None, None, level
