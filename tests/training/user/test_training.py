"""Training on a user's own data: what comes out, exactness, and going on."""

import numpy as np
import pytest
from labelled_cases import write_tones, write_waves

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from thresh.data.inputs import load_inputs  # noqa: E402
from thresh.own_training import train  # noqa: E402
from thresh.sim.golden import GoldenModel  # noqa: E402
from thresh.training.tasks.techniques import pair  # noqa: E402
from thresh.training.trainer.classification import Classification  # noqa: E402
from thresh.training.user.data import load_user_data  # noqa: E402
from thresh.training.user.settings import Settings  # noqa: E402
from thresh.training.user.training import (  # noqa: E402
    OwnData,
    stages,
    train_user_network,
    training_folder,
)
from thresh.tuning.scoring import evaluate, problem_of  # noqa: E402
from thresh.tuning.thresholds import point_of  # noqa: E402

SHORT = {"units": 12, "plain": 4, "delta": 2, "quantised": 2}


def trained(path, folder, **settings):
    chosen = Settings(**SHORT | settings)
    data = load_user_data(path, chosen)
    return data, train_user_network(data, chosen, folder)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"layers": 2, "bits": 4},
        {"decision": "last", "test": 0.0},
        {"batch": 16, "dropout": 0.0, "activity": 0.0, "rise": 0.0, "distil": 0, "straight": False},
        {"layers": 2, "threshold_h": [0.2, 0.1], "distil": 1.0, "chrono": 20, "noise": 0.4},
    ],
)
def test_the_network_is_the_trained_one_in_every_integer(tmp_path, settings):
    data, made = trained(write_waves(tmp_path / "w.npz"), tmp_path, **settings)
    network = made.network
    kinds = ["gru"] * settings.get("layers", 1) + ["linear"]
    assert [layer.kind for layer in network.layers] == kinds
    assert network.weight_bits == settings.get("bits", 8)
    assert network.classes == data.classes
    assert network.layers[0].x_frac == data.x_frac
    assert made.part == ("validation" if settings.get("test") == 0 else "test")
    assert list(made.outcomes) == ["plain", "delta", "quantised"]
    for x in data.sequences[:5]:
        with torch.no_grad():
            run = made.net(torch.tensor(x[None] / 2.0**data.frac))
        golden = GoldenModel(network).run(x[None].astype(np.int64))
        np.testing.assert_array_equal(run.outputs.numpy() * 2.0**11, golden.outputs)
        for number, layer in enumerate(run.trace.layers):
            np.testing.assert_array_equal(layer.fired_h.numpy(), golden.fired_h[..., number])


@pytest.mark.parametrize("settings", [{}, {"layers": 2, "test": 0.0}])
def test_every_stage_s_reduction_is_counted_as_the_golden_model_does(tmp_path, settings):
    path = write_waves(tmp_path / "w.npz")
    data, made = trained(path, tmp_path, **settings)
    inputs = load_inputs(path, made.network, split=made.part)
    row = evaluate(problem_of(made.network, inputs, []), point_of(made.network))
    last = made.outcomes["quantised"]
    assert last.reduction == row["reduction"] > last.work.reduction
    layers = settings.get("layers", 1)
    columns = (3 + 12) * 36 + (layers - 1) * (12 + 12) * 36 + 12 * len(data.classes)
    dense = sum(len(item.x) for item in inputs) * columns
    unused = len(inputs) * layers * 12 * 36  # a plain network's states all fire at a last step
    assert made.outcomes["plain"].reduction == pytest.approx(dense / (dense - unused), rel=1e-2)


def test_a_network_that_fetches_nothing_has_no_reduction(tmp_path):
    settings = Settings(**SHORT, threshold_x=100, threshold_h=1.99999)
    made = train(write_waves(tmp_path / "w.npz"), settings, checkpoints=tmp_path)
    assert made.training.stages["quantised"]["reduction"] is None
    assert "reduction" not in made.integers.notes


def test_thresholds_are_parts_of_the_inputs_deviation(tmp_path):
    data, made = trained(write_waves(tmp_path / "w.npz"), tmp_path, threshold_x=0.5)
    layer = made.network.layers[0]
    values = np.concatenate([data.sequences[place] for place in data.parts["train"]])
    assert layer.threshold_x == pytest.approx(0.5 * values.std(), abs=1)
    assert layer.threshold_h == round(0.2 * 2**14)


def test_the_highest_thresholds_that_settings_take_are_trained_to_the_end(tmp_path):
    path = write_waves(tmp_path / "w.npz")
    data, made = trained(path, tmp_path, threshold_x=100, threshold_h=1.99999)
    layer = made.network.layers[0]
    assert (layer.threshold_x, layer.threshold_h) == (2**15 - 1, 2**15 - 1)
    assert made.net.gru.threshold_x == layer.threshold_x / 2**data.frac


