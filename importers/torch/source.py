"""PyTorch itself as the source of a proof: its own layers run the random inputs."""

from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

import numpy as np

from thresh.importers.imported import Source

from .layers import Part


def parts_source(
    parts: Sequence[Part], functions: Sequence[str], nonlinearity: str | None
) -> Source | None:
    """PyTorch's layers with the tensors of ``parts``; None when torch is not installed."""
    if find_spec("torch") is None:
        return None

    def run(x: np.ndarray) -> np.ndarray:
        import torch

        modules = [_module(part, nonlinearity) for part in parts]
        with torch.no_grad():
            value = torch.tensor(x)
            if parts[0].kind == "table":
                value = value.argmax(-1)
            for module, function in zip(modules, functions, strict=True):
                value = _apply(module, value)
                value = getattr(torch, function)(value) if function != "none" else value
        return value.numpy()

    return Source(framework=f"PyTorch {version('torch')}", run=run)


def module_source(module: Any, *, batch_first: bool) -> Source:
    """A module's own forward, in float64."""
    import copy

    import torch

    module = copy.deepcopy(module).double().cpu().eval()

    def run(x: np.ndarray) -> np.ndarray:
        value = torch.tensor(x if batch_first else x.swapaxes(0, 1))
        with torch.no_grad():
            result = module(value)
        while isinstance(result, tuple | list):
            result = result[0]
        outputs = result.numpy()
        return outputs if batch_first or outputs.ndim < 3 else outputs.swapaxes(0, 1)

    return Source(framework=f"PyTorch {torch.__version__}", run=run)


def _module(part: Part, nonlinearity: str | None) -> Any:
    """A PyTorch layer that holds the tensors of ``part``."""
    from torch import nn

    level = part.levels[0]
    if part.kind == "norm":
        made: Any = nn.BatchNorm1d(part.inputs, affine="weight" in level)
    elif part.kind == "table":
        made = nn.Embedding(part.inputs, part.outputs)
    elif part.kind == "linear":
        made = nn.Linear(part.inputs, part.outputs, bias="bias" in level)
    elif part.cell:
        kind = {"gru": nn.GRUCell, "lstm": nn.LSTMCell, "rnn": nn.RNNCell}[part.kind]
        made = kind(part.inputs, part.outputs, bias="bias_ih" in level, **_more(part, nonlinearity))
    else:
        kind = {"gru": nn.GRU, "lstm": nn.LSTM, "rnn": nn.RNN}[part.kind]
        made = kind(
            part.inputs, part.outputs, num_layers=len(part.levels), bias="bias_ih" in level,
            batch_first=True, **_more(part, nonlinearity),
        )  # fmt: skip
    made = made.double()
    made.load_state_dict(_state(part), strict=part.kind != "norm")
    return made.eval()


def _more(part: Part, nonlinearity: str | None) -> dict[str, str]:
    return {"nonlinearity": nonlinearity or "tanh"} if part.kind == "rnn" else {}


def _state(part: Part) -> dict[str, Any]:
    import torch

    plain = part.kind in ("linear", "table", "norm") or part.cell
    return {
        name if plain else f"{name}_l{level}": torch.tensor(value, dtype=torch.float64)
        for level, tensors in enumerate(part.levels)
        for name, value in tensors.items()
        if name != "num_batches_tracked"
    }


def _apply(module: Any, value: Any) -> Any:
    """Outputs of every step, (B, T, size)."""
    import torch
    from torch import nn

    if isinstance(module, nn.BatchNorm1d):
        return module(value.transpose(1, 2)).transpose(1, 2)
    if isinstance(module, nn.Linear | nn.Embedding):
        return module(value)
    if isinstance(module, nn.RNNBase):
        return module(value)[0]
    states, state = [], None
    for now in value.unbind(1):
        state = module(now, state)
        states.append(state[0] if isinstance(state, tuple) else state)
    return torch.stack(states, 1)
