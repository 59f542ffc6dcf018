"""Recurrent delta layers: PyTorch's at thresholds of zero, bounded gradients otherwise."""

import copy

import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from thresh.training.layers.delta_recurrent import DeltaGRU, DeltaLSTM, DeltaRNN  # noqa: E402
from thresh.training.layers.formats import Formats  # noqa: E402

PAIRS = {
    "gru": (DeltaGRU, torch.nn.GRU, {}),
    "lstm": (DeltaLSTM, torch.nn.LSTM, {}),
    "rnn_tanh": (DeltaRNN, torch.nn.RNN, {"nonlinearity": "tanh"}),
    "rnn_relu": (DeltaRNN, torch.nn.RNN, {"nonlinearity": "relu"}),
}


def gradients_of(layer, x, state, seed=7):
    """Outputs and gradients of a layer after a scalar loss that sees everything it returns."""
    torch.manual_seed(seed)
    given = x.clone().requires_grad_()
    state = tuple(value.clone().requires_grad_() for value in state)
    outputs, last = layer(given, None if not state else state[0] if len(state) == 1 else state)
    last = last if isinstance(last, tuple) else (last,)
    weight = torch.linspace(-1, 1, outputs.numel(), dtype=outputs.dtype).view(outputs.shape)
    layer.zero_grad()
    ((outputs * weight).sum() + sum(value.square().sum() for value in last)).backward()
    gradients = [parameter.grad for parameter in layer.parameters()]
    return [outputs, *last, given.grad, *(value.grad for value in state), *gradients]


@pytest.mark.parametrize("kind", PAIRS)
@pytest.mark.parametrize(
    "settings",
    [{}, {"batch_first": True}, {"bias": False}, {"num_layers": 3, "dropout": 0.4}],
    ids=["plain", "batch_first", "no_bias", "stack"],
)
@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("started", [True, False])
def test_without_thresholds_equals_torch_in_outputs_and_gradients(
    kind, settings, compiled, started
):
    ours, theirs, more = PAIRS[kind]
    plain = theirs(7, 11, **settings, **more).double()
    delta = ours(7, 11, **settings, **more).double()
    delta.load_state_dict(plain.state_dict())
    plain.load_state_dict(delta.state_dict())
    assert delta.kind == kind
    delta.compiled = compiled
    torch.manual_seed(1)
    x = torch.randn(5, 9, 7, dtype=torch.float64)
    x[:, 4], x[3] = x[:, 3], x[2]
    batch, layers = 5 if "batch_first" in settings else 9, settings.get("num_layers", 1)
    count = (2 if kind == "lstm" else 1) * started
    state = [torch.randn(layers, batch, 11, dtype=torch.float64) for _ in range(count)]
    came, wanted = (gradients_of(layer, x, state) for layer in (delta, plain))
    assert len(came) == len(wanted)
    for one, other in zip(came, wanted, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-10)


def test_starts_with_the_weights_of_torch():
    layers = []
    for make in (DeltaLSTM, torch.nn.LSTM):
        torch.manual_seed(3)
        layers.append(make(4, 6, 2).state_dict())
    assert layers[0].keys() == layers[1].keys()
    assert all(torch.equal(layers[0][name], layers[1][name]) for name in layers[0])


def test_takes_one_sequence_without_a_batch():
    layer, plain = DeltaLSTM(3, 4, 2), torch.nn.LSTM(3, 4, 2)
    layer.load_state_dict(plain.state_dict())
    x, state = torch.randn(6, 3), (torch.randn(2, 4), torch.randn(2, 4))
    came, last = layer(x, state)
    wanted, wanted_last = plain(x, state)
    for one, other in zip((came, *last), (wanted, *wanted_last), strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-6)


