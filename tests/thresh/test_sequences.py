"""Shapes at the front door: arrays, lists and files in, the same shapes out."""

from dataclasses import replace

import numpy as np
import pytest
from cli_cases import small_network, write_tone
from door_cases import X, deciding, measuring

from thresh.data.inputs import load_inputs
from thresh.model.input_scaling import InputScaling
from thresh.network import Network
from thresh.sequences import read
from thresh.sim.golden_runs import run_golden


def wanted(net, x):
    """Outputs of the golden model one level down."""
    frac = net.integers.layers[0].x_frac
    x = np.clip(np.floor(x * 2.0**frac + 0.5), -(2**15), 2**15 - 1).astype(int)
    return golden_outputs(net, x)


def golden_outputs(net, x):
    """Real outputs of the golden model of integers ``x``."""
    (run,) = run_golden(net.integers, [x])
    return run.outputs / 2.0**net.integers.output_frac


def test_outputs_have_the_shape_of_the_inputs():
    net = deciding()
    assert np.array_equal(net.predict(X[0]), wanted(net, X[0]))
    batch = net.predict(X)
    assert batch.shape == (12, 15, 4)
    assert np.array_equal(batch[7], wanted(net, X[7]))
    some = net.predict([X[0], X[1][:4]])
    assert [part.shape for part in some] == [(15, 4), (4, 4)]
    assert np.array_equal(some[1], wanted(net, X[1][:4]))
    assert np.array_equal(net.predict(X[0].tolist()), net.predict(X[0]))


def test_numbers_are_real_whatever_their_type():
    net = deciding()
    ones = np.ones((3, 3), int)
    assert np.array_equal(net.predict(ones), net.predict(ones.astype(np.float32)))
    batch = net.read(ones)
    assert batch.integers[0][0, 0] == 2 ** net.integers.layers[0].x_frac


def test_numbers_beyond_the_format_are_clipped_and_said():
    net = deciding()
    form = net.integers.input_format
    with pytest.warns(UserWarning, match=rf"x: 2 of 6 inputs lie beyond {form} and are clipped"):
        clipped = net.read([[1e3, 0, 0], [0, -1e3, 0]])
    assert (clipped.integers[0].max(), clipped.integers[0].min()) == (form.highest, form.lowest)


@pytest.mark.parametrize("value", [1e300, 1.7e308, -1e300])
def test_numbers_beyond_every_format_are_clipped_and_said_once(value, tmp_path):
    scaling = InputScaling(offsets=(0.5,) * 3, scales=(1e20,) * 3)
    scaled = Network(replace(deciding().integers, scaling=scaling))
    np.save(tmp_path / "x.npy", np.full((1, 2, 3), value))
    for net in (deciding(), scaled):
        form = net.integers.input_format
        for x in (np.full((2, 3), value), tmp_path / "x.npy"):
            with pytest.warns(UserWarning, match=": 6 of 6 inputs lie beyond Q.* and are") as said:
                found = net.predict(x)
            assert [warning.filename for warning in said] == [__file__]
            end = form.highest if value > 0 else form.lowest
            assert np.array_equal(np.squeeze(found), golden_outputs(net, np.full((2, 3), end)))


def test_of_many_sequences_that_clip_the_first_are_named_and_the_rest_counted():
    x = np.full((9, 1, 3), 1e3)
    with pytest.warns(UserWarning, match="inputs|more") as said:
        deciding().predict(x)
    texts = [str(warning.message) for warning in said]
    assert [text.partition(":")[0] for text in texts[:3]] == ["x[0]", "x[1]", "x[2]"]
    assert texts[3:] == ["6 more sequences were converted or clipped on the way in"]


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (np.zeros((4, 2)), r"x must have shape \(steps, 3\), not \(4, 2\)"),
        (np.zeros((2, 4, 2)), r"x\[0\] must have shape \(steps, 3\), not \(4, 2\)"),
        (np.zeros(3), r"\(batch, steps, 3\), or be a list of sequences .* not \(3,\)"),
        (np.zeros((0, 3)), r"x must have shape \(steps, 3\), not \(0, 3\)"),
        ([np.zeros((2, 3)), np.zeros((2, 4))], r"x\[1\] must have shape \(steps, 3\), not"),
        (np.full((2, 3), np.nan), "x must be finite, but it holds nan"),
        (np.full((2, 3), "a"), "x must hold real numbers, not <U1"),
        (np.full((2, 3), 1j), "x must hold real numbers, not complex128"),
        ([[1.0, 2.0], [3.0]], "x is no array of numbers"),
    ],
)
def test_other_inputs_are_refused(x, text):
    with pytest.raises(ValueError, match=text):
        deciding().predict(x)


def test_files_are_read_as_the_commands_read_them(tmp_path):
    net = deciding()
    np.savez(tmp_path / "x.npz", x=X, labels=np.array(["a"] * 12))
    batch = net.read(tmp_path / "x.npz")
    assert [item.label for item in batch.inputs] == ["a"] * 12
    assert np.array_equal(net.predict(str(tmp_path / "x.npz"))[3], net.predict(X[3]))
    audio = small_network(audio=True)
    clip = write_tone(tmp_path / "zero.wav")
    one = read(clip, audio)
    assert (one.form, one.inputs[0].label) == ("one", "zero")
    again = read(load_inputs(clip, audio), audio)
    assert again.form == "list"
    assert np.array_equal(again.integers[0], one.integers[0])


