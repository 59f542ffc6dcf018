"""`thresh golden` and the inputs it reads."""

import re
from dataclasses import replace

import numpy as np
import pytest
from cli_cases import answer, refusal, small_network, write_tone

from thresh.cli.main import run
from thresh.model.model_file import save_network


@pytest.fixture
def model(tmp_path):
    """A model file without a front end."""
    save_network(small_network(), tmp_path / "m.safetensors")
    return tmp_path / "m.safetensors"


@pytest.fixture
def hearing(tmp_path):
    """A model file with a front end."""
    save_network(small_network(audio=True), tmp_path / "a.safetensors")
    return tmp_path / "a.safetensors"


def test_counts_the_work_of_an_array(capsys, model, tmp_path):
    np.save(tmp_path / "x.npy", np.full((7, 5), 4000))
    data = answer(capsys, "golden", model, tmp_path / "x.npy")
    assert data["frames"] == 7
    assert data["weight_fetches_dense"] == 7 * small_network().weights
    assert data["reduction"] == data["weight_fetches_dense"] / data["weight_fetches"]
    assert "heard" not in data


@pytest.mark.parametrize(
    "words",
    [
        ("golden", "{model}", "{x}"),
        ("score", "{model}", "{x}"),
        ("estimate", "{model}", "icebreaker", "--input", "{x}"),
        ("verilog", "{model}", "--clip", "{x}", "-o", "{out}"),
        ("explore", "{model}", "{x}", "--processes", "1", "--levels", "3", "--rounds", "0",
         "--journal", "{out}"),
    ],
)  # fmt: skip
def test_every_command_says_what_clips(capsys, model, tmp_path, words):
    names = tuple("abcdefgh"[: small_network().outputs])
    save_network(replace(small_network(), classes=names, decision="mean"), model)
    x = np.zeros((1, 7, 5))
    x[0, 1:3, 0] = 1e300, -1e300
    np.savez(tmp_path / "x.npz", x=x, labels=np.array(["a"]))
    places = {"model": model, "x": tmp_path / "x.npz", "out": tmp_path / "out"}
    assert run([word.format(**places) for word in words]) == 0
    err = capsys.readouterr().err
    assert re.search(r"^note: .*: 2 of 35 inputs lie beyond Q3.12 and are clipped$", err, re.M)
    assert "Warning" not in err


def test_inputs_that_never_fire_have_no_reduction(capsys, model, tmp_path):
    network = small_network()
    quiet = tuple(replace(layer, bias=0 * layer.bias) for layer in network.layers)
    save_network(replace(network, layers=quiet), model)
    np.save(tmp_path / "x.npy", np.zeros((3, 5), int))
    data = answer(capsys, "golden", model, tmp_path / "x.npy")
    assert data["weight_fetches"] == 0
    assert data["reduction"] is None


def test_says_what_one_clip_is_heard_as(capsys, hearing, tmp_path):
    data = answer(capsys, "golden", hearing, write_tone(tmp_path / "tone.wav"))
    assert data["heard"] in ("zero", "one", "two")
    assert "accuracy" not in data


def test_scores_a_folder_of_labelled_clips(capsys, hearing, tmp_path):
    clips = tmp_path / "fsdd" / "recordings"
    clips.mkdir(parents=True)
    for digit in (0, 1, 2):
        for take in (4, 5):
            write_tone(clips / f"{digit}_someone_{take}.wav", hertz=300 + 500 * digit)
    data = answer(capsys, "golden", hearing, tmp_path / "fsdd")
    right = sum(item["heard"] == item["label"] for item in data["utterances"])
    assert data["accuracy"] == right / 6
    test = answer(capsys, "golden", hearing, tmp_path / "fsdd", "--split", "test")
    assert [item["input"] for item in test["utterances"]] == [
        f"{digit}_someone_4.wav" for digit in (0, 1, 2)
    ]


def test_prints_a_table_for_people(capsys, hearing, tmp_path):
    assert run(["golden", str(hearing), str(write_tone(tmp_path / "2_x.wav"))]) == 0
    captured = capsys.readouterr()
    assert "weight fetches dense" in captured.out
    assert captured.err == ""


def test_a_conversion_is_said(capsys, hearing, tmp_path):
    clip = write_tone(tmp_path / "tone.wav", rate=16000)
    assert run(["golden", str(hearing), str(clip), "--json"]) == 0
    assert "resampled from 16000 Hz to 8000 Hz" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (np.zeros((3, 4)), r"x must have shape (frames, 5) or (sequences, frames, 5), not (3, 4)"),
        (np.zeros((0, 5)), "not (0, 5)"),
        (np.full((3, 5), np.nan), "x holds values that are not finite"),
        (np.full((3, 5), "a"), "x must hold integers or floats"),
    ],
)
def test_arrays_that_are_no_input_are_refused(capsys, model, tmp_path, array, text):
    np.save(tmp_path / "x.npy", array)
    assert text in refusal(capsys, "golden", model, tmp_path / "x.npy")


def test_damaged_files_are_refused(capsys, model, hearing, tmp_path):
    (tmp_path / "x.npz").write_bytes(b"PK\x03\x04 and no more")
    assert "is not a whole NumPy file" in refusal(capsys, "golden", model, tmp_path / "x.npz")
    (tmp_path / "x.wav").write_bytes(b"RIFF")
    assert "x.wav" in refusal(capsys, "golden", hearing, tmp_path / "x.wav")
    (tmp_path / "empty").mkdir()
    assert "no audio files" in refusal(capsys, "golden", hearing, tmp_path / "empty")


def test_audio_without_a_front_end_is_refused(capsys, model, tmp_path):
    clip = write_tone(tmp_path / "tone.wav")
    assert "small has no front end" in refusal(capsys, "golden", model, clip)


def test_a_clip_shorter_than_a_frame_is_refused(capsys, hearing, tmp_path):
    clip = write_tone(tmp_path / "tone.wav", seconds=0.005)
    assert "a frame needs 60" in refusal(capsys, "golden", hearing, clip)
