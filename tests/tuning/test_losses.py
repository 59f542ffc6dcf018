"""What integers lose: sensors in their own units keep their network, and what is lost is said."""

from dataclasses import replace

import numpy as np
import pytest
from import_cases import float_layer
from link_bench import geometry

from thresh.data.inputs import load_inputs
from thresh.layout.image import build_image, parse_image
from thresh.model.float_network import FloatNetwork, linear
from thresh.model.float_run import run_float
from thresh.model.model_file import load_network, save_network
from thresh.model.quantise import scaled_network
from thresh.sim.golden_runs import run_golden
from thresh.tuning.calibration import calibrate
from thresh.tuning.losses import Loss, lost_matrices, lost_outputs

MEANS = np.array([1013.0, 21.5, 0.002, -40.0])
DEVIATIONS = np.array([8.0, 4.0, 0.0005, 900.0])


def normalised(kind="gru"):
    """A network of four sensors that were brought to mean 0 and deviation 1, and a last layer."""
    units = 12
    return FloatNetwork(
        layers=(
            float_layer(kind, 4, units, scale=0.4),
            linear(np.random.default_rng(3).normal(0, 0.5, (3, units)), np.zeros(3)),
        )
    )


def folded(network):
    """The same network of the sensors' own units."""
    first = network.layers[0]
    bias = first.bias.copy()
    for row, pass_ in enumerate(first.cell.passes):
        if pass_.inputs:
            bias[row] -= (first.weight_x[pass_.gate] / DEVIATIONS) @ MEANS
    raw = replace(first, weight_x=first.weight_x / DEVIATIONS, bias=bias)
    return FloatNetwork(layers=(raw, *network.layers[1:]))


def recordings(count=6, steps=60):
    random = np.random.default_rng(1)
    return [np.cumsum(random.normal(0, 0.3, (steps, 4)), axis=0) for _ in range(count)]


@pytest.mark.parametrize("kind", ["gru", "lstm", "rnn_tanh"])
def test_sensors_in_their_own_units_lose_as_little_as_normalised_ones(kind):
    sequences = recordings()
    good = calibrate(normalised(kind), sequences)
    raw = calibrate(folded(normalised(kind)), [x * DEVIATIONS + MEANS for x in sequences])
    assert good.network.scaling is None
    assert raw.network.scaling is not None
    assert raw.losses[1].share < max(1.5 * good.losses[1].share, 0.01)
    kept = raw.network.layers[0].weight_h
    assert np.count_nonzero(kept) > 0.9 * kept.size
    assert raw.warnings == ()


def test_a_scaled_network_is_the_same_function():
    network, (x,) = folded(normalised()), recordings(1)
    raw = x * DEVIATIONS + MEANS
    scaling = calibrate(network, [raw]).network.scaling
    ours = run_float(scaled_network(network, scaling), scaling.apply(raw)[None]).outputs
    np.testing.assert_allclose(ours, run_float(network, raw[None]).outputs, rtol=0, atol=1e-6)


def test_every_reader_of_the_model_file_scales_alike(tmp_path):
    sequences = [x * DEVIATIONS + MEANS for x in recordings(2)]
    made = calibrate(folded(normalised()), sequences)
    save_network(made.network, tmp_path / "net.safetensors")
    np.savez(tmp_path / "x.npz", *sequences)
    network = load_network(tmp_path / "net.safetensors")
    for item, x in zip(load_inputs(tmp_path / "x.npz", network), sequences, strict=True):
        np.testing.assert_array_equal(item.x, made.network.input_integers(x))
        assert item.note is None
    image = build_image(network, geometry())
    assert parse_image(image.to_bytes()).network == network
    (run,) = run_golden(network, [network.input_integers(sequences[0])])
    wanted = run_float(folded(normalised()), sequences[0][None]).outputs[0]
    real = run.outputs / 2.0**network.output_frac
    assert np.sqrt(np.mean((real - wanted) ** 2)) < 0.1 * wanted.std()


def loss(share):
    return Loss(step="quantised", rms=share, largest=share, share=share, agreement=None,
                reduction=None, saturations=0)  # fmt: skip


def test_a_loss_near_the_spread_is_said_and_one_of_all_refused():
    assert lost_outputs(loss(0.2)) == ()
    assert lost_outputs(loss(0.3)) == (
        "integers move the outputs by 30% of their spread, more than 25%",
    )
    with pytest.raises(ValueError, match=r"differs from the float network by 108% of the outputs'"):
        lost_outputs(loss(1.08))


def test_a_matrix_that_is_lost_is_said_and_one_of_zeros_refused_where_outputs_lose_too():
    network = normalised()
    made = calibrate(network, recordings()).network
    assert lost_matrices(network, made, loss(0.01)) == ()
    first = made.layers[0]
    coarse = replace(made, layers=(replace(first, weight_h=first.weight_h // 16 * 16),
                                   *made.layers[1:]))  # fmt: skip
    (said,) = lost_matrices(network, coarse, loss(0.01))
    assert said.startswith("weight_h of layer 0 gru loses ")
    assert said.endswith("% of its size to 8 bits, more than 10%")
    gone = replace(made, layers=(replace(first, weight_h=first.weight_h * 0), *made.layers[1:]))
    with pytest.raises(ValueError, match="All 432 weights in weight_h of layer 0 gru would become"):
        lost_matrices(network, gone, loss(0.3))
    (said,) = lost_matrices(network, gone, loss(0.01))
    assert said.startswith("all 432 weights in weight_h of layer 0 gru become 0 in 8 bits")
