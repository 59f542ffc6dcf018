"""Networks at the front door: quantised, measured, tuned, saved."""

import json
from dataclasses import replace

import numpy as np
import pytest
from cli_cases import small_network
from door_cases import X, deciding, labels, measuring
from import_cases import float_network
from labelled_cases import write_waves

import thresh
from thresh.data.inputs import load_inputs
from thresh.importers.plain import write_plain
from thresh.model.float_run import run_float
from thresh.sim.golden import GoldenModel
from thresh.training.user.settings import Settings


def test_a_float_network_predicts_in_floats():
    floats = float_network("gru", "linear", sizes=[3, 8, 4])
    net = thresh.convert(floats)
    assert np.array_equal(net.predict(X), run_float(floats, X).outputs)
    assert [part.shape for part in net.predict([X[0], X[1][:2]])] == [(15, 4), (2, 4)]
    assert "not run: nothing here can run it" in repr(net)


def test_quantising_says_what_every_step_lost():
    net = deciding()
    steps = net.quantisation.to_dict()["steps"]
    assert [step["step"] for step in steps] == ["float", "quantised", "delta"]
    assert 0 < steps[1]["share"] < steps[2]["share"] < 0.07
    assert net.thresholds[0] > 0
    assert (net.name, net.decision, net.classes) == ("small", "mean", ("a", "b", "c", "d"))


def test_narrow_weights_lose_more():
    floats = thresh.convert(float_network("gru", "linear", sizes=[3, 8, 4]))
    shares = [floats.quantise(X, deviation=0).quantisation.to_dict()["steps"][1]]
    with pytest.warns(UserWarning, match="of its size to 4 bits|move the outputs by"):
        narrow = floats.quantise(X, weight_bits=4, deviation=0)
    shares.append(narrow.quantisation.to_dict()["steps"][1])
    assert shares[1]["share"] > 4 * shares[0]["share"]
    assert floats.quantise(X, deviation=0).thresholds == [0.0, 0.0]


def test_quantising_takes_files_and_is_told_how_far_it_is(tmp_path):
    floats = thresh.convert(float_network("gru", "linear", sizes=[3, 8, 4]))
    np.savez(tmp_path / "x.npz", x=X, labels=np.zeros(12, int))
    told = []
    net = floats.quantise(tmp_path / "x.npz", progress=lambda *said: told.append(said))
    assert net.integers.layers == floats.quantise(X).integers.layers
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1] > 4


def test_the_score_is_the_share_decided_rightly():
    net = deciding()
    found = net.evaluate(X, labels())
    assert net.score(X, labels()) == found.accuracy == pytest.approx(10 / 12)
    assert found.error == pytest.approx(100 * 2 / 12)
    data = found.to_dict()
    assert data["utterances"][5]["heard"] == net.decide(X)[5] == net.decide(X[5])
    assert data["reduction"] == data["weight_fetches_dense"] / data["weight_fetches"]
    assert "misheard" in str(found)


def test_the_best_classes_are_shown_with_their_scores():
    data = deciding().evaluate(X[0], top=2).to_dict()
    assert len(data["top"]) == 2
    assert data["top"] == data["utterances"][0]["top"]
    assert data["top"][0]["score"] >= data["top"][1]["score"]
    assert data["heard"] == data["top"][0]["class"]


def test_without_a_decision_the_score_is_r_squared():
    net = measuring()
    y = net.predict(X)
    assert net.score(X, y) == 1
    shifted = y + 0.5 * y.std()
    assert net.score(X, shifted) == pytest.approx(0.75, abs=1e-9)
    assert net.score(X, np.roll(y, 1, axis=0)) < 0.5
    with pytest.raises(ValueError, match="There is no y to compare the outputs with"):
        net.score(X)


def test_a_label_error_rate_counts_every_label():
    net = thresh.Network(replace(deciding().integers, decision="ctc"))
    heard = net.decide(X)
    assert net.score(X, heard) == 1
    assert net.score(X, [text + "a" for text in heard]) < 1


def test_the_trace_is_every_integer_of_the_golden_model():
    net = deciding()
    traced = net.trace(X[0])
    model = GoldenModel(net.integers)
    for now, x in enumerate(traced.x):
        outputs = model.step(x[None])
        assert np.array_equal(traced.outputs[now], outputs[0])
        assert np.array_equal(traced.reference_x[now], model.reference_x[0])
        for layer, state in zip(traced.layers, model.layers, strict=True):
            for name, other in (("h", "h"), ("m", "m"), ("reference", "reference_h"),
                                ("delta", "delta_h"), ("s", "s")):  # fmt: skip
                assert np.array_equal(getattr(layer, name)[now], getattr(state, other)[0])
    assert np.array_equal(np.cumsum(traced.delta_x, axis=0), traced.reference_x)
    assert traced.layers[0].skipped.dtype == bool
    real = traced.outputs / 2.0**traced.output_frac
    assert np.array_equal(real, net.predict(X[0]))


def test_traces_have_the_shape_of_the_inputs():
    net = deciding()
    batch = net.trace(X)
    assert batch.layers[0].m.shape == (12, 15, 4, 8)
    assert np.array_equal(batch.layers[0].m[3], net.trace(X[3]).layers[0].m)
    several = net.trace([X[0], X[1][:3]])
    assert [len(one.outputs) for one in several] == [15, 3]
    assert json.loads(json.dumps(several[1].to_dict()))["layers"][1]["kind"] == "linear"