@pytest.mark.parametrize("y", [[2, 0], ["c", "a"], np.array([2, 0])])
def test_labels_come_as_numbers_or_names(y):
    batch = deciding().read(X[:2], y)
    assert [item.label for item in batch.inputs] == ["c", "a"]


@pytest.mark.parametrize("y", [1, "b", [1], ["b"]])
def test_one_sequence_has_one_label(y):
    assert deciding().read(X[0], y).inputs[0].label == "b"


def test_a_path_of_labels_comes_as_numbers_or_text():
    network = replace(deciding().integers, decision="ctc")
    for y in ("ab", [0, 1], np.array([0, 1])):
        assert read(X[0], network, y).inputs[0].label == "ab"
    named = replace(network, classes=("one", "two", "three", "-"))
    assert read(X[:1], named, [[0, 1]]).inputs[0].label == "one two"


def test_paths_of_labels_have_lengths_of_their_own():
    network = replace(deciding().integers, decision="ctc")
    x = [X[0], X[1][:9], X[2][:4]]
    for y in ([[0, 1], [2], []], [np.array([0, 1]), np.array([2]), ()], iter(["ab", [2], ""])):
        assert [item.label for item in read(x, network, y).inputs] == ["ab", "c", ""]
    assert read(X[0], network, []).inputs[0].label == ""
    with pytest.raises(ValueError, match=r"y of x\[1\] is no list of class numbers"):
        read(x, network, [[0, 1], [[1], [2, 3]], []])
    with pytest.raises(ValueError, match=r"y of x must be a list of class numbers .* \(2, 1\)"):
        read(X[0], network, [[1], [2]])
    with pytest.raises(ValueError, match=r"y of x is no list of class numbers"):
        read(X[0], network, [[1, 2], [3]])


@pytest.mark.parametrize("decision", ["last", "mean"])
def test_a_path_of_labels_is_no_class(decision):
    network = replace(deciding().integers, decision=decision)
    with pytest.raises(ValueError, match=r"y of x\[0\] must be a class number or a name, as the"):
        read(X[:2], network, [[1, 2], [3]])
    assert [item.label for item in read([X[0], X[1][:4]], network, [1, "c"]).inputs] == ["b", "c"]


def test_targets_of_every_step_are_as_long_as_their_sequence():
    for net in (measuring(), Network(replace(deciding().integers, decision="none"))):
        outputs = net.integers.outputs
        x, y = [X[0][:5], X[1][:7]], [np.zeros((5, outputs)), np.ones((7, outputs))]
        for given in (y, [part.tolist() for part in y], tuple(y)):
            targets = [item.target for item in net.read(x, given).inputs]
            assert [part.shape for part in targets] == [(5, outputs), (7, outputs)]
        assert net.score(x, net.predict(x)) == pytest.approx(1)
        with pytest.raises(
            ValueError, match=rf"y of x\[1\] must have shape .* not \(5, {outputs}\)"
        ):
            net.read(x, [y[0], y[0]])


def test_targets_of_one_output_may_lack_the_last_axis_at_any_length():
    batch = measuring().read([X[0][:5], X[1][:7]], [[0.0] * 5, [1.0] * 7])
    assert [item.target.shape for item in batch.inputs] == [(5, 1), (7, 1)]


def test_targets_are_of_the_last_step_or_of_every_step():
    net = measuring()
    for y, shape in (
        (np.zeros(12), (1,)), (np.zeros((12, 1)), (1,)), (np.zeros((12, 15)), (15, 1)),
        (np.zeros((12, 15, 1)), (15, 1)),
    ):  # fmt: skip
        assert net.read(X, y).inputs[0].target.shape == shape
    assert net.read(X[0], 0.5).inputs[0].target.shape == (1,)
    assert net.read(X[0], np.zeros((15, 1))).inputs[0].target.shape == (15, 1)


@pytest.mark.parametrize(
    ("y", "text"),
    [
        ([0, 1, 2], "y must say 12 sequences, not 3"),
        ([4] * 12, r"y of x\[0\] is 4, but there are 4 classes"),
        ([0.5] * 12, "must be a class number or a name, as the network decides 'mean', not float"),
        (np.eye(12), r"must be a class number .* of shape \(12,\)"),
        (["a"] * 11 + ["foo"], r"y of x\[11\] is 'foo', but the classes are a, b, c, d"),
        (0, "y must have one entry for each of 12 sequences, not 0"),
        (np.array(3), r"y must have one entry for each of 12 sequences, not array\(3\)"),
        ("abcdabcdabcd", "y must have one entry for each of 12 sequences, not 'abcdabcdabcd'"),
    ],
)
def test_labels_that_fit_no_class_are_refused(y, text):
    with pytest.raises(ValueError, match=text):
        deciding().read(X, y)


def test_classes_for_a_network_that_decides_nothing_are_refused():
    network = replace(deciding().integers, decision="none")
    with pytest.raises(ValueError, match=r"y of x\[0\] is 1, a class, but the network decides no"):
        read(X, network, [1] * 12)
    with pytest.raises(ValueError, match=r"must have shape \(4,\) for the last step or \(15, 4\)"):
        read(X, network, np.zeros((12, 3)))
