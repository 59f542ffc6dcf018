"""Small networks, lines and deadlines for the tests of the serial link."""

import contextlib
import signal
from collections.abc import Iterator
from dataclasses import replace
from types import FrameType

import numpy as np

from thresh.host.client import Client
from thresh.layout.geometry import Geometry
from thresh.model.arithmetic import pre_format
from thresh.model.cells import CELLS
from thresh.model.network import Layer, Network
from thresh.sim.golden import GoldenModel

LONGER = 16
"""Words of sparse columns by those of dense ones, at most: where a column was one word."""


def geometry(**changes: int) -> Geometry:
    """A small accelerator of 4 lanes."""
    fields = {
        "lanes": 4, "weight_depth": 1024, "accumulator_depth": 512, "state_depth": 256,
        "value_depth": 128, "packet_bytes": 256,
    }  # fmt: skip
    return Geometry(**(fields | changes))


def network(
    *sizes: int,
    kinds: tuple[str, ...] = ("gru", "linear"),
    seed: int = 0,
    weight_bits: int = 8,
    value_bits: int = 16,
    shift: int = 9,
    threshold: int = 300,
    **fields: object,
) -> Network:
    """Random layers of ``kinds`` with ``sizes`` inputs, units, units, ..."""
    random = np.random.default_rng(seed)
    weight = 1 << (weight_bits - 1)
    accumulator_frac = pre_format(value_bits).frac + shift
    layers: list[Layer] = []
    for inputs, units, kind in zip(sizes[:-1], sizes[1:], kinds, strict=True):
        cell = CELLS[kind]
        hidden = units if cell.recurrent else 0
        x_frac = layers[-1].h_frac if layers else value_bits - 4
        h_frac = value_bits - cell.integer_bits
        layers.append(
            Layer(
                kind=kind,
                weight_x=random.integers(-weight, weight, (len(cell.gates), units, inputs)),
                weight_h=random.integers(-weight, weight, (len(cell.gates), units, hidden)),
                bias=random.integers(-(1 << 15), 1 << 15, (len(cell.passes), units)),
                x_frac=x_frac,
                weight_x_frac=accumulator_frac - x_frac,
                weight_h_frac=accumulator_frac - h_frac,
                threshold_x=threshold,
                threshold_h=threshold,
                weight_bits=weight_bits,
                value_bits=value_bits,
            )
        )
    return Network(layers=tuple(layers), **fields)


def masked(net, keeps):
    """``net`` with zeros where ``keeps`` of a layer's weights, (G, H, columns), is not true."""
    layers = [
        replace(
            layer,
            weight_x=layer.weight_x * keeps(layer.weight_x),
            weight_h=layer.weight_h * keeps(layer.weight_h),
        )
        for layer in net.layers
    ]
    return replace(net, layers=tuple(layers))


def pruned(net, share, seed=1):
    """``net`` with about so many of its weights zero, in places anywhere."""
    random = np.random.default_rng(seed)
    return masked(net, lambda weights: random.random(weights.shape) >= share)


def walk(steps: int, inputs: int, seed: int = 1, stride: int = 400) -> np.ndarray:
    """A random walk, int64 of shape (steps, inputs), that fits 16 bits for 80 steps."""
    random = np.random.default_rng(seed)
    return np.cumsum(random.integers(-stride, stride + 1, (steps, inputs)), axis=0)


def golden(net: Network, x: np.ndarray) -> tuple[np.ndarray, GoldenModel]:
    """Outputs (T, outputs) of one sequence, and the model after it."""
    model = GoldenModel(net)
    return model.run(x[None]).outputs[0], model


def compare(client: Client, model: GoldenModel) -> None:
    """Every integer that the accelerator keeps against the golden model."""
    inputs, hidden = client.read_references()
    np.testing.assert_array_equal(inputs, model.reference_x[0])
    kept = zip(model.layers, client.read_accumulators(), client.read_state(), hidden, strict=True)
    for number, (state, m, registers, reference) in enumerate(kept):
        np.testing.assert_array_equal(m, state.m[0])
        for name, values in registers.items():
            np.testing.assert_array_equal(values, getattr(state, name)[0])
        assert (reference is not None) == model.network.encoded[number]
        if reference is not None:
            np.testing.assert_array_equal(reference, state.reference_h[0])


class Noise:
    """A device behind a line that drops, repeats and corrupts bytes in both directions.

    Parameters
    ----------
    device : object
        With ``receive``.
    rate : float
        Probability of each of the three, per byte.
    seed : int
    """

    def __init__(self, device: object, rate: float, seed: int) -> None:
        self.device = device
        self.rate = rate
        self.damaged = 0
        self._random = np.random.default_rng(seed)

    def receive(self, data: bytes) -> bytes:
        return self._damage(self.device.receive(self._damage(data)))

    def _damage(self, data: bytes) -> bytes:
        out = bytearray()
        for byte, chance in zip(data, self._random.random(len(data)) / self.rate, strict=True):
            self.damaged += chance < 3
            if chance < 1:
                continue
            if chance < 2:
                out += bytes((byte, byte))
            elif chance < 3:
                out.append(byte ^ int(self._random.integers(1, 256)))
            else:
                out.append(byte)
        return bytes(out)


@contextlib.contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raise in the main thread when the body takes longer."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"The test took more than {seconds} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