def test_tuning_chooses_the_cheapest_thresholds_within_the_loss():
    net = deciding()
    tuned = net.tune(X, labels(), max_loss=10, levels=3, rounds=1, boards=["icebreaker"])
    found = tuned.exploration.to_dict()
    assert found["chosen"]["loss"] <= 10
    assert tuned.thresholds == [found["chosen"]["threshold_x"], *found["chosen"]["threshold_h"]]
    golden = tuned.evaluate(X, labels())
    assert golden.error == pytest.approx(found["chosen"]["error"])
    assert golden.work.reduction == pytest.approx(found["chosen"]["reduction"])
    cheapest = min(
        p["fetches_per_frame"] for p in tuned.exploration.points if p["loss"] <= 10 + 1e-9
    )
    assert found["chosen"]["fetches_per_frame"] == cheapest
    assert tuned.integers.notes["explore"]["max_loss"] == 10
    assert tuned.quantisation is net.quantisation
    assert "Pareto front" in tuned.exploration._repr_html_()
    assert "<circle" in tuned.exploration.to_html()


def test_a_search_without_a_loss_only_shows_the_front():
    found = deciding().explore(X, labels(), levels=3, rounds=0, boards=[])
    assert found.to_dict()["chosen"] is None
    with pytest.raises(ValueError, match="Nothing was chosen"):
        found.tuned()


def test_a_search_goes_on_where_it_stopped(tmp_path, monkeypatch):
    options = {"levels": 3, "rounds": 0, "boards": []}
    first = deciding().explore(X, labels(), journal=tmp_path, **options)
    monkeypatch.setattr("thresh.tuning.spread.evaluate", None)
    assert deciding().explore(X, labels(), journal=tmp_path, **options).points == first.points


def test_no_thresholds_within_the_loss_are_refused():
    with pytest.raises(ValueError, match="lose at most -90"):
        deciding().tune(X, labels(), max_loss=-90, levels=3, rounds=0, boards=[])


def test_a_search_on_no_processes_is_refused():
    with pytest.raises(ValueError, match="processes must be 1 or more, not 0"):
        deciding().explore(X, labels(), levels=3, rounds=0, boards=[], processes=0)


def test_a_network_is_saved_and_opened_the_same(tmp_path):
    net = deciding()
    net.save(tmp_path / "net.safetensors")
    again = thresh.load(tmp_path / "net.safetensors")
    assert again.integers == net.integers
    assert again.compile(lanes=4).lanes == 4
    exported = net.export(tmp_path / "net.npz")
    assert exported.equal
    assert thresh.load(tmp_path / "net.npz").integers == net.integers
    with pytest.raises(ValueError, match=r"net.npz is no name for a model file"):
        net.save(tmp_path / "net.npz")


@pytest.mark.parametrize("suffix", [".npz", ".onnx", ".safetensors"])
def test_a_file_is_opened_however_its_name_is_written(tmp_path, suffix):
    if suffix == ".onnx":
        pytest.importorskip("onnx", reason="the extra [onnx] is not installed")
    deciding().export(tmp_path / f"net{suffix}")
    (tmp_path / f"net{suffix}").rename(tmp_path / f"NET{suffix.upper()}")
    assert thresh.load(tmp_path / f"NET{suffix.upper()}").integers == deciding().integers


def test_floats_and_integers_are_not_taken_for_each_other(tmp_path):
    write_plain(float_network("gru", "linear"), tmp_path / "floats.npz")
    with pytest.raises(ValueError, match=r"floats.npz holds a network in floats: .*thresh.convert"):
        thresh.load(tmp_path / "floats.npz")
    write_plain(small_network(), tmp_path / "integers.npz")
    with pytest.raises(ValueError, match=r"holds the integers of a network already: .*thresh.load"):
        thresh.convert(tmp_path / "integers.npz")
    with pytest.raises(
        ValueError, match="is a path, a torch module or program, a state dict or an ONNX"
    ):
        thresh.convert(7)
    floats = thresh.convert(tmp_path / "floats.npz")
    floats.save(tmp_path / "again.npz")
    assert thresh.convert(tmp_path / "again.npz").predict(X).tolist() == floats.predict(X).tolist()
    with pytest.raises(ValueError, match=r"again.safetensors would need integers"):
        floats.save(tmp_path / "again.safetensors")


def test_a_readout_moves_to_the_host_and_back():
    net = deciding()
    moved = net.with_readout("host")
    assert moved.integers.readout is not None
    assert moved.with_readout("accelerator").integers.readout is None
    with pytest.raises(ValueError, match="computed by the host or accelerator, not 'cloud'"):
        net.with_readout("cloud")


def test_training_gives_a_network_that_says_how_good_it_is(tmp_path, monkeypatch, torch):
    monkeypatch.chdir(tmp_path)
    write_waves(tmp_path / "waves.npz", count=60, frames=12)
    told = []
    settings = Settings(units=8, plain=2, delta=1, quantised=1)
    net = thresh.train("waves.npz", settings, progress=lambda *said: told.append(said))
    assert {stage for stage, *_ in told} == {"plain", "delta", "quantised"}
    data = net.training.to_dict()
    assert net.integers.notes["test_accuracy"] == round(data["stages"]["quantised"]["accuracy"], 4)
    inputs = load_inputs(tmp_path / "waves.npz", net.integers, split="test")
    assert net.score(inputs) == data["stages"]["quantised"]["accuracy"]
    assert "sequences of the test part right" in repr(net.training)
    with pytest.raises(ValueError, match="A training needs data"):
        thresh.train()


def test_measured_activity_is_kept(tmp_path):
    net = deciding()
    kept = net.with_activity(net.measure(X))
    kept.save(tmp_path / "net.safetensors")
    figures = thresh.load(tmp_path / "net.safetensors").estimate("icebreaker").figures
    assert figures.cycles.mean == pytest.approx(
        net.estimate("icebreaker", x=X).figures.cycles.mean, rel=0.02
    )
