"""Exported networks compute what quantised training computed, in every integer."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from thresh.model.network import Network  # noqa: E402
from thresh.sim.golden import GoldenModel  # noqa: E402
from thresh.training.classifier import Classifier  # noqa: E402
from thresh.training.delta import fired  # noqa: E402
from thresh.training.delta_linear import DeltaLinear  # noqa: E402
from thresh.training.delta_recurrent import DeltaRecurrent  # noqa: E402
from thresh.training.export import (  # noqa: E402
    from_network,
    linear_layer,
    recurrent_layers,
    to_network,
)
from thresh.training.formats import Formats  # noqa: E402


def make_classifier(seed: int, gain: float) -> Classifier:
    torch.manual_seed(seed)
    model = Classifier(40, 128, 10, formats=Formats(weight_x_frac=8, weight_h_frac=6))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter *= gain
    return model


def walk(seed: int, steps: int) -> np.ndarray:
    """Integer inputs that move as speech does, with two silent sequences."""
    draw = np.random.default_rng(seed)
    x = np.cumsum(draw.integers(-1500, 1501, (6, steps, 40)), axis=1)
    x[:2, :, :] = x[:2, :1, :]
    return x.clip(-16383, 16383)


@pytest.mark.parametrize(
    ("gain", "threshold_x", "threshold_h"), [(1, 0.5, 0.25), (4, 0.5, 0.4), (30, 0, 0)]
)
def test_golden_model_equals_quantised_forward_in_every_integer(gain, threshold_x, threshold_h):
    model = make_classifier(3, gain)
    model.set_thresholds(threshold_x, threshold_h)
    model.set_quantised(True)
    network = to_network(model)
    x = walk(7, 80)
    with torch.no_grad():
        logits, trace = model(torch.tensor(x / 2.0**12))
    golden = GoldenModel(network, len(x)).run(x, keep_states=True)
    assert golden.fired_h[..., 0].sum() > 0
    compare(logits, trace, golden)


def compare(logits, trace, golden) -> None:
    """Every output, state, reference and event."""
    h = np.stack([states[0].h for states in golden.states], axis=1)
    sent = np.stack([states[0].reference_h for states in golden.states], axis=1)
    np.testing.assert_array_equal(logits.numpy() * 2.0**11, golden.outputs)
    np.testing.assert_array_equal(trace.h.numpy() * 2.0**14, h)
    np.testing.assert_array_equal(trace.sent_h.numpy() * 2.0**14, sent)
    np.testing.assert_array_equal(fired(trace.sent_x).numpy(), golden.fired_x)
    np.testing.assert_array_equal(fired(trace.sent_h).numpy(), golden.fired_h[..., 0])


def test_networks_come_back_as_they_went():
    model = make_classifier(4, 2)
    model.set_thresholds(0.5, 0.25)
    model.set_quantised(True)
    network = to_network(model, classes=tuple("abcdefghij"), decision="mean")
    again = to_network(from_network(network), classes=tuple("abcdefghij"), decision="mean")
    assert again == network


@pytest.mark.parametrize("kind", ["gru", "lstm", "rnn_tanh", "rnn_relu"])
@pytest.mark.parametrize("bits", [16, 12, 8])
def test_every_recurrent_kind_equals_the_golden_model(kind, bits):
    torch.manual_seed(bits)
    frac = bits - 4
    h_frac = bits - (5 if kind == "rnn_relu" else 2)
    form = Formats(x_frac=frac, weight_x_frac=7, weight_h_frac=frac + 7 - h_frac, value_bits=bits)
    layer = DeltaRecurrent(kind, 6, 9, threshold_x=0.1, threshold_h=0.05, formats=form,
                           batch_first=True).double()  # fmt: skip
    layer.quantised = True
    x = (walk(bits, 60)[..., :6] >> (16 - bits)).clip(1 - (1 << (bits - 2)))
    with torch.no_grad():
        trace = layer.run(torch.tensor(x / 2.0**frac))
        network = Network(layers=recurrent_layers(layer))
    golden = GoldenModel(network, len(x)).run(x, keep_states=True)
    np.testing.assert_array_equal(trace.h.numpy() * 2.0**h_frac, golden.outputs)
    np.testing.assert_array_equal(fired(trace.sent_h).numpy(), golden.fired_h[..., 0])
    np.testing.assert_array_equal(fired(trace.sent_x).numpy(), golden.fired_x)
    assert np.ptp(golden.outputs) > 1 << (h_frac - 2)


@pytest.mark.parametrize("kind", ["linear", "linear_relu", "linear_sigmoid", "linear_tanh"])
def test_every_linear_kind_equals_the_golden_model(kind):
    torch.manual_seed(1)
    form = Formats(x_frac=12, weight_x_frac=7)
    layer = DeltaLinear(40, 5, threshold_x=0.3, formats=form, kind=kind).double()
    layer.quantised = True
    x = walk(1, 30)
    with torch.no_grad():
        outputs = layer(torch.tensor(x / 2.0**12)).numpy()
        network = Network(layers=(linear_layer(layer),))
    golden = GoldenModel(network, len(x)).run(x)
    scale = 2.0 ** network.layers[0].h_frac
    np.testing.assert_array_equal(outputs * scale, golden.outputs)
    assert len(np.unique(golden.outputs)) > 20


def test_refuses_a_float_layer():
    with pytest.raises(ValueError, match="after quantised training only"):
        to_network(make_classifier(3, 1))
