"""Exported networks compute what quantised training computed, in every integer."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from small_tasks import fired  # noqa: E402

from thresh.model.model_file import load_network  # noqa: E402
from thresh.model.network import Network  # noqa: E402
from thresh.sim.golden import GoldenModel  # noqa: E402
from thresh.training.layers.delta_linear import DeltaLinear  # noqa: E402
from thresh.training.layers.delta_recurrent import DeltaRecurrent  # noqa: E402
from thresh.training.layers.export import (  # noqa: E402
    export,
    fit_formats,
    layers_of,
    network_of,
)
from thresh.training.layers.formats import Formats  # noqa: E402


def walk(seed: int, steps: int) -> np.ndarray:
    """Integer inputs that move as speech does, with two silent sequences."""
    draw = np.random.default_rng(seed)
    x = np.cumsum(draw.integers(-1500, 1501, (6, steps, 40)), axis=1)
    x[:2, :, :] = x[:2, :1, :]
    return x.clip(-16383, 16383)


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
        network = Network(layers=layers_of(layer))
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
        network = Network(layers=layers_of(layer))
    golden = GoldenModel(network, len(x)).run(x)
    scale = 2.0 ** network.layers[0].h_frac
    np.testing.assert_array_equal(outputs * scale, golden.outputs)
    assert len(np.unique(golden.outputs)) > 20


STACKS = {
    "gru": [("gru", 2), ("linear", 1)],
    "lstm": [("lstm", 2), ("linear", 1)],
    "rnn_tanh": [("rnn_tanh", 3), ("linear_sigmoid", 1)],
    "rnn_relu": [("rnn_relu", 2), ("linear", 1)],
    "li_gru": [("li_gru", 2), ("linear", 1)],
    "mixed": [("lstm", 1), ("gru", 2), ("rnn_tanh", 1), ("linear_tanh", 1)],
}


def make_stack(name: str, weight_bits: int, value_bits: int) -> list:
    """Modules of a stack with fitted formats, a threshold per layer, and lively weights."""
    torch.manual_seed(len(name) + weight_bits + value_bits)
    modules, inputs, before = [], 6, 0.1
    for kind, layers in STACKS[name]:
        if kind.startswith("linear"):
            modules.append(DeltaLinear(inputs, 4, kind=kind))
        else:
            modules.append(DeltaRecurrent(kind, inputs, 9, layers, batch_first=True))
        inputs = 9
    with torch.no_grad():
        for module in modules:
            for parameter in module.double().parameters():
                parameter *= 2.5
    fit_formats(modules, value_bits - 4, weight_bits=weight_bits, value_bits=value_bits)
    for module in modules:
        module.threshold_x = before
        if isinstance(module, DeltaRecurrent):
            module.threshold_h = [0.05 + 0.02 * n for n in range(module.num_layers)]
            before = module.get(f"threshold_h_l{module.num_layers - 1}")
        module.quantised = True
    return modules


@pytest.mark.parametrize("name", STACKS)
@pytest.mark.parametrize(("weight_bits", "value_bits"), [(8, 16), (4, 16), (4, 8), (8, 12)])
def test_every_stack_equals_the_golden_model_in_every_integer(name, weight_bits, value_bits):
    modules = make_stack(name, weight_bits, value_bits)
    network = network_of(modules)
    assert network.weight_bits == weight_bits
    x = (walk(value_bits, 40)[..., :6] >> (16 - value_bits)).clip(1 - (1 << (value_bits - 2)))
    signal = torch.tensor(x / 2.0 ** (value_bits - 4))
    traces = []
    with torch.no_grad():
        for module in modules[:-1]:
            traces += module.run(signal).layers
            signal = traces[-1].h
        outputs = modules[-1](signal)
    golden = GoldenModel(network, len(x)).run(x, keep_states=True)
    for number, (layer, trace) in enumerate(zip(network.layers, traces, strict=False)):
        states = [step[number] for step in golden.states]
        for came, field, frac in (
            (trace.h, "h", layer.h_frac), (trace.sent_h, "reference_h", layer.h_frac),
        ):  # fmt: skip
            wanted = np.stack([getattr(state, field) for state in states], axis=1)
            np.testing.assert_array_equal(came.numpy() * 2.0**frac, wanted)
        np.testing.assert_array_equal(trace.fired_h.numpy(), golden.fired_h[..., number])
        assert trace.fired_h.sum() > 0
    np.testing.assert_array_equal(traces[0].fired_x.numpy(), golden.fired_x)
    np.testing.assert_array_equal(
        outputs.numpy() * 2.0 ** network.layers[-1].h_frac, golden.outputs
    )


def test_the_file_holds_the_network(tmp_path):
    modules = make_stack("mixed", 8, 16)
    network = export(tmp_path / "stack.safetensors", modules, name="mixed")
    assert load_network(tmp_path / "stack.safetensors") == network
    assert network == network_of(modules, name="mixed")


def test_quantised_training_lowers_the_loss_on_integers():
    modules = make_stack("lstm", 4, 16)
    parameters = [parameter for module in modules for parameter in module.parameters()]
    optimiser = torch.optim.Adam(parameters, lr=0.02)
    x = torch.tensor(walk(3, 25)[..., :6] / 2.0**12)
    target = x.mean(2).cumsum(1).sign()
    losses = []
    for _ in range(15):
        outputs = modules[1](modules[0](x)[0])[..., 0]
        loss = (outputs - target).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.8 * losses[0]


def test_chain_whose_thresholds_differ_is_refused():
    modules = make_stack("gru", 8, 16)
    modules[-1].threshold_x = 1.0
    with pytest.raises(ValueError, match="threshold_x of layer 2 must be"):
        network_of(modules)


@pytest.mark.parametrize("bits", [16, 8])
def test_a_threshold_above_every_value_is_the_highest(bits):
    form = Formats(x_frac=bits - 4, weight_x_frac=7, weight_h_frac=5, value_bits=bits)
    layer = DeltaRecurrent("gru", 6, 9, threshold_x=100, threshold_h=2, formats=form)
    layer.quantised = True
    (found,) = layers_of(layer)
    assert found.threshold_x == found.threshold_h == (1 << (bits - 1)) - 1


def test_thresholds_per_neuron_are_refused():
    layer = make_stack("gru", 8, 16)[0]
    layer.threshold_x = torch.full((6,), 0.25)
    with pytest.raises(ValueError, match="one threshold per layer, not 6"):
        layers_of(layer)


def test_refuses_a_float_layer():
    with pytest.raises(ValueError, match="after quantised training only"):
        layers_of(DeltaLinear(3, 1))
