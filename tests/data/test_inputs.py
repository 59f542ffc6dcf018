"""Inputs of a network from files."""

import numpy as np
import pytest
from cli_cases import small_network, write_tone

from thresh.data.inputs import (
    TAKES,
    NoSplit,
    label_of,
    load_inputs,
    spread,
    validation_split,
)


def test_floats_are_quantised_and_batches_are_taken_apart(tmp_path):
    np.savez(tmp_path / "x.npz", a=np.full((2, 3, 5), 0.5), b=np.full((4, 5), -1.0))
    found = load_inputs(tmp_path / "x.npz", small_network())
    assert [(item.name, item.x.shape, item.x[0, 0]) for item in found] == [
        ("a[0]", (3, 5), 2048), ("a[1]", (3, 5), 2048), ("b", (4, 5), -4096),
    ]  # fmt: skip


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


def test_splits_of_takes_are_disjoint_and_cover_the_set():
    takes = [take for split in TAKES.values() for take in split]
    assert sorted(takes) == list(range(1000))
    assert list(TAKES["test"]) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("split", TAKES)
def test_one_recording_is_in_no_split(tmp_path, split):
    network, clip = small_network(audio=True), write_tone(tmp_path / "1_x_5.wav")
    assert len(load_inputs(clip, network)) == 1
    with pytest.raises(NoSplit, match=f"1_x_5.wav is one recording and has no {split} split: use"):
        load_inputs(clip, network, split=split)
    assert validation_split(clip, network) == "all"


def test_takes_5_to_7_of_a_folder_are_its_validation_split(tmp_path):
    network = small_network(audio=True)
    for take in (0, 4, 5, 7, 8, 49):
        write_tone(tmp_path / f"1_x_{take}.wav")
    assert validation_split(tmp_path, network) == "validation"
    names = [item.name for item in load_inputs(tmp_path, network, split="validation")]
    assert names == ["1_x_5.wav", "1_x_7.wav"]
    (tmp_path / "1_x_5.wav").unlink()
    (tmp_path / "1_x_7.wav").unlink()
    assert validation_split(tmp_path, network) == "all"
