"""Fixed numbers that a program computes from others, before anything is fed to it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

FOLDED = (
    "transpose", "t", "permute", "select", "slice", "squeeze", "unsqueeze", "contiguous", "clone",
    "getitem", "view", "reshape", "alias", "detach", "detach_", "_to_copy", "to", "flatten", "mean",
    "expand", "lift_fresh_copy", "cat", "stack", "split", "chunk", "unbind",
    "add", "sub", "rsub", "mul", "div", "neg", "abs", "pow", "sqrt", "rsqrt", "reciprocal", "exp",
    "log", "sum", "norm", "linalg_vector_norm", "_weight_norm", "clamp", "clamp_min", "maximum",
    "softplus", "sigmoid", "tanh", "relu", "matmul", "mm", "mv", "linear", "ones", "ones_like",
    "full", "full_like", "arange", "scalar_tensor",
)  # fmt: skip
"""Operators that are computed here: none of them reads or writes anything but its numbers."""

SAID = (
    "sym_size", "sym_constrain_range", "sym_constrain_range_for_size", "_assert_scalar",
    "_assert_tensor_metadata", "ge", "gt", "le", "lt", "eq", "ne", "floordiv", "mod", "item",
)  # fmt: skip
"""Operators on sizes, which the network does not need."""

MOST = 1 << 24
"""Numbers of a result."""


def operator_of(node: Any) -> str:
    """The name of what a node calls: an operator of PyTorch's own library, or of Python's sizes.

    Raises
    ------
    ValueError
        When it calls something else.
    """
    target = node.target
    plain = getattr(target, "__module__", "") in ("_operator", "torch")
    if getattr(target, "namespace", "") not in ("aten", "higher_order") and not plain:
        raise ValueError(f"{node.name} calls {target}, which is no operator of PyTorch's library")
    return str(getattr(target, "__name__", target)).partition(".")[0]


def folded(op: str, target: Any, given: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """What an operator makes of arrays; None where it takes more than these.

    Parameters
    ----------
    op : str
        From `operator_of`.
    target : callable
    given : sequence
        Its arguments, NumPy's arrays where they are numbers of the program.
    kwargs : dict

    Raises
    ------
    ValueError
        When the result would hold more than `MOST` numbers.
    """
    import torch
    from torch._subclasses import FakeTensorMode

    arguments = [torch.tensor(one) if isinstance(one, np.ndarray) else one for one in given]
    try:
        with FakeTensorMode(allow_non_fake_inputs=True):
            planned = target(*arguments, **kwargs)
    except Exception:  # not of constants alone
        return None
    if isinstance(planned, torch.Tensor) and planned.numel() > MOST:
        raise ValueError(f"{op} makes {planned.numel():,} fixed numbers, more than are read")
    try:
        made = target(*arguments, **kwargs)
    except Exception:
        return None
    return made.double().numpy() if isinstance(made, torch.Tensor) else made
