"""`thresh golden` and the inputs it reads."""

from dataclasses import replace

import numpy as np
import pytest
from cli_cases import answer, refusal, small_network, write_tone

from thresh.cli.main import run
from thresh.data.inputs import label_of, load_inputs, spread
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


def test_floats_are_quantised_and_batches_are_taken_apart(tmp_path):
    np.savez(tmp_path / "x.npz", a=np.full((2, 3, 5), 0.5), b=np.full((4, 5), -1.0))
    found = load_inputs(tmp_path / "x.npz", small_network())
    assert [(item.name, item.x.shape, item.x[0, 0]) for item in found] == [
        ("a[0]", (3, 5), 2048), ("a[1]", (3, 5), 2048), ("b", (4, 5), -4096),
    ]  # fmt: skip


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


def test_integers_are_numbers_and_raw_only_when_said(tmp_path):
    integers = np.arange(-20, 20).reshape(8, 5)
    np.save(tmp_path / "integers.npy", integers)
    np.save(tmp_path / "floats.npy", integers.astype(float))
    network = small_network()
    (numbers,) = load_inputs(tmp_path / "integers.npy", network)
    (reals,) = load_inputs(tmp_path / "floats.npy", network)
    np.testing.assert_array_equal(numbers.x, reals.x)
    assert numbers.x[4, 1] == 4096
    (raw,) = load_inputs(tmp_path / "integers.npy", network, raw=True)
    np.testing.assert_array_equal(raw.x, integers)
    with pytest.raises(ValueError, match="floats holds floats, and raw inputs are integers in Q"):
        load_inputs(tmp_path / "floats.npy", network, raw=True)


def test_raw_integers_must_lie_in_the_format(tmp_path):
    np.save(tmp_path / "x.npy", np.full((3, 5), 40000))
    with pytest.raises(ValueError, match="x must lie in -32768 to 32767 for 16-bit values"):
        load_inputs(tmp_path / "x.npy", small_network(), raw=True)


def test_inputs_that_clip_are_said(tmp_path):
    np.save(tmp_path / "x.npy", np.array([[0, 7, 8, -8, -9]]))
    (item,) = load_inputs(tmp_path / "x.npy", small_network())
    assert item.note.startswith("x: 1 of 5 inputs lie beyond Q3.12 and are clipped (integers are")


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


def test_labels_come_by_name_or_by_number():
    classes = ("zero", "one", "two")
    assert [label_of(stem, classes) for stem in ("two", "1_x_3", "one_b", "3_x_0", "tone")] == [
        "two", "one", "one", None, None,
    ]  # fmt: skip


def test_a_limit_is_spread_evenly():
    assert spread(list(range(10)), 5) == [0, 2, 4, 6, 8]
    assert spread([1, 2], None) == spread([1, 2], 9) == [1, 2]
    with pytest.raises(ValueError, match="must be at least 1"):
        spread([1, 2], 0)
