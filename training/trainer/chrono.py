"""Chrono initialisation: how long units remember before anything is learned."""

import torch

from .net import Net


def remember(net: Net, longest: float, seed: int) -> None:
    """Draw the bias of every update gate so that units keep their state for 2 to ``longest`` steps.

    With ``u = sigmoid(b)`` alone a unit forgets in ``1 / (1 - u) = 1 + exp(b)`` steps; so
    ``b = log(U(1, longest - 1))``, each unit's own (Tallec and Ollivier, *Can recurrent neural
    networks warp time?*, arXiv 1804.11188). A unit that remembers longer changes less in a step.

    Parameters
    ----------
    net : Net
    longest : float
        Steps, 2 or more.
    seed : int
    """
    gates, units = net.gru.cell.gates, net.gru.hidden_size
    rows = slice(gates.index("u") * units, (gates.index("u") + 1) * units)
    draw = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for number in range(net.gru.num_layers):
            steps = 1 + (longest - 2) * torch.rand(units, generator=draw)
            for name, value in (("ih", steps.log()), ("hh", torch.zeros(units))):
                bias = getattr(net.gru, f"bias_{name}_l{number}")
                bias[rows] = value.to(bias)