def test_gradient_stays_bounded_over_long_sequences():
    torch.manual_seed(2)
    layer = DeltaGRU(8, 32, threshold_x=0.3, threshold_h=0.1, batch_first=True).double()
    norms = []
    for steps in (20, 200):
        x = torch.randn(2, steps, 8, dtype=torch.float64, requires_grad=True)
        layer(x)[1].sum().backward()
        norms.append(float(x.grad.norm()))
    assert 0 < norms[1] < 10 * norms[0]


def test_quantised_weights_are_integers_with_straight_through_gradient():
    layer = DeltaGRU(3, 4).double()
    layer.quantised = True
    with torch.no_grad():
        layer.weight_hh_l0[0, 0] = 5.0
    _, weight_h, _ = layer.weights()
    scaled = weight_h.detach() * 2**layer.formats.weight_h_frac
    assert scaled[0, 0, 0] == 127
    assert torch.equal(scaled, scaled.round())
    weight_h.sum().backward()
    wanted = torch.ones_like(layer.weight_hh_l0)
    wanted[0, 0] = 0
    assert torch.equal(layer.weight_hh_l0.grad, wanted)


@pytest.mark.parametrize(
    ("x", "sentence"),
    [
        (torch.zeros(1, 2, 3), "needs float64"),
        (torch.full((1, 2, 3), 0.1, dtype=torch.float64), "multiples of 2"),
        (torch.full((1, 2, 3), 4.0, dtype=torch.float64), "from -4 to below 4"),
        (torch.full((1, 2, 3), -4.5, dtype=torch.float64), "from -4 to below 4"),
    ],
)
def test_quantised_layer_refuses_what_it_cannot_compute_exactly(x, sentence):
    layer = DeltaGRU(3, 4, batch_first=True).double()
    layer.quantised = True
    with pytest.raises(ValueError, match=sentence):
        layer(x)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: DeltaGRU(3, 4)(torch.zeros(2, 1, 3), torch.zeros(1, 2, 4)), "1 of shape"),
        (
            lambda: DeltaGRU(3, 4)(torch.nn.utils.rnn.pack_sequence([torch.zeros(2, 3)])),
            "not a PackedSequence",
        ),
        (lambda: DeltaGRU(3, 4)(torch.zeros(2, 1, 5)), "3 the last, not \\(2, 1, 5\\)"),
        (lambda: DeltaGRU(3, 4, bidirectional=True), "runs forward in time"),
        (lambda: DeltaLSTM(3, 4, proj_size=2), "without a projection"),
        (lambda: DeltaGRU(3, 4, 0), "num_layers must be 1 or more, not 0"),
        (lambda: DeltaGRU(3, 4, threshold_h=torch.ones(3)), "each of 4 neurons"),
        (lambda: DeltaGRU(3, 4, 2, threshold_h=[0.1]), "one per layer of 2, not 1"),
        (lambda: DeltaGRU(3, 4, 2, formats=[Formats()]), "one per layer of 2"),
    ],
)
def test_refuses_what_it_cannot_do(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()


def test_refuses_an_unknown_nonlinearity():
    with pytest.raises(ValueError, match="must be tanh or relu, not 'gelu'"):
        DeltaRNN(3, 4, nonlinearity="gelu")


def test_a_copy_is_a_layer_of_its_own():
    layer = DeltaLSTM(3, 4, threshold_x=0.5, threshold_h=0.25)
    layer.learn_thresholds()
    other = copy.deepcopy(layer)
    other.load_state_dict(torch.nn.LSTM(3, 4).state_dict())
    other.threshold_x = 0.75
    assert layer.threshold_x == pytest.approx(0.5)
    assert other.threshold_h == pytest.approx(0.25)
    assert not torch.equal(other.weight_ih_l0, layer.weight_ih_l0)


def test_says_its_sizes_and_thresholds():
    layer = DeltaGRU(3, 4, 2, threshold_x=0.5, threshold_h=[0.25, torch.tensor([0, 1, 1, 0.0])])
    wanted = "DeltaGRU(3, 4, num_layers=2, threshold_x=0.5, threshold_h=0.25, 0.5)"
    assert repr(layer) == wanted
    layer.flatten_parameters()
