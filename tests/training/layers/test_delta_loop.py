"""The compiled time loop equals the one in PyTorch, which equals a dense one written by hand."""

import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from thresh.training.layers import delta_kernel, delta_loop  # noqa: E402
from thresh.training.layers.delta import Encoder, encode  # noqa: E402
from thresh.training.layers.delta_linear import DeltaLinear  # noqa: E402
from thresh.training.layers.delta_recurrent import DeltaGRU, DeltaRecurrent  # noqa: E402
from thresh.training.layers.formats import Formats  # noqa: E402

KINDS = delta_loop.KINDS


def results(layer: DeltaRecurrent, x: torch.Tensor) -> list[torch.Tensor]:
    """Outputs, registers and every gradient, of a loss on states, references and registers."""
    layer.zero_grad()
    given = x.clone().requires_grad_()
    trace = layer.run(given)
    loss = 0
    for scale, one in enumerate(trace.layers, start=1):
        ramp = torch.linspace(-1, 1, one.h.numel(), dtype=x.dtype).view(one.h.shape)
        loss = loss + (one.h * ramp).sum() + scale * (one.sent_h * ramp.flip(0)).sum()
        loss = loss + sum(value.square().sum() for value in one.last.values())
    loss.backward()
    tensors = [value for one in trace.layers for value in (one.h, one.sent_h, *one.last.values())]
    counts = [value for one in trace.layers for value in (one.fired_x, one.fired_h)]
    return [*tensors, *counts, given.grad, *(p.grad for p in layer.parameters())]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("learned", [False, True])
@pytest.mark.parametrize("straight", [False, True])
@pytest.mark.parametrize(("noise", "rounding"), [(0.0, 0.0), (0.2, 0.0), (0.0, 0.125), (0.1, 0.1)])
@pytest.mark.parametrize(("dtype", "error"), [(torch.float64, 1e-10), (torch.float32, 2e-4)])
def test_compiled_loop_equals_pytorch_in_outputs_and_gradients(
    kind, learned, straight, noise, rounding, dtype, error
):
    assert delta_kernel.available()
    torch.manual_seed(KINDS.index(kind))
    layer = DeltaRecurrent(kind, 6, 17, 2, threshold_x=0.4, threshold_h=[0.2, 0.1]).to(dtype)
    layer.noise, layer.rounding = (noise, noise), (rounding, rounding)
    layer.straight = straight
    if learned:
        layer.learn_thresholds(per_neuron=True)
    x = torch.randn(3, 20, 6, dtype=dtype).cumsum(1) / 2
    found = []
    for compiled in (True, False):
        layer.compiled = compiled
        torch.manual_seed(11)
        found.append(results(layer, x))
    assert layer.statistics[1].fired_h > 0
    for came, wanted in zip(*found, strict=True):
        torch.testing.assert_close(came, wanted, rtol=0, atol=error)


@pytest.mark.parametrize("kind", KINDS)
def test_loud_and_quiet_steps_equal_pytorch(kind):
    torch.manual_seed(2)
    layer = DeltaRecurrent(kind, 4, 24, threshold_h=0.02).double()
    x = torch.randn(7, 200, 4, dtype=torch.float64)
    x[:, 20:160] = x[:, 20:21]
    found = []
    for compiled in (True, False):
        layer.compiled = compiled
        found.append(results(layer, x))
    share = layer.run(x).layers[0].fired_h.double().mean(0) / 24
    assert share[:20].mean() > 0.5
    assert share[22:160].mean() < 0.1
    for came, wanted in zip(*found, strict=True):
        torch.testing.assert_close(came, wanted, rtol=1e-10, atol=1e-10)


def test_float32_stays_near_float64_over_long_quiet_sequences():
    torch.manual_seed(3)
    layer = DeltaGRU(4, 32, threshold_x=0.2, threshold_h=0.1)
    x = torch.randn(4, 3000, 4).cumsum(1).sin()
    found = []
    for dtype in (torch.float32, torch.float64):
        layer.to(dtype).zero_grad()
        trace = layer.run(x.to(dtype))
        (trace.h[:, ::50].square().sum()).backward()
        found.append([p.grad.double().clone() for p in layer.parameters()])
    for came, wanted in zip(*found, strict=True):
        assert float((came - wanted).abs().max() / wanted.abs().max()) < 1e-3
    assert layer.statistics[0].sparsity_h > 0.8


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("learned", [False, True])
def test_compiled_loop_on_grids_equals_pytorch_exactly(kind, learned):
    torch.manual_seed(5)
    frac = 11 if kind == "rnn_relu" else 14
    form = Formats(x_frac=12, weight_x_frac=7, weight_h_frac=19 - frac)
    layer = DeltaRecurrent(kind, 6, 17, threshold_x=0.3, threshold_h=0.1, formats=form).double()
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter *= 20
    if learned:
        layer.learn_thresholds(per_neuron=True)
    layer.quantised = True
    x = (torch.randn(3, 30, 6, dtype=torch.float64).cumsum(1) * 4096).round().clamp(-9999, 9999)
    found = []
    for compiled in (True, False):
        layer.compiled = compiled
        found.append(results(layer, x / 4096))
    counts = len(found[0]) - len(list(layer.parameters())) - 1
    assert all(torch.equal(a, b) for a, b in zip(found[0][:counts], found[1][:counts], strict=True))
    for came, wanted in zip(*found, strict=True):
        torch.testing.assert_close(came, wanted, rtol=1e-10, atol=1e-10)


