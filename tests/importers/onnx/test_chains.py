"""Chains as exporters write them: maps in front, one output squeezed, layers of two axes."""

import numpy as np
import pytest

pytest.importorskip("onnx", reason="the extra [onnx] is not installed")

import onnx
from onnx import helper
from onnx_cases import constant, constants, model, node

from thresh.importers.imported import prove
from thresh.importers.onnx.network import import_onnx

VECTOR = np.array([0.5, -2.0, 3.0])
W = constant("w", np.random.default_rng(1).normal(size=(4, 1)))
WIDE = constant("v", np.random.default_rng(2).normal(size=(4, 5)))
ONE, LAST = constant("one", [1], np.int64), constant("last", [-1], np.int64)


def gru(source="X", target="y"):
    return [
        node("GRU", [source, "W", "R", "B"], ["Y1"], hidden_size=4, linear_before_reset=1),
        node("Squeeze", ["Y1", "one"], [target]),
    ]


def proven(nodes, *tensors, x=("T", "B", 3)):
    found = import_onnx(model([*nodes], [*constants("GRU", 3, 4), ONE, LAST, *tensors], x=x))
    assert prove(found).difference < 1e-5
    return found


@pytest.mark.parametrize("op", ["Sub", "Div", "Mul", "Add"])
@pytest.mark.parametrize("numbers", [VECTOR, np.array(2.5), VECTOR[None, None]])
def test_maps_in_front_are_taken_up_by_the_first_layer(op, numbers):
    found = proven([node(op, ["X", "n"], ["x"]), *gru("x", "Y")], constant("n", numbers))
    assert [layer.kind for layer in found.network.layers] == ["gru"]


def test_a_map_and_a_map_of_it():
    nodes = [node("Sub", ["X", "n"], ["a"]), node("Div", ["a", "m"], ["b"]),
             node("Add", ["m", "b"], ["x"]), *gru("x", "Y")]  # fmt: skip
    proven(nodes, constant("n", VECTOR), constant("m", 2.0))


def test_a_map_behind_a_layer_is_taken_up_or_a_layer_of_its_own():
    after = node("Mul", ["z", "two"], ["Y"])
    two = constant("two", 2.0)
    found = proven([*gru(), node("MatMul", ["y", "v"], ["z"]), after], WIDE, two)
    assert [layer.kind for layer in found.network.layers] == ["gru", "linear"]
    found = proven([*gru(target="z"), after], two)
    assert [layer.kind for layer in found.network.layers] == ["gru", "linear"]
    found = proven([*gru(), node("Mul", ["y", "two"], ["z"]), node("Tanh", ["z"], ["Y"])], two)
    assert [layer.kind for layer in found.network.layers] == ["gru", "linear_tanh"]


@pytest.mark.parametrize("target", [None, (0, 0), (-1, 7)])
def test_the_axis_of_one_output_may_go(target):
    nodes = [*gru(), node("MatMul", ["y", "w"], ["z"])]
    if target is None:
        proven([*nodes, node("Squeeze", ["z", "last"], ["Y"])], W)
    else:
        shape = constant("t", [7, -1] if target == (-1, 7) else target, np.int64)
        x = (7, "B", 3) if target == (-1, 7) else ("T", "B", 3)
        proven([*nodes, node("Reshape", ["z", "t"], ["Y"])], W, shape, x=x)


@pytest.mark.parametrize("way", ["Reshape", "Flatten"])
def test_a_layer_of_every_step_may_be_written_for_two_axes(way):
    flat = (
        node("Flatten", ["y"], ["f"], axis=2)
        if way == "Flatten"
        else node("Reshape", ["y", "to"], ["f"])
    )
    nodes = [*gru(), flat, node("MatMul", ["f", "v"], ["z"]), node("Reshape", ["z", "back"], ["Y"])]
    proven(nodes, WIDE, constant("to", [-1, 4], np.int64), constant("back", [7, -1, 5], np.int64),
           x=(7, "B", 3))  # fmt: skip


@pytest.mark.parametrize(
    ("nodes", "tensors", "sentence"),
    [
        ([node("Sub", ["n", "X"], ["x"]), *gru("x", "Y")], [constant("n", VECTOR)],
         "has the signal on its right: write it the other way"),
        ([node("Div", ["X", "n"], ["x"]), *gru("x", "Y")], [constant("n", 0.0)], "divides by 0"),
        ([node("Mul", ["X", "n"], ["x"]), *gru("x", "Y")], [constant("n", np.ones((2, 1, 3)))],
         "must add one bias per unit|one number per"),
        ([*gru(), node("Flatten", ["y"], ["Y"], axis=1)], [], "joins time and outputs"),
        ([*gru(), node("Flatten", ["y"], ["Y"], axis=2)], [], "batch and time in one axis"),
    ],
)  # fmt: skip
def test_maps_that_are_none_are_refused(nodes, tensors, sentence):
    with pytest.raises(ValueError, match=sentence):
        import_onnx(model(nodes, [*constants("GRU", 3, 4), ONE, *tensors]))


NORM = [constant(name, np.random.default_rng(place).uniform(0.5, 2, 4)) for place, name in
        enumerate("gbmv")]  # fmt: skip


def test_batch_normalisation_is_taken_up():
    nodes = [
        *gru(), node("Transpose", ["y"], ["t"], perm=[1, 2, 0]),
        node("BatchNormalization", ["t", "g", "b", "m", "v"], ["n"], epsilon=1e-3),
        node("Transpose", ["n"], ["back"], perm=[2, 0, 1]), node("MatMul", ["back", "w"], ["Y"]),
    ]  # fmt: skip
    found = proven(nodes, W, *NORM)
    assert [layer.kind for layer in found.network.layers] == ["gru", "linear"]


@pytest.mark.parametrize(
    ("nodes", "tensors", "sentence"),
    [
        ([node("BatchNormalization", ["y", "g", "b", "m", "v"], ["Y"])], NORM, "batch|feature"),
        ([node("Transpose", ["y"], ["t"], perm=[1, 2, 0]),
          node("BatchNormalization", ["t", "g", "b", "m", "v"], ["Y"], training_mode=1)], NORM,
         "still trains: export the network after model.eval"),
        ([node("Transpose", ["y"], ["t"], perm=[1, 2, 0]),
          node("BatchNormalization", ["t", "g", "b", "m", "v"], ["Y"])],
         [*NORM[:3], constant("v", -np.ones(4))], "variances must be positive"),
    ],
)  # fmt: skip
def test_batch_normalisation_that_cannot_be_is_refused(nodes, tensors, sentence):
    with pytest.raises(ValueError, match=sentence):
        proven([*gru(), *nodes], *tensors)


def test_functions_of_the_file_are_read_as_their_nodes():
    whole = model([*gru(), node("MatMul", ["y", "w"], ["Y"])],
                  [*constants("GRU", 3, 4), ONE, W])  # fmt: skip
    made = onnx.ModelProto.FromString(whole.SerializeToString())
    made.graph.node[-1].CopyFrom(helper.make_node("Dense", ["y", "w"], ["Y"], domain="own"))
    opset = helper.make_opsetid("", 22)
    made.functions.append(helper.make_function(
        "own", "Dense", ["x", "k"], ["z"], [node("MatMul", ["x", "k"], ["z"])], [opset]
    ))  # fmt: skip
    made.opset_import.append(helper.make_opsetid("own", 1))
    found, plain = import_onnx(made), import_onnx(whole)
    assert prove(found).difference < 1e-5
    for one, other in zip(found.network.layers, plain.network.layers, strict=True):
        np.testing.assert_array_equal(one.weight_x, other.weight_x)
