"""Linear delta layers: PyTorch's at a threshold of zero, counted otherwise."""

import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from thresh.training.layers.delta_linear import DeltaLinear  # noqa: E402
from thresh.training.layers.delta_recurrent import DeltaGRU  # noqa: E402


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("shape", [(4, 9, 6), (9, 6)])
def test_without_a_threshold_equals_torch_in_outputs_and_gradients(bias, compiled, shape):
    plain, delta = torch.nn.Linear(6, 3, bias).double(), DeltaLinear(6, 3, bias).double()
    delta.load_state_dict(plain.state_dict())
    delta.compiled = compiled
    torch.manual_seed(1)
    x = torch.randn(shape, dtype=torch.float64)
    found = []
    for layer in (delta, plain):
        given = x.clone().requires_grad_()
        outputs = layer(given)
        outputs.pow(3).sum().backward()
        found.append([outputs, given.grad, *(p.grad for p in layer.parameters())])
    for came, wanted in zip(*found, strict=True):
        torch.testing.assert_close(came, wanted, rtol=0, atol=1e-10)


@pytest.mark.parametrize("batch_first", [True, False])
def test_encodes_along_the_steps(batch_first):
    layer = DeltaLinear(1, 1, threshold_x=0.5, batch_first=batch_first)
    layer.load_state_dict({"weight": torch.ones(1, 1), "bias": torch.zeros(1)})
    x = torch.tensor([[[0.75], [1.0], [1.5]]])
    outputs = layer(x if batch_first else x.transpose(0, 1)).flatten()
    assert outputs.tolist() == [0.75, 0.75, 1.5]
    (work,) = layer.statistics
    assert (work.fired_x, work.dense_x, work.weight_fetches, work.dense_fetches) == (2, 3, 2, 3)


def test_behind_a_recurrent_layer_encodes_what_that_has_sent():
    torch.manual_seed(2)
    gru = DeltaGRU(3, 5, threshold_h=0.125, batch_first=True)
    linear = DeltaLinear(5, 2, threshold_x=0.125)
    trace = gru.run(torch.randn(4, 30, 3))
    assert torch.equal(linear(trace.h), linear.of_sent(trace.sent_h))


def test_refuses_other_shapes():
    with pytest.raises(ValueError, match=r"6 the last, not \(4, 5\)"):
        DeltaLinear(6, 3)(torch.zeros(4, 5))
