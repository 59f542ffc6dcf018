"""From PyTorch to simulated gateware: train a small GRU, convert, tune and simulate it.

Run it with ``python examples/own_network.py``; it needs the extras ``train`` and ``flow``, a C++
compiler and about two minutes. The data are made here: three gestures of a slow sensor with four
channels, 60 steps each, to be told apart.
"""

import numpy as np
import torch

import thresh

STEPS, CHANNELS, GESTURES = 60, 4, 3


def gestures(count, seed):
    """Sequences of shape (count, steps, channels), and the gesture of each, shape (count,)."""
    random = np.random.default_rng(seed)
    y = random.integers(GESTURES, size=count)
    time = np.linspace(0, 1, STEPS)[:, None] + random.uniform(0, 0.3, (count, 1, 1))
    phases = np.linspace(0, np.pi, CHANNELS)
    x = np.sin(2 * np.pi * (0.5 + y[:, None, None]) * time + phases)
    return (x + random.normal(0, 0.05, x.shape)).astype(np.float32), y


class Gru(torch.nn.Module):
    """A GRU and a linear layer; the outputs of all steps are averaged."""

    def __init__(self):
        super().__init__()
        self.gru = torch.nn.GRU(CHANNELS, 24, batch_first=True)
        self.out = torch.nn.Linear(24, GESTURES)

    def forward(self, x):
        return self.out(self.gru(x)[0]).mean(dim=1)


def train(x, y):
    """A trained network."""
    torch.manual_seed(1)
    model = Gru()
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
    x, y = torch.tensor(x), torch.tensor(y)
    for _ in range(20):
        for places in torch.randperm(len(x)).split(50):
            loss = torch.nn.functional.cross_entropy(model(x[places]), y[places])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return model


def main():
    """Train, convert, quantise, tune, compile, simulate."""
    x_train, y_train = gestures(500, seed=1)
    x_val, y_val = gestures(200, seed=2)
    x_test, y_test = gestures(200, seed=3)

    net = thresh.convert(train(x_train, y_train))
    print(net)
    net = net.quantise(x_train, weight_bits=8)
    print(net.quantisation)
    net = net.tune(x_val, y_val, max_loss=0.5, boards=["ulx3s-85f"], levels=5, rounds=1)
    print(net.exploration)
    print(net.evaluate(x_test, y_test))

    acc = net.compile("ulx3s-85f", lanes=16)
    print(acc.estimate(x_test))
    simulated = acc.simulate(x_test[:5], engine="compiled")
    print(simulated)
    net.save("own_network.safetensors")
    return net, simulated


if __name__ == "__main__":
    main()
