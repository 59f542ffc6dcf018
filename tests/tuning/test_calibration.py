"""Formats and thresholds chosen on recorded sequences."""

from dataclasses import replace

import numpy as np
import pytest
from import_cases import float_layer, float_network

from thresh.model.float_network import FloatNetwork, linear
from thresh.model.float_run import run_float
from thresh.model.qformat import QFormat
from thresh.sim.golden_runs import GoldenRun, run_golden
from thresh.tuning.calibration import calibrate, with_thresholds
from thresh.tuning.float_runs import counted, decided, run_floats


def walks(count, steps, size, seed=0):
    """Sequences that move slowly, of several lengths."""
    random = np.random.default_rng(seed)
    return [np.cumsum(random.normal(0, 0.1, (steps + 3 * n, size)), axis=0) for n in range(count)]


def stack():
    """A GRU, an LSTM and a linear layer, not chaotic."""
    sizes = {"gru": (4, 10), "lstm": (10, 6), "linear": (6, 3)}
    return FloatNetwork(layers=tuple(float_layer(kind, *sizes[kind], scale=0.3) for kind in sizes))


def test_float_runs_are_those_of_each_sequence_by_itself():
    network, sequences = stack(), walks(5, 12, 4)
    real = run_floats(network, sequences)
    for x, run in zip(sequences, real.runs, strict=True):
        np.testing.assert_allclose(
            run.outputs, run_float(network, x[None]).outputs[0], rtol=0, atol=1e-12
        )
    values = np.concatenate(sequences)
    assert real.largest == np.abs(values).max()
    np.testing.assert_allclose(real.power[0], (values**2).mean())
    np.testing.assert_allclose(real.spread[0], values.std())


@pytest.mark.parametrize(("bits", "most"), [(8, 0.05), (4, 0.6)])
def test_every_step_is_measured_against_the_float_network(bits, most):
    network, sequences = stack(), walks(6, 40, 4)
    made = calibrate(network, sequences, weight_bits=bits, deviation=0.1)
    assert [loss.step for loss in made.losses] == ["float", "quantised", "delta"]
    real, quantised, delta = made.losses
    assert (real.rms, real.largest, real.saturations) == (0, 0, 0)
    assert 0 < quantised.share < most
    assert delta.reduction > 2 * quantised.reduction
    form = QFormat(bits=16, frac=made.network.layers[0].x_frac)
    runs = run_golden(made.network, [form.quantise(x) for x in sequences])
    outputs = counted(runs, "none", made.network.layers[-1].h_frac)
    wanted = counted(run_floats(network, sequences).runs, "none")
    assert delta.rms == pytest.approx(np.sqrt(np.mean((outputs - wanted) ** 2)))
    assert delta.largest == np.abs(outputs - wanted).max()


def test_thresholds_keep_what_was_allowed_and_fall_with_it():
    network, sequences = stack(), walks(6, 40, 4)
    reductions = []
    for deviation in (0.3, 0.1, 0.02):
        made = calibrate(network, sequences, deviation=deviation)
        form = QFormat(bits=16, frac=made.network.layers[0].x_frac)
        x = [form.quantise(one) for one in sequences]
        delta, dense = (
            counted(run_golden(one, x), "none", 11)
            for one in (made.network, with_thresholds(made.network, [0, 0, 0, 0]))
        )
        spread = np.sqrt(np.mean((dense - dense.mean(axis=0)) ** 2))
        assert np.sqrt(np.mean((delta - dense) ** 2)) <= deviation * spread
        reductions.append(made.losses[-1].reduction)
    assert reductions == sorted(reductions, reverse=True)


def test_no_deviation_leaves_thresholds_that_change_nothing():
    made = calibrate(stack(), walks(3, 20, 4), deviation=0.0)
    assert made.losses[-1].rms == made.losses[1].rms


def test_only_last_steps_count_when_they_decide():
    network, sequences = stack(), walks(4, 15, 4)
    made = calibrate(network, sequences, decision="last")
    assert made.losses[1].agreement == 1
    assert calibrate(network, sequences).losses[1].agreement is None
    runs = run_floats(network, sequences).runs
    assert counted(runs, "last").shape == (4, 3)
    assert decided(runs, "last") == [int(run.outputs[-1].argmax()) for run in runs]
    assert decided(runs, "mean") == [int(run.outputs.mean(axis=0).argmax()) for run in runs]


def test_saturations_are_counted():
    loud = FloatNetwork(layers=(linear(100 * np.ones((2, 3)), None),))
    made = calibrate(loud, [10 * np.ones((4, 3))], deviation=0.0)
    assert made.losses[1].saturations > 0
    assert made.losses[0].saturations == 0


def test_silent_inputs_and_constant_outputs_are_taken():
    made = calibrate(stack(), [np.zeros((5, 4))])
    assert made.losses[1].share < np.inf
    assert any(layer.weight_x.any() for layer in made.network.layers)


def test_thresholds_lie_on_the_grids_and_serve_both_layers():
    network = calibrate(stack(), walks(2, 8, 4), deviation=0.0).network
    changed = with_thresholds(network, [0.5, 0.25, 0.125, 9.0])
    first, second, last = changed.layers
    assert first.threshold_x == 0.5 * 2**first.x_frac
    assert first.threshold_h == second.threshold_x == 0.25 * 2**14
    assert (second.threshold_h, last.threshold_h) == (0.125 * 2**14, 0)
    assert with_thresholds(network, [1e9] * 4).layers[0].threshold_x == 32767


@pytest.mark.parametrize(
    ("sequences", "options", "text"),
    [
        ([], {}, "needs at least one sequence"),
        ([np.zeros((3, 4))], {"deviation": -0.1}, "deviation must be 0 or more, not -0.1"),
        ([np.zeros((3, 4))], {"deviation": float("nan")}, "deviation must be 0 or more, not nan"),
        ([np.zeros((3, 4))], {"value_bits": 20}, "value_bits must be 8 to 16"),
    ],
)
def test_bad_input_is_refused(sequences, options, text):
    with pytest.raises(ValueError, match=text):
        calibrate(stack(), sequences, **options)


def test_a_run_is_plain_data():
    run = run_floats(float_network("gru"), [np.zeros((4, 3))]).runs[0]
    assert isinstance(run, GoldenRun)
    assert replace(run, saturations=1).frames == 4
