"""Real weights become integers in one place, in formats that fit them."""

import numpy as np
import pytest
from import_cases import float_layer, inputs

from thresh.model.cells import CELLS
from thresh.model.float_network import FloatNetwork, linear
from thresh.model.float_run import run_float
from thresh.model.network import Network
from thresh.model.quantise import (
    LayerFormats,
    choose_formats,
    clipped_weights,
    dequantise,
    expected_error,
    input_frac,
    quantise_layer,
    threshold_integer,
)
from thresh.sim.golden import GoldenModel


def test_weights_go_to_the_nearest_integer_and_clip():
    layer = linear([[0.4, 0.5, -0.5, 300.0, -300.0]], [0.3])
    formats = LayerFormats(x_frac=12, weight_x_frac=0)
    integers = quantise_layer(layer, formats)
    assert integers.weight_x.tolist() == [[[0, 1, 0, 127, -128]]]
    assert integers.bias.tolist() == [[round(0.3 * 2**12)]]
    assert clipped_weights(layer, formats) == 2


def test_a_threshold_is_at_most_what_a_value_may_be():
    assert threshold_integer(0.3, 12, 16) == round(0.3 * 2**12)
    assert threshold_integer(2.0, 14, 16) == 2**15 - 1
    assert threshold_integer(2.0, 6, 8) == 2**7 - 1


@pytest.mark.parametrize("kind", sorted(CELLS))
def test_integers_come_back_as_the_numbers_they_mean(kind):
    layer = float_layer(kind, 5, 6)
    formats = choose_formats(layer, [12])
    integers = quantise_layer(layer, formats)
    meant = dequantise(Network(layers=(integers,))).layers[0]
    again = quantise_layer(meant, formats)
    assert again == integers
    assert np.abs(meant.weight_x - layer.weight_x).max() <= 2.0 ** -(formats.weight_x_frac + 1)


def test_eight_bits_leave_small_weights_unclipped_and_four_bits_may_clip():
    layer = float_layer("lstm", 20, 20, scale=0.3)
    eight, four = (choose_formats(layer, [12], weight_bits=bits) for bits in (8, 4))
    assert clipped_weights(layer, eight) < 0.01 * layer.weight_x.size
    assert expected_error(layer, four) > 50 * expected_error(layer, eight)
    assert quantise_layer(layer, four).weight_x.max() == 7


def test_formats_are_the_best_of_all():
    layer = float_layer("gru", 4, 8)
    best = choose_formats(layer, [12])
    for step in (-1, 1):
        other = LayerFormats(
            x_frac=12, weight_x_frac=best.weight_x_frac + step,
            weight_h_frac=best.weight_h_frac + step,
        )  # fmt: skip
        assert expected_error(layer, other) >= expected_error(layer, best)


def test_large_layers_get_fewer_fraction_bits_rather_than_an_overflow():
    layer = linear(np.full((1, 4096), 100.0), [0.0])
    formats = choose_formats(layer, [14])
    assert quantise_layer(layer, formats).largest_accumulator.max() < 1 << 31


def test_a_layer_without_a_format_is_refused():
    with pytest.raises(ValueError, match="linear has no format that fits"):
        choose_formats(linear(np.full((1, 4096), 100.0), [0.0]), [-30])


@pytest.mark.parametrize("largest", [0.001, 0.9, 1.0, 3.99, 4.0, 100.0])
def test_inputs_take_half_the_range(largest):
    frac = input_frac(largest, 16)
    assert largest * 2.0**frac < 2**14
    assert largest * 2.0 ** (frac + 1) > 2**14 - 2 or frac == 24


@pytest.mark.parametrize("kind", ["gru", "lstm", "rnn_tanh", "linear_sigmoid"])
def test_a_quantised_layer_computes_nearly_the_same(kind):
    network = FloatNetwork(layers=(float_layer(kind, 5, 9, scale=0.25),))  # not chaotic
    x = inputs(4, 20, 5)
    x_frac = input_frac(np.abs(x).max(), 16)
    layer = quantise_layer(network.layers[0], choose_formats(network.layers[0], [x_frac]))
    integers = np.round(x * 2.0**layer.x_frac).astype(int)
    golden = GoldenModel(Network(layers=(layer,)), 4).run(integers).outputs / 2.0**layer.h_frac
    assert np.sqrt(np.mean((golden - run_float(network, x).outputs) ** 2)) < 0.02
