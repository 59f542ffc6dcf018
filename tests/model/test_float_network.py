"""Float networks: what they refuse, and that they compute their cells' equations."""

from dataclasses import replace

import numpy as np
import pytest
from import_cases import float_layer, float_network, inputs

from thresh.model import arithmetic
from thresh.model.cells import CELLS
from thresh.model.float_network import (
    FloatNetwork,
    function_layer,
    gate_biases,
    linear,
    pass_biases,
    with_function,
)
from thresh.model.float_run import FUNCTIONS, run_float, sigmoid


def step_gru(layer, x, h):
    """One step from the paper's equations 10 to 14."""
    (r, u, c), (hr, hu, hc) = layer.weight_x @ x, layer.weight_h @ h
    b_r, b_ch, b_u, b_cx = layer.bias
    r, u = sigmoid(r + hr + b_r), sigmoid(u + hu + b_u)
    return (1 - u) * np.tanh(c + b_cx + r * (hc + b_ch)) + u * h


def test_a_gru_computes_the_equations_of_the_paper():
    network = float_network("gru", sizes=[4, 6])
    x, h = inputs(1, 9, 4), np.zeros(6)
    outputs = run_float(network, x).outputs[0]
    for now in range(9):
        h = step_gru(network.layers[0], x[0, now], h)
        np.testing.assert_allclose(outputs[now], h, rtol=0, atol=1e-14)


def test_an_lstm_computes_its_equations():
    layer = float_layer("lstm", 4, 6)
    x, h, s = inputs(1, 9, 4), np.zeros(6), np.zeros(6)
    outputs = run_float(FloatNetwork(layers=(layer,)), x).outputs[0]
    for now in range(9):
        i, f, g, o = layer.weight_x @ x[0, now] + layer.weight_h @ h + layer.bias
        s = sigmoid(f) * s + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(s)
        np.testing.assert_allclose(outputs[now], h, rtol=0, atol=1e-14)


def test_a_light_gru_and_a_min_gru_compute_their_equations():
    for kind, function in (("li_gru", lambda v: np.maximum(v, 0)), ("min_gru", np.tanh)):
        layer, x, h = float_layer(kind, 4, 6), inputs(1, 9, 4), np.zeros(6)
        outputs = run_float(FloatNetwork(layers=(layer,)), x).outputs[0]
        for now in range(9):
            hidden = layer.weight_h @ h if kind == "li_gru" else 0
            u, c = layer.weight_x @ x[0, now] + hidden + layer.bias
            h = sigmoid(u) * h + (1 - sigmoid(u)) * function(c)
            np.testing.assert_allclose(outputs[now], h, rtol=0, atol=1e-14)


@pytest.mark.parametrize("kind", sorted(CELLS))
def test_every_cell_runs_and_its_function_is_known(kind):
    trace = run_float(float_network(kind), inputs(2, 5, 3))
    assert np.isfinite(trace.outputs).all()
    assert np.ptp(trace.outputs) > 0
    assert set(FUNCTIONS) == set(arithmetic.FUNCTIONS)


def test_what_is_sent_follows_the_thresholds():
    x = np.array([[[0.3], [0.7], [0.9], [0.7], [0.0]]])
    network = FloatNetwork(layers=(linear([[2.0]], None),))
    trace = run_float(network, x, (0.5, 0.0))
    np.testing.assert_allclose(trace.outputs[0, :, 0], [0, 1.4, 1.4, 1.4, 0])
    np.testing.assert_array_equal(trace.fired[0, :, 0], [0, 1, 0, 0, 1])


def test_a_zero_threshold_is_the_dense_network_and_silence_sends_nothing():
    network = float_network("gru", "lstm", "linear_relu")
    x = np.repeat(inputs(2, 1, 3), 400, axis=1)
    trace = run_float(network, x)
    assert trace.fired[:, 1:, 0].sum() == 0
    assert trace.fired[:, 0, 0].tolist() == [3, 3]
    np.testing.assert_allclose(trace.outputs[:, -1], trace.outputs[:, -2], rtol=0, atol=1e-9)


