"""Recurrent delta layers: PyTorch's at thresholds of zero, bounded gradients otherwise."""

import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from thresh.training.delta import fired, references, snap  # noqa: E402
from thresh.training.delta_recurrent import DeltaGRU, DeltaLSTM, DeltaRNN  # noqa: E402

PAIRS = {
    "gru": (DeltaGRU, torch.nn.GRU, {}),
    "lstm": (DeltaLSTM, torch.nn.LSTM, {}),
    "rnn_tanh": (DeltaRNN, torch.nn.RNN, {"nonlinearity": "tanh"}),
    "rnn_relu": (DeltaRNN, torch.nn.RNN, {"nonlinearity": "relu"}),
}


@pytest.mark.parametrize("kind", PAIRS)
@pytest.mark.parametrize("batch_first", [False, True])
def test_without_thresholds_equals_torch_in_outputs_and_gradients(kind, batch_first):
    ours, theirs, settings = PAIRS[kind]
    torch.manual_seed(1)
    plain = theirs(7, 11, batch_first=batch_first, **settings).double()
    delta = ours(7, 11, batch_first=batch_first, **settings).double()
    delta.load_state_dict(plain.state_dict())
    assert delta.kind == kind
    x = torch.randn(5, 9, 7, dtype=torch.float64)
    x[:, 4] = x[:, 3]
    results = []
    for layer in (delta, plain):
        given = x.clone().requires_grad_()
        outputs, last = layer(given)
        last = last if isinstance(last, tuple) else (last,)
        (outputs.square().sum() + sum(value.sum() for value in last)).backward()
        gradients = [parameter.grad for parameter in layer.parameters()]
        results.append([given.grad, *gradients, outputs, *last])
    assert len(results[0]) == len(results[1])
    for came, wanted in zip(*results, strict=True):
        torch.testing.assert_close(came, wanted, rtol=0, atol=1e-10)


def test_gradient_through_the_threshold_follows_the_mask():
    values = torch.tensor([[[0.3], [0.6], [0.7], [1.2]]], dtype=torch.float64, requires_grad=True)
    sent = references(values, 0.5)
    assert sent.flatten().tolist() == [0.0, 0.6, 0.6, 1.2]
    (sent * torch.tensor([1.0, 10.0, 100.0, 1000.0])[None, :, None]).sum().backward()
    assert values.grad.flatten().tolist() == [0.0, 110.0, 0.0, 1000.0]
    assert fired(sent).tolist() == [[0, 1, 0, 1]]


def test_gradient_stays_bounded_over_long_sequences():
    torch.manual_seed(2)
    layer = DeltaGRU(8, 32, threshold_x=0.3, threshold_h=0.1, batch_first=True).double()
    norms = []
    for steps in (20, 200):
        x = torch.randn(2, steps, 8, dtype=torch.float64, requires_grad=True)
        layer(x)[1].sum().backward()
        norms.append(float(x.grad.norm()))
    assert 0 < norms[1] < 10 * norms[0]


def test_fires_at_exactly_the_threshold():
    values = torch.tensor([[[0.25], [0.5]]], dtype=torch.float64)
    assert fired(references(values, 0.25)).tolist() == [[1, 1]]
    assert fired(references(values, 0.25 + 2**-12)).tolist() == [[0, 1]]


def test_thresholds_lie_on_their_grids():
    layer = DeltaGRU(2, 3, threshold_x=0.1, threshold_h=0.1)
    assert layer.threshold_x == 410 / 4096
    assert layer.threshold_h == 1638 / 16384
    with pytest.raises(ValueError, match="0 or more, not -1"):
        snap(-1, 12)
    with pytest.raises(ValueError, match="0 or more, not nan"):
        snap(float("nan"), 12)


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
        (torch.full((1, 2, 3), 4.0, dtype=torch.float64), "below 4 in magnitude"),
    ],
)
def test_quantised_layer_refuses_what_it_cannot_compute_exactly(x, sentence):
    layer = DeltaGRU(3, 4, batch_first=True).double()
    layer.quantised = True
    with pytest.raises(ValueError, match=sentence):
        layer(x)


def test_refuses_an_initial_state():
    with pytest.raises(ValueError, match="starts each sequence from a state of zero"):
        DeltaGRU(3, 4)(torch.zeros(2, 1, 3), torch.zeros(1, 1, 4))


def test_refuses_an_unknown_nonlinearity():
    with pytest.raises(ValueError, match="must be tanh or relu, not 'gelu'"):
        DeltaRNN(3, 4, nonlinearity="gelu")
