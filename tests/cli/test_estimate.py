"""`thresh estimate`."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from cli_cases import answer, refusal, small_network, write_tone
from hearing.networks import hearing_network

from thresh.cli.main import run
from thresh.model.model_file import ACTIVITY_NOTE, load_network, save_network
from thresh.performance.activity import Activity

DIGITS = "examples/digits-gru128.safetensors"


@pytest.fixture
def model(tmp_path):
    """A model file."""
    save_network(small_network(), tmp_path / "m.safetensors")
    return tmp_path / "m.safetensors"


def test_says_what_is_needed_and_what_there_is(capsys, model):
    data = answer(capsys, "estimate", model, "icebreaker")
    assert data["fits"] is True
    assert data["needs"]["weight memory"]["needed"] <= data["needs"]["weight memory"]["available"]
    assert data["needs"]["SPRAM"] == {"needed": 4, "available": 4, "unit": "blocks"}


def test_a_network_that_does_not_fit_gives_advice_and_status_1(capsys, tmp_path):
    save_network(small_network(units=400), tmp_path / "m.safetensors")
    assert run(["estimate", str(tmp_path / "m.safetensors"), "icebreaker", "--json"]) == 1
    captured = capsys.readouterr()
    data = json.loads(captured.out)
    assert data["fits"] is False
    assert captured.err == f"thresh: {data['advice']}\n"
    assert "fewer units" in data["advice"]


def test_more_lanes_than_multipliers_do_not_fit(capsys, model):
    assert run(["estimate", str(model), "ulx3s-12f", "--lanes", "128"]) == 1
    assert "NO" in capsys.readouterr().out


def test_an_unknown_board_is_refused(capsys, model):
    assert "must be one of icebreaker" in refusal(capsys, "estimate", model, "arty")


def test_a_frame_costs_less_than_the_worst_case(capsys, model):
    data = answer(capsys, "estimate", model, "icebreaker", "--activity", "0.1")
    assert data["cycles"]["mean"] < data["cycles"]["worst"]
    assert run(["estimate", str(model), "icebreaker", "--activity", "0.1"]) == 0
    assert "frames per second" in capsys.readouterr().out


def test_the_mean_is_that_of_the_clips(capsys, tmp_path):
    save_network(small_network(audio=True), tmp_path / "m.safetensors")
    clip = write_tone(tmp_path / "zero.wav")
    data = answer(capsys, "estimate", tmp_path / "m.safetensors", "icebreaker", "--input", clip)
    assert data["cycles"]["source"] == "zero.wav"
    assert data["cycles"]["ideal"] < data["cycles"]["mean"] <= data["cycles"]["worst"]
    assert data["real_time_factor"]["mean"] > 1


def test_the_activity_kept_in_the_model_is_used(capsys, tmp_path):
    activity = Activity(source="a folder", steps=(((3, 1), (0, 3)),))
    network = replace(small_network(), notes={ACTIVITY_NOTE: activity.to_note()})
    save_network(network, tmp_path / "m.safetensors")
    data = answer(capsys, "estimate", tmp_path / "m.safetensors", "icebreaker")
    assert data["cycles"]["source"] == "a folder"


def test_measured_activity_is_kept_in_the_model(capsys, tmp_path):
    path = tmp_path / "m.safetensors"
    save_network(small_network(audio=True), path)
    clip = write_tone(tmp_path / "zero.wav")
    measured = answer(capsys, "estimate", path, "icebreaker", "--input", clip, "--keep")
    kept = answer(capsys, "estimate", path, "icebreaker")
    assert kept["cycles"]["mean"] == pytest.approx(measured["cycles"]["mean"], rel=0.01)
    assert kept["cycles"]["source"] == "zero.wav"
    assert load_network(path).layers == small_network(audio=True).layers


def test_nothing_is_kept_that_was_not_measured(capsys, model):
    assert "needs an --input" in refusal(capsys, "estimate", model, "icebreaker", "--keep")


def test_words_about_an_input_that_is_not_there_are_refused(capsys, model):
    text = refusal(capsys, "estimate", model, "icebreaker", "--split", "test", "--raw-inputs")
    assert text == "Only with an --input to measure: --split, --raw-inputs."


def test_two_sources_of_activity_are_refused(capsys, model):
    words = ("estimate", model, "icebreaker", "--activity", "0.1", "--input", model)
    assert "not both" in refusal(capsys, *words)


def test_nothing_is_built(capsys, monkeypatch, tmp_path):
    def start(*_words, **_options):
        raise AssertionError("a program was started")

    path = Path(DIGITS).resolve()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(subprocess, "Popen", start)
    assert answer(capsys, "estimate", path, "icebreaker")["cycles"]["worst"]
    assert not list(tmp_path.iterdir())


def test_the_committed_times_are_less_than_a_second():
    rows = json.loads(Path("docs/results/estimate-time.json").read_text())
    assert max(row["estimate_ms"] for row in rows) < 1000


def test_a_device_is_estimated_with_what_its_parts_draw(capsys, tmp_path):
    save_network(hearing_network(microphone={}), tmp_path / "m.safetensors")
    words = ["estimate", tmp_path / "m.safetensors", "icebreaker", "--device", "i2s"]
    data = answer(capsys, *words)
    assert (data["device"], data["rate"], data["fits"]) == ("i2s", 7812.5, True)
    assert 0.2 < data["core_ma"]["total"] < 0.6
    assert data["core_ma"]["total"] == pytest.approx(
        sum(drawn for name, drawn in data["core_ma"].items() if name != "total")
    )
    assert set(data["others_ma"]) == {"I/O", "light, loaded", "flash", "microphone"}
    assert "not measured" in data["note"]
    assert run([str(word) for word in words]) == 0
    assert "an estimate" in capsys.readouterr().out
    assert "choose none" in refusal(capsys, *words, "--lanes", "8")