def dense_gru(layer: DeltaGRU, x: torch.Tensor):
    """States by hand: masks as constants, ``reference = m value + (1 - m) reference``.

    The gradient of what is sent of the inputs is theirs.
    """
    theta_x, theta_h = layer.threshold_x, layer.threshold_h
    w_x, w_h = layer.weight_ih_l0, layer.weight_hh_l0
    h = torch.zeros(len(x), layer.hidden_size, dtype=x.dtype)
    reference_x, reference_h = torch.zeros_like(x[:, 0]), h
    states = []
    for now in x.unbind(1):
        m = ((now - reference_x).abs() >= theta_x).to(x.dtype).detach()
        reference_x = m * now + (1 - m) * reference_x
        received = reference_x.detach() + now - now.detach()
        r_x, u_x, c_x = (received @ w_x.T + layer.bias_ih_l0).chunk(3, 1)
        r_h, u_h, c_h = (reference_h @ w_h.T + layer.bias_hh_l0).chunk(3, 1)
        r, u = torch.sigmoid(r_x + r_h), torch.sigmoid(u_x + u_h)
        h = (1 - u) * torch.tanh(c_x + r * c_h) + u * h
        m = ((h - reference_h).abs() >= theta_h).to(x.dtype).detach()
        reference_h = m * h + (1 - m) * reference_h
        states.append(h)
    return torch.stack(states, 1)


@pytest.mark.parametrize("compiled", [True, False])
def test_gradient_equals_the_one_of_a_dense_loop_by_hand(compiled):
    torch.manual_seed(4)
    layer = DeltaGRU(5, 9, threshold_x=0.5, threshold_h=0.25, batch_first=True).double()
    layer.compiled = compiled
    found = []
    for run in (lambda x: layer(x)[0], lambda x: dense_gru(layer, x)):
        layer.zero_grad()
        torch.manual_seed(6)
        x = torch.randn(4, 25, 5, dtype=torch.float64, requires_grad=True)
        outputs = run(x)
        outputs.pow(3).sum().backward()
        found.append([outputs, x.grad, *(p.grad for p in layer.parameters())])
    for came, wanted in zip(*found, strict=True):
        torch.testing.assert_close(came, wanted, rtol=0, atol=1e-10)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("compiled", [True, False])
def test_gradient_is_the_derivative_where_no_decision_changes(kind, compiled):
    torch.manual_seed(8)
    layer = DeltaRecurrent(kind, 3, 4, threshold_h=0.05).double()
    layer.compiled = compiled

    def outputs(x, *parameters):
        named = dict(zip(dict(layer.named_parameters()), parameters, strict=True))
        return torch.func.functional_call(layer, named, (x,))[0]

    x = torch.randn(5, 2, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(outputs, (x, *layer.parameters()))


@pytest.mark.parametrize("compiled", [True, False])
def test_what_is_not_a_number_is_seen(compiled):
    layer = DeltaGRU(2, 3, threshold_x=0.1, threshold_h=0.1, batch_first=True)
    layer.compiled = compiled
    x = torch.zeros(1, 5, 2)
    layer(x)[0].sum().backward()
    assert layer.weight_ih_l0.grad.isfinite().all()
    with torch.no_grad():
        layer.weight_hh_l0[0] = float("nan")
    layer(x)[0].sum().backward()
    assert not layer.weight_ih_l0.grad.isfinite().all()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("compiled", [True, False])
def test_what_is_wanted_at_one_step_moves_silent_units(kind, compiled):
    """Behind a layer, whether that is the next one or a linear one, a silent unit is heard."""
    torch.manual_seed(10)
    stack = DeltaRecurrent(kind, 3, 5, 2, threshold_h=[9.0, 9.0], batch_first=True).double()
    head = DeltaLinear(5, 1, threshold_x=9.0).double()
    stack.compiled = head.compiled = compiled
    trace = stack.run(torch.randn(2, 8, 3, dtype=torch.float64))
    assert all(int(layer.fired_h.sum()) == 0 for layer in trace.layers)
    for outputs in (head.of_sent(trace.sent_h), head(trace.h)):
        stack.zero_grad()
        outputs[:, 5].sum().backward(retain_graph=True)
        for name in ("weight_ih_l0", "bias_ih_l0", "weight_ih_l1", "bias_ih_l1"):
            rows = getattr(stack, name).grad.reshape(-1, 5, *getattr(stack, name).shape[1:])
            moved = rows.abs().sum(dim=tuple(range(2, rows.ndim))).sum(0) > 0
            if (
                name == "weight_ih_l1"
            ):  # its inputs were never sent, so that these weights do nothing
                assert not moved.any()
            elif kind != "rnn_relu":  # where a unit below zero is silent for good
                assert moved.all(), name
        if kind != "rnn_relu":
            wanted = head.weight[0].detach().abs()
            assert float(stack.bias_ih_l1.grad.abs().max()) > 0.01 * float(wanted.max())


def test_compiled_encoder_equals_pytorch():
    torch.manual_seed(9)
    values = torch.randn(4, 12, 5, dtype=torch.float64, requires_grad=True)
    threshold = torch.full((5,), 0.7, dtype=torch.float64, requires_grad=True)
    first = torch.randn(4, 5, dtype=torch.float64)
    found = []
    for compiled in (True, False):
        sent, fired = encode(
            values.transpose(0, 1), first, Encoder(threshold=threshold), compiled=compiled
        )
        loss = (sent.pow(2) * torch.arange(5)).sum()
        found.append([sent, fired, *torch.autograd.grad(loss, (values, threshold))])
    for came, wanted in zip(*found, strict=True):
        torch.testing.assert_close(came, wanted, rtol=0, atol=1e-12)
