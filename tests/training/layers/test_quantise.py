"""Differentiable roundings and tables equal the integer ones everywhere."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")

from thresh.model import arithmetic  # noqa: E402
from thresh.training.layers import quantise  # noqa: E402


@pytest.mark.parametrize("bits", [8, 12, 16])
def test_tables_equal_the_integer_functions_for_every_input(bits):
    pre = np.arange(-(1 << (bits - 1)), 1 << (bits - 1))
    value = torch.tensor(pre / 2.0 ** arithmetic.pre_format(bits).frac)
    for ours, theirs, form in (
        (quantise.sigmoid, arithmetic.sigmoid, arithmetic.gate_format(bits)),
        (quantise.tanh, arithmetic.tanh, arithmetic.state_format(bits)),
    ):
        np.testing.assert_array_equal(form.quantise(ours(value, bits)), theirs(pre, bits))


@pytest.mark.parametrize("shift", [1, 5, 9])
def test_narrow_equals_the_integer_narrowing(shift):
    value = np.arange(-5000, 5000)
    wanted, _ = arithmetic.narrow(value, shift, 9)
    came = quantise.narrow(torch.tensor(value / 2.0**12), 9, 12 - shift)
    np.testing.assert_array_equal(came.numpy() * 2.0 ** (12 - shift), wanted)


def test_gradient_passes_roundings_and_stops_at_saturation():
    value = torch.tensor([0.3, 7.6, -8.2, -9.0], dtype=torch.float64, requires_grad=True)
    quantise.narrow(value, 4, 0).sum().backward()
    assert value.grad.tolist() == [1.0, 0.0, 1.0, 0.0]


def test_gradients_of_tables_are_smooth():
    value = torch.linspace(-4, 4, 101, dtype=torch.float64, requires_grad=True)
    for ours, theirs in ((quantise.sigmoid, torch.sigmoid), (quantise.tanh, torch.tanh)):
        (came,) = torch.autograd.grad(ours(value, 16).sum(), value)
        (wanted,) = torch.autograd.grad(theirs(value).sum(), value)
        torch.testing.assert_close(came, wanted, rtol=0, atol=5e-3)
