"""Files of numbers: one reader for every command, whatever the file's layout."""

from dataclasses import replace

import numpy as np
import pytest
from cli_cases import small_network

from thresh.data.arrays import load_arrays
from thresh.data.inputs import load_inputs, real_sequences

X = np.arange(2 * 4 * 5, dtype=float).reshape(2, 4, 5) / 8
LENGTHS = np.array([2, 4])


def save(path, **arrays):
    np.savez(path, **arrays)
    return path


@pytest.mark.parametrize("labels", [np.array([0, 1]), np.array(["a", "b"]), np.zeros((2, 3)), None])
@pytest.mark.parametrize("joined", [False, True])
def test_lengths_are_honoured_with_and_without_labels(tmp_path, labels, joined):
    x = np.concatenate((X[0, :2], X[1])) if joined else X
    more = {} if labels is None else {"labels": labels}
    path = save(tmp_path / "x.npz", x=x, lengths=LENGTHS, **more)
    found = real_sequences(path, 5)
    np.testing.assert_array_equal(found[0], X[0, :2])
    np.testing.assert_array_equal(found[1], X[1])
    inputs = load_inputs(path, small_network())
    assert [item.name for item in inputs] == ["x[0]", "x[1]"]
    np.testing.assert_array_equal(inputs[0].x, np.round(found[0] * 4096))


def test_lines_may_end_as_on_old_machines(tmp_path):
    (tmp_path / "x.csv").write_bytes(b"1,2,3,4,5\r6,7,8,9,10\r")
    (found,) = real_sequences(tmp_path / "x.csv", 5)
    assert found.tolist() == [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]]


@pytest.mark.parametrize("head", ["", "a,b,c,d,e\n", "\ufeff"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_table_is_one_sequence(tmp_path, head, mark):
    lines = [mark.join(str(value) for value in row) for row in X[0]]
    path = tmp_path / "x.CSV"
    path.write_text(head.replace(",", mark) + "\n".join(lines) + "\n\n", encoding="utf-8")
    (found,) = real_sequences(path, 5)
    np.testing.assert_array_equal(found, X[0])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1,2,3,4,5\n1,2,3,4\n", "5 numbers on every line between ',', not '1,2,3,4' as frame 1"),
        ("1,2,3,4,5\n1,2,x,4,5\n", "not '1,2,x,4,5' as frame 1"),
        ("9" * 200_000, "is not a table: field larger than"),
        ("1,2,3\n", r"must have shape \(frames, 5\)"),
        ("1,2,3,4,nan\n", "not finite"),
        ("", "holds no sequences"),
        ("a,b\n", "holds no sequences"),
    ],
)
def test_tables_that_are_none_are_refused(tmp_path, text, sentence):
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(ValueError, match=sentence):
        load_arrays(tmp_path / "x.csv", 5)


def test_sequences_of_unequal_length_in_one_array_are_told_how(tmp_path):
    ragged = np.empty(2, object)
    ragged[:] = [X[0], X[1, :2]]
    np.savez(tmp_path / "x.npz", x=ragged)
    with pytest.raises(ValueError, match="save one array of all frames and an array 'lengths'"):
        real_sequences(tmp_path / "x.npz", 5)


def test_other_files_are_no_recordings(tmp_path):
    (tmp_path / "x.txt").write_text("1")
    with pytest.raises(ValueError, match=r"x\.txt must be a \.npy, \.npz or \.csv"):
        real_sequences(tmp_path / "x.txt", 5)
    with pytest.raises(FileNotFoundError):
        real_sequences(tmp_path / "none.npy", 5)


@pytest.mark.parametrize("labels", [np.array(list("13")), np.array(["0", "nine"])])
def test_labels_that_are_no_class_are_refused(tmp_path, labels):
    path = save(tmp_path / "x.npz", x=X, labels=labels)
    with pytest.raises(ValueError, match=r"none of the \d classes of small \(.*with --classes"):
        load_inputs(path, replace(small_network(), decision="last"))
    assert len(load_inputs(path, small_network())) == 2
