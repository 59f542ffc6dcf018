"""ONNX files of networks: every integer comes back, and ONNX computes nearly the same."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("onnx", reason="the extra [onnx] is not installed")

from cli_cases import small_network
from import_cases import float_layer
from onnx import ModelProto, load
from onnx.reference import ReferenceEvaluator

from thresh.importers.onnx.export import integers_of, save_onnx, to_onnx
from thresh.importers.onnx.network import import_onnx
from thresh.model.cells import CELLS
from thresh.model.input_scaling import InputScaling
from thresh.model.network import Network
from thresh.model.quantise import choose_formats, quantise_layer
from thresh.sim.golden import GoldenModel

KINDS = [kind for kind in sorted(CELLS) if kind in {
    "gru", "lstm", "rnn_tanh", "rnn_relu", "linear", "linear_relu", "linear_sigmoid", "linear_tanh",
}]  # fmt: skip


def stack(*kinds, weight_bits=8, value_bits=16):
    """Layers of these kinds in integers; sizes are 4, 5, 6 and so on."""
    layers, x_frac = [], value_bits - 4
    for place, kind in enumerate(kinds):
        real = float_layer(kind, 4 + place, 5 + place, scale=0.3, seed=place)
        formats = choose_formats(real, [x_frac], weight_bits=weight_bits, value_bits=value_bits)
        threshold_x = layers[-1].threshold_h if layers else 7
        layers.append(
            quantise_layer(real, replace(formats, threshold_x=threshold_x, threshold_h=3 + place))
        )
        x_frac = layers[-1].h_frac
    return Network(layers=tuple(layers), name="stack", notes={"why": "test"})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("weight_bits", "value_bits"), [(8, 16), (4, 8), (8, 12)])
def test_every_kind_comes_back_equal(kind, weight_bits, value_bits, tmp_path):
    network = stack(kind, "linear", weight_bits=weight_bits, value_bits=value_bits)
    save_onnx(network, tmp_path / "net.onnx")
    assert integers_of(load(tmp_path / "net.onnx"), "net.onnx") == network


@pytest.mark.parametrize("kind", sorted(set(CELLS) - set(KINDS)))
def test_kinds_without_an_operator_are_refused(kind):
    with pytest.raises(ValueError, match=rf"layers\.0 is a {kind}, which ONNX has no operator for"):
        to_onnx(stack(kind, "linear"))


def test_classes_and_front_end_come_back():
    network = small_network(audio=True)
    assert integers_of(to_onnx(network), "net.onnx") == network


@pytest.mark.parametrize("kinds", [(kind,) for kind in KINDS] + [("gru", "lstm", "linear_tanh")])
def test_onnx_computes_nearly_what_the_golden_model_computes(kinds):
    network = stack(*kinds)
    dense = tuple(replace(layer, threshold_x=0, threshold_h=0) for layer in network.layers)
    random = np.random.default_rng(0)
    x = np.cumsum(random.integers(-600, 601, (2, 20, 4)), axis=1)
    golden = GoldenModel(replace(network, layers=dense), 2).run(x).outputs
    real = (x / 2.0 ** network.layers[0].x_frac).swapaxes(0, 1).astype(np.float32)
    if kinds == ("rnn_relu",):
        runtime = pytest.importorskip("onnxruntime", reason="ONNX's reference has no relu RNN")
        session = runtime.InferenceSession(to_onnx(network).SerializeToString())
    else:
        session = ReferenceEvaluator(to_onnx(network))
    (outputs,) = session.run(None, {"x": real})
    difference = outputs.swapaxes(0, 1) - golden / 2.0 ** network.layers[-1].h_frac
    assert np.abs(difference).max() < 0.02


def test_an_input_scaling_is_part_of_the_graph():
    plain = stack("gru", "linear")
    scaling = InputScaling(offsets=(100.0, 0.0, -3.0, 5.0), scales=(0.01, 2.0, 5.0, 0.5))
    scaled = replace(plain, scaling=scaling)
    assert integers_of(to_onnx(scaled), "net.onnx") == scaled
    x = np.random.default_rng(1).normal(size=(9, 1, 4)).astype(np.float32)
    raw = (x / np.float32(scaling.scales) + np.float32(scaling.offsets)).astype(np.float32)
    wanted = ReferenceEvaluator(to_onnx(plain)).run(None, {"x": x})[0]
    ours = ReferenceEvaluator(to_onnx(scaled)).run(None, {"x": raw})[0]
    np.testing.assert_allclose(ours, wanted, rtol=0, atol=2e-3)


def test_other_models_hold_no_integers():
    from onnx_cases import recurrent

    assert integers_of(recurrent("GRU"), "net.onnx") is None


def test_files_that_lost_a_tensor_are_refused():
    model = ModelProto()
    model.CopyFrom(to_onnx(small_network()))
    del model.graph.initializer[3]
    with pytest.raises(ValueError, match=r"net\.onnx has lost a part of what thresh export wrote"):
        integers_of(model, "net.onnx")


def test_quantised_models_of_others_are_refused_with_the_reason():
    model = to_onnx(stack("gru"))
    del model.metadata_props[:]
    with pytest.raises(ValueError, match="import the float model that it was made from"):
        import_onnx(model)
