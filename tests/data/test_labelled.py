"""Labelled sequences: the layouts that are read, and one sentence for each that is not."""

from itertools import chain

import numpy as np
import pytest

from thresh.data.labelled import (
    class_folders,
    is_labelled,
    labelled_arrays,
    split_by_seed,
)

X = np.arange(2 * 4 * 3, dtype=float).reshape(2, 4, 3)
LABELS = np.array([0, 1])


def test_padded_and_joined_sequences_are_the_same():
    lengths = np.array([2, 4])
    padded = labelled_arrays({"x": X, "labels": LABELS, "lengths": lengths}, "a.npz")
    joined = {"x": np.concatenate((X[0, :2], X[1])), "labels": LABELS, "lengths": lengths}
    for one, other in zip(
        padded.sequences, labelled_arrays(joined, "a.npz").sequences, strict=True
    ):
        np.testing.assert_array_equal(one, other)
    assert padded.digest == labelled_arrays(joined, "a.npz").digest


def test_labels_have_names_by_file_by_network_or_by_number():
    data = {"x": X, "labels": LABELS}
    assert labelled_arrays(data, "a").names() == ["0", "1"]
    assert labelled_arrays(data, "a").names(("no", "yes")) == ["no", "yes"]
    named = labelled_arrays(data | {"classes": np.array(["off", "on"])}, "a")
    assert named.names(("no", "yes")) == ["off", "on"]
    assert labelled_arrays({"x": X, "labels": np.array(["a", "b"])}, "a").names() == ["a", "b"]


def test_floats_are_outputs_wanted_of_the_last_step_or_of_all():
    last = labelled_arrays({"x": X, "labels": np.zeros((2, 5))}, "a")
    assert [target.shape for target in last.targets] == [(5,), (5,)]
    every = labelled_arrays(
        {"x": X, "labels": np.zeros((2, 4, 5)), "lengths": np.array([1, 4])}, "a"
    )
    assert [target.shape for target in every.targets] == [(1, 5), (4, 5)]
    assert every.names() == []


def test_arrays_without_labels_are_not_meant_as_labelled():
    assert not is_labelled({"x": X})
    assert is_labelled({"x": X, "labels": LABELS})


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"labels": None}, "a.npz lacks the array 'labels': it must hold x and labels"),
        ({"x": X[0]}, "needs the array 'lengths'"),
        ({"x": X[0, 0]}, r"or \(all frames, inputs\), not \(3,\)"),
        ({"x": X[:, :, :0]}, r"not \(2, 4, 0\)"),
        ({"x": X.astype(str)}, "x of a.npz must hold integers or floats"),
        ({"x": np.where(X == 13, np.nan, X)}, "Sequence 1 of a.npz holds values that are not fin"),
        ({"labels": LABELS[:1]}, "2 sequences but 1 labels"),
        ({"labels": LABELS - 1}, "labels of a.npz must be 0 or more, not -1"),
        ({"labels": LABELS[None]}, r"of shape \(1, 2\)"),
        ({"labels": np.zeros(2)}, "as floats must have shape"),
        ({"labels": np.full((2, 5), np.inf)}, "labels of a.npz holds values that are not finite"),
        ({"lengths": np.array([4, 5])}, "must be 2 numbers up to 4"),
        ({"lengths": np.array([0, 4])}, "must be at least 1, not 0"),
        ({"lengths": np.array([4.0, 4.0])}, "must be integers of shape"),
        ({"x": X[0], "lengths": np.array([2, 3])}, "add up to 5, but x has 4 frames"),
        ({"labels": LABELS + 1, "classes": np.array(["a", "b"])}, "holds 2, but there are 2 cl"),
    ],
)
def test_other_layouts_are_refused_in_one_sentence(change, text):
    arrays = {"x": X, "labels": LABELS} | change
    with pytest.raises(ValueError, match=text):
        labelled_arrays({key: value for key, value in arrays.items() if value is not None}, "a.npz")


def test_every_class_is_shared_out_alike_and_by_the_seed():
    labels = ["a"] * 10 + ["b"] * 20
    parts = split_by_seed(labels, seed=1, validation=0.2, test=0.1)
    assert sorted(chain(*parts.values())) == list(range(30))
    assert [sum(place < 10 for place in parts[name]) for name in parts] == [7, 2, 1]
    assert [len(parts[name]) for name in parts] == [21, 6, 3]
    assert parts == split_by_seed(labels, seed=1, validation=0.2, test=0.1)
    assert parts != split_by_seed(labels, seed=2, validation=0.2, test=0.1)
    assert split_by_seed(labels, seed=1, validation=0.2, test=0)["test"] == []


def test_a_class_with_too_few_sequences_is_refused():
    with pytest.raises(ValueError, match="Class b has 2 of the at least 3 sequences"):
        split_by_seed(["a"] * 9 + ["b"] * 2, seed=1, validation=0.2, test=0.2)
    with pytest.raises(ValueError, match="use smaller shares"):
        split_by_seed(["a"] * 4, seed=1, validation=0.5, test=0.5)


def test_folders_of_clips_are_classes_unless_clips_lie_beside_them(tmp_path):
    for name in ("no/1.wav", "yes/1.wav", "yes/0.wav", "notes/readme.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = class_folders(tmp_path)
    assert [(clip.name, label) for clip, label in found] == [
        ("1.wav", "no"), ("0.wav", "yes"), ("1.wav", "yes"),
    ]  # fmt: skip
    (tmp_path / "7_x_0.wav").touch()
    assert class_folders(tmp_path) == []
