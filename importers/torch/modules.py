"""PyTorch module objects: their layers, in the order in which the module made them."""

from typing import Any

from thresh.importers.chain import Chain
from thresh.importers.imported import Imported
from thresh.model.float_network import with_function

from .layers import make_layers, normalising, parts_of
from .source import module_source
from .tensors import as_arrays

PASSED_OVER = ("Dropout", "Identity")
"""Modules that change nothing once training is over."""


def import_module(module: Any) -> Imported:
    """The network of an ``nn.Module`` whose forward is the chain of its layers, in their order.

    BatchNorm1d, ReLU, Sigmoid, Tanh, a softmax at the end, Dropout, Identity and containers are
    understood.
    Its forward gives outputs of every step, of the last one or their mean, alone or first in a
    tuple; `thresh.importers.imported.prove` compares them and says which.

    Raises
    ------
    ValueError
        When it holds another kind of layer, or none.
    """
    from torch import nn

    functions = {nn.ReLU: "relu", nn.Sigmoid: "sigmoid", nn.Tanh: "tanh"}
    chain = Chain()
    notes = chain.notes
    firsts: list[bool] = []
    final = ""
    for name, part in module.named_modules():
        label, kind = name or type(part).__name__, type(part)
        if isinstance(part, nn.RNNBase | nn.RNNCellBase | nn.Linear):
            _refuse_after(final, label)
            state = as_arrays({f"{label}.{key}": v for key, v in part.state_dict().items()})
            for layer in make_layers(parts_of(state)[0], getattr(part, "nonlinearity", None)):
                chain.add(layer)
            firsts += [part.batch_first] if isinstance(part, nn.RNNBase) else []
        elif isinstance(part, nn.BatchNorm1d):
            _refuse_after(final, label)
            state = as_arrays({f"{label}.{key}": v for key, v in part.state_dict().items()})
            chain.map(normalising(parts_of(state)[0], part.eps), label)
        elif kind in functions and chain.layers:
            _refuse_after(final, label)
            chain.settle()
            before = chain.layers[-1].name
            chain.layers = with_function(chain.layers, functions[kind], before, notes)
        elif kind in (nn.Softmax, nn.LogSoftmax) and chain.layers:
            final = kind.__name__.lower()
            notes.append(f"the {kind.__name__} {label} at the end is left out: it keeps the order")
        elif kind.__name__ not in PASSED_OVER and (_is_leaf(part) or _has_own(part)):
            raise ValueError(
                f"{label} is a {kind.__name__}; GRU, LSTM, RNN, their cells, Linear, BatchNorm1d, "
                f"ReLU, Sigmoid and Tanh can be used"
            )
    if not chain.layers:
        raise ValueError(f"{type(module).__name__} holds no GRU, LSTM, RNN or Linear")
    return Imported(
        network=chain.network(),
        notes=tuple(notes),
        reads="unknown",
        final=final,
        source=module_source(module, batch_first=all(firsts)),
    )


def _refuse_after(final: str, label: str) -> None:
    if final:
        raise ValueError(f"A softmax stands before {label}; it can be left out at the end only")


def _is_leaf(part: Any) -> bool:
    return next(part.children(), None) is None


def _has_own(part: Any) -> bool:
    """It holds parameters or buffers beside those of its children."""
    own = (*part.parameters(recurse=False), *part.buffers(recurse=False))
    return len(own) > 0