def test_dropout_and_a_slow_rise_are_those_of_the_settings():
    chosen = Settings(dropout=0.2, rise=0.25, activity=4.0)
    plain, delta, quantised = stages(chosen, 1.0)
    assert [stage.dropout for stage in (plain, delta, quantised)] == [0.2] * 3
    assert [stage.rise for stage in (plain, delta, quantised)] == [0, 0.25, 0]
    assert [stage.activity_h for stage in (plain, delta, quantised)] == [0, 4, 4]
    assert [stage.straight for stage in (plain, delta, quantised)] == [False, True, True]
    assert not any(stage.straight for stage in stages(Settings(straight=False), 1.0))


def test_noise_is_a_part_of_the_thresholds():
    chosen = Settings(layers=2, threshold_x=0.5, threshold_h=(0.2, 0.1), noise=0.5)
    assert [stage.noise for stage in stages(chosen, 2.0)] == [(0, 0), (0.5, 0.05), (0, 0)]
    assert {stage.noise for stage in stages(Settings(), 1.0)} == {(0, 0)}


def test_a_training_that_says_nothing_is_as_the_delta_networks_of_an_exam():
    wanted = pair(type("Classes", (Classification,), {"outputs": 3}))[1]
    found = stages(Settings(), 1.0)[1]
    for name in ("activity_h", "rise", "straight", "dropout", "distil"):
        assert getattr(found, name) == getattr(wanted, name)
    assert (Settings().batch, Settings().delta_rate) == (wanted.size, wanted.rate)
    assert Settings().quantised_rate == stages(Settings(), 1.0)[2].rate
    assert stages(Settings(rate=0.5), 1.0)[0].rate == 0.5


def test_waves_are_learned(tmp_path):
    _, made = trained(
        write_waves(tmp_path / "w.npz"), tmp_path, units=24, plain=40, delta=10, rate=1e-2, seed=2
    )
    assert made.outcomes["quantised"].score.more["accuracy"] >= 90
    assert made.outcomes["quantised"].work.reduction > made.outcomes["plain"].work.reduction


def test_clips_are_learned_with_their_front_end(tmp_path):
    data, made = trained(write_tones(tmp_path), tmp_path, validation=0.2, test=0.2)
    assert made.network.front_end == data.front_end
    assert made.network.inputs == 40


def test_an_interrupted_training_loses_at_most_one_epoch(tmp_path):
    path, settings = write_waves(tmp_path / "w.npz"), Settings(**SHORT)
    data = load_user_data(path, settings)
    whole = train_user_network(data, settings, tmp_path / "whole")
    told = []

    def stop(stage, done, most, text):
        told.append((stage, done))
        if told[-1] == ("delta", 1):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_user_network(data, settings, tmp_path / "part", stop)
    told.clear()
    again = train_user_network(
        data, settings, tmp_path / "part", lambda stage, done, *rest: told.append((stage, done))
    )
    assert told == [("delta", 2), ("quantised", 1), ("quantised", 2)]
    assert again.network.layers == whole.network.layers


def test_a_stage_ends_when_validation_no_longer_improves(tmp_path):
    settings = Settings(**SHORT | {"plain": 60, "patience": 2, "rate": 0.3})
    data = load_user_data(write_waves(tmp_path / "w.npz"), settings)
    told = []
    train_user_network(data, settings, tmp_path, lambda stage, *rest: told.append(stage))
    assert told.count("plain") < 60


def test_checkpoints_are_of_these_data_and_settings(tmp_path):
    data = load_user_data(write_waves(tmp_path / "w.npz"), Settings())
    other = load_user_data(write_waves(tmp_path / "v.npz", seed=2), Settings())
    folders = {
        training_folder(tmp_path, data, Settings()),
        training_folder(tmp_path, other, Settings()),
        training_folder(tmp_path, data, Settings(units=9)),
    }
    assert len(folders) == 3
    assert training_folder(tmp_path, data, Settings(name="x")) in folders


def test_parts_are_corpora_of_integers(tmp_path):
    data = load_user_data(write_waves(tmp_path / "w.npz"), Settings())
    task = OwnData(data, Settings())
    items = task.items("validation")
    assert len(items) == len(data.parts["validation"])
    for item, place in zip(items, data.parts["validation"], strict=True):
        np.testing.assert_array_equal(item.x * 2.0**data.frac, data.sequences[place])
    known = task.digest
    for split in task.corpora:
        other = OwnData(data, Settings())
        other.corpora[split].labels[0] += 1
        assert other.digest != known
    assert OwnData(data, Settings()).digest == known