def test_large_pre_activations_do_not_overflow():
    np.testing.assert_array_equal(sigmoid(np.array([-1e4, 0, 1e4])), [0, 0.5, 1])


def test_biases_come_back_from_the_passes():
    cell = CELLS["gru"]
    bias = np.random.default_rng(0).normal(size=(4, 5))
    np.testing.assert_array_equal(pass_biases(cell, *gate_biases(cell, bias)), bias)


def test_a_function_merges_with_a_linear_layer_or_takes_its_own():
    notes = []
    assert [layer.kind for layer in with_function([linear([[1.0]], None)], "tanh", "a", notes)] == [
        "linear_tanh"
    ]
    assert notes == []
    layers = with_function([float_layer("gru", 2, 3)], "relu", "a", notes)
    assert [layer.kind for layer in layers] == ["gru", "linear_relu"]
    assert notes == ["relu after a takes a linear layer of its own with 3² weights"]
    x = inputs(1, 4, 2)
    both = run_float(FloatNetwork(layers=tuple(layers)), x)
    np.testing.assert_array_equal(both.outputs, np.maximum(both.signals[1], 0))
    with pytest.raises(ValueError, match="after a must be none, relu, sigmoid, tanh, not 'gelu'"):
        with_function([function_layer("relu", 2)], "gelu", "a", notes)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"kind": "qrnn"}, "kind is one of .* 'qrnn' is not supported"),
        ({"weight_x": np.full((3, 4, 2), np.nan)}, r"weight_x must be finite, but nan stands at"),
        ({"bias": np.full((4, 4), -np.inf)}, r"bias must be finite, but -inf stands at \(0, 0\)"),
        ({"weight_x": np.zeros((3, 4, 0))}, r"none of them 0, not \(3, 4, 0\)"),
        ({"weight_x": np.zeros((3, 0, 2))}, r"none of them 0, not \(3, 0, 2\)"),
        ({"weight_x": np.zeros((2, 4, 2))}, r"gru layer .* shape \(3, 4, 2\), not \(2, 4, 2\)"),
        ({"weight_h": np.zeros((3, 4, 5))}, r"weight_h .* shape \(3, 4, 4\), not \(3, 4, 5\)"),
        ({"bias": np.zeros((3, 4))}, r"bias .* shape \(4, 4\), not \(3, 4\)"),
        ({"weight_x": np.full((3, 4, 2), "a")}, "weight_x must hold numbers"),
        ({"weight_x": np.full((3, 4, 2), 1j)}, "weight_x must hold real numbers"),
        ({"weight_x": np.zeros((3, 4, 4097))}, "at most 4096 units and inputs"),
        ({"name": "fc", "bias": np.zeros(2)}, "fc: bias of a gru layer"),
    ],
)
def test_layers_that_are_none_are_refused(changes, text):
    with pytest.raises(ValueError, match=text):
        replace(float_layer("gru", 2, 4), **changes)


def test_stacks_that_do_not_chain_are_refused():
    layers = (float_layer("gru", 2, 4), float_layer("lstm", 5, 3))
    with pytest.raises(ValueError, match=r"Layer 1 lstm must have 4 inputs .* not 5"):
        FloatNetwork(layers=layers)
    with pytest.raises(ValueError, match="has 1 to 8 layers, not 0"):
        FloatNetwork(layers=())


@pytest.mark.parametrize(
    ("x", "thresholds", "text"),
    [
        (np.zeros((2, 3)), None, r"shape \(batch, steps, 3\), not \(2, 3\)"),
        (np.zeros((1, 2, 4)), None, r"not \(1, 2, 4\)"),
        (np.full((1, 2, 3), np.inf), None, "Inputs must be finite"),
        (np.zeros((1, 2, 3)), (0.1,), "There must be 2 thresholds of 0 or more"),
        (np.zeros((1, 2, 3)), (0.1, -0.1), "There must be 2 thresholds of 0 or more"),
        (np.zeros((1, 2, 3)), (0.1, np.nan), "There must be 2 thresholds of 0 or more"),
    ],
)
def test_runs_that_cannot_be_are_refused(x, thresholds, text):
    with pytest.raises(ValueError, match=text):
        run_float(float_network("gru"), x, thresholds)
