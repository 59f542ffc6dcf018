"""Chains as exporters write them: maps in front, one output squeezed, layers of two axes."""

import numpy as np
import pytest

pytest.importorskip("onnx", reason="the extra [onnx] is not installed")

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
