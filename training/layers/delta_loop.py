"""The time loops of delta layers: compiled for CPUs when that is possible, else in PyTorch.

Tensors are time-major, (steps, batch, size). Both carriers give the same outputs and gradients.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from thresh.model.arithmetic import table_frac
from thresh.model.cells import CELLS

from . import delta_kernel, quantise
from .delta import Encoder, accumulated, of_threshold, received, send
from .delta_cell import CellMath

KINDS = ("gru", "lstm", "rnn_tanh", "rnn_relu")
"""Kinds with a compiled loop, in the order of its numbers."""


@dataclass(frozen=True, kw_only=True)
class Steps:
    """What a loop computed.

    Parameters
    ----------
    h, sent : Tensor, shape (steps, batch, H)
        State, and its last value sent as the layers behind receive it, after every step.
    last : dict
        Persistent registers after the last step, each of shape (batch, H).
    fired : Tensor of int64, shape (steps, batch)
        Values sent that had changed.
    """

    h: Tensor
    sent: Tensor
    last: dict[str, Tensor]
    fired: Tensor


@dataclass(frozen=True, kw_only=True)
class Weights:
    """A layer's weights and biases; gates in the cell's order.

    Parameters
    ----------
    inputs, hidden : Tensor, shapes (G * H, I) and (G * H, H)
    bias : Tensor, shape (G * H,)
        Of the passes that inputs take part in.
    bias_alone : Tensor, shape (passes of the state alone * H,)
    """

    inputs: Tensor
    hidden: Tensor
    bias: Tensor
    bias_alone: Tensor


def run(
    kind: str,
    x: Tensor,
    weights: Weights,
    start: dict[str, Tensor],
    sent: Tensor,
    encoder: Encoder,
    *,
    value_bits: int = 0,
    compiled: bool = True,
) -> Steps:
    """Run a cell over sequences.

    Parameters
    ----------
    kind : str
        A recurrent kind of `thresh.model.cells.CELLS`.
    x : Tensor, shape (steps, batch, I)
        References of the inputs.
    weights : Weights
    start : dict
        Persistent registers, each of shape (batch, H).
    sent : Tensor, shape (batch, H)
        Reference of the state before the first step.
    encoder : Encoder
        Of the state.
    value_bits : int
        0 for floating point; else the arithmetic contract's width, in float64.
    compiled : bool
        Use the compiled loop where there is one.
    """
    if compiled and kind in KINDS and delta_kernel.serves(x):
        none = x.new_empty(0)
        h, sents, s, fired = _Loop.apply(
            kind, value_bits, encoder.step, encoder.straight, x, weights.inputs, weights.bias,
            weights.hidden, weights.bias_alone, start["h"], start.get("s", none), sent,
            encoder.threshold, none if encoder.noise is None else encoder.noise,
        )  # fmt: skip
        last = {"h": h[-1], "s": s}
        last = {name: last[name] for name in CELLS[kind].persistent}
        return Steps(h=h, sent=sents, last=last, fired=fired.long())
    return _run(kind, x, weights, start, sent, encoder, value_bits)


def _run(
    kind: str,
    x: Tensor,
    weights: Weights,
    start: dict[str, Tensor],
    sent: Tensor,
    encoder: Encoder,
    bits: int,
) -> Steps:
    """`run` in PyTorch."""
    cell, math = CELLS[kind], CellMath(kind, bits)
    gates = len(cell.gates)
    alone = [pass_ for pass_ in cell.passes if pass_.hidden and not pass_.inputs]
    biases = iter(weights.bias_alone.view(len(alone), weights.hidden.shape[1]))
    bias = {pass_: next(biases) for pass_ in alone}
    registers, first = dict(start), sent
    states, sents, fired = [], [], []
    from_x = nn.functional.linear(x, weights.inputs, weights.bias)
    for t, now in enumerate(from_x.unbind(0)):
        inputs, hidden = now.chunk(gates, 1), (sent @ weights.hidden.T).chunk(gates, 1)
        accumulators = []
        for pass_ in cell.passes:
            value = inputs[pass_.gate] if pass_.inputs else bias[pass_]
            accumulators.append(value + hidden[pass_.gate] if pass_.hidden else value)
        math.step(accumulators, registers)
        before, offered = sent, encoder.offer(registers["h"], t)
        sent = send(offered, sent, encoder.threshold, straight=encoder.straight)
        states.append(registers["h"])
        sents.append(sent)
        fired.append(torch.count_nonzero(sent.detach() - before.detach(), dim=1))
    h = torch.stack(states)
    behind = received(encoder.offer(h), torch.stack(sents), first, encoder)
    return Steps(
        h=h, sent=behind, fired=torch.stack(fired),
        last={name: registers[name] for name in cell.persistent},
    )  # fmt: skip


class _Loop(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, kind: str, value_bits: int, step: float, straight: bool, *given: Tensor
    ) -> tuple[Tensor, ...]:
        given = tuple(tensor.contiguous() for tensor in given)
        x, inputs, _, hidden, _, h0, s0, sent0, threshold, noise = given
        ctx.number, ctx.step, ctx.straight = KINDS.index(kind), step, straight
        table = quantise.table(value_bits) if value_bits else x.new_empty(0)
        *kept, fired = torch.ops.thresh_delta_loop.forward(
            ctx.number, *given, step, table, value_bits, table_frac(value_bits) if value_bits else 0
        )
        ctx.save_for_backward(x, inputs, hidden, h0, s0, sent0, threshold, noise, *kept, fired)
        ctx.mark_non_differentiable(fired)
        ctx.set_materialize_grads(False)
        last = kept[2][-1].clone() if kind == "lstm" else x.new_empty(0)
        return kept[0], kept[1], last, fired

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor | None) -> tuple[Tensor | None, ...]:
        *begins, threshold, noise, h, sent = ctx.saved_tensors[:10]
        none, sent0 = h.new_empty(0), begins[-1]
        encoder = Encoder(
            threshold=threshold, noise=noise if noise.numel() else None, step=ctx.step,
            straight=ctx.straight,
        )  # fmt: skip
        given = (none if grad is None else grad.contiguous() for grad in grads[:3])
        want_x, want_level = ctx.needs_input_grad[4], ctx.needs_input_grad[12]
        *found, whole = torch.ops.thresh_delta_loop.backward(
            ctx.number, *given, *begins, encoder.gradient_threshold, noise, ctx.step,
            *ctx.saved_tensors[8:], want_x, want_level,
        )  # fmt: skip
        level = None
        if want_level:
            offered = encoder.offer(h)
            if grads[1] is not None:
                whole = whole + accumulated(
                    grads[1], offered, sent, sent0, encoder.gradient_threshold
                )
            level = of_threshold(whole, offered, sent, sent0, threshold)
        found[0] = found[0] if want_x else None
        return None, None, None, None, *found, level, None
