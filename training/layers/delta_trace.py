"""What recurrent delta layers did, step by step."""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class LayerTrace:
    """What one layer did; tensors are batch-first whatever the module's order.

    Parameters
    ----------
    h : Tensor, shape (batch, steps, H)
        State.
    sent_h, sent_x : Tensor, shapes (batch, steps, H) and (batch, steps, I)
        Last value sent of the state and of the inputs, after each step; with the gradients of the
        values themselves.
    fired_x, fired_h : Tensor of int64, shape (batch, steps)
        Entries of inputs and state.
    first_h : Tensor, shape (batch, H)
        Reference of the state before the first step.
    last : dict
        Persistent registers after the last step, each of shape (batch, H).
    """

    h: Tensor
    sent_h: Tensor
    sent_x: Tensor
    fired_x: Tensor
    fired_h: Tensor
    first_h: Tensor
    last: dict[str, Tensor]


@dataclass(frozen=True, kw_only=True)
class DeltaTrace:
    """What a stack of layers did.

    Parameters
    ----------
    layers : tuple of LayerTrace
        First to last; the inputs of each are what the one before it sent.
    x : Tensor, shape (batch, steps, I)
        The stack's inputs.
    """

    layers: tuple[LayerTrace, ...]
    x: Tensor

    @property
    def h(self) -> Tensor:
        """State of the last layer, shape (batch, steps, H)."""
        return self.layers[-1].h

    @property
    def sent_h(self) -> Tensor:
        """Last value sent of the last layer's state, shape (batch, steps, H)."""
        return self.layers[-1].sent_h

    @property
    def sent_x(self) -> Tensor:
        """Last value sent of the stack's inputs, shape (batch, steps, I)."""
        return self.layers[0].sent_x
