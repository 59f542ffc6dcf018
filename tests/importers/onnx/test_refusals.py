"""ONNX files that cannot be computed here are refused, each with its reason."""

import numpy as np
import pytest

pytest.importorskip("onnx", reason="the extra [onnx] is not installed")

from onnx import helper
from onnx_cases import constant, constants, model, node, recurrent

from thresh.importers.imported import prove
from thresh.importers.onnx.network import import_onnx


def uncheckable(made, name, value):
    """A model whose node has another attribute, which no checker saw."""
    kept = [one for one in made.graph.node[0].attribute if one.name != name]
    del made.graph.node[0].attribute[:]
    made.graph.node[0].attribute.extend([*kept, helper.make_attribute(name, value)])
    return made


def older(made, version):
    """A model of an older ONNX."""
    made.opset_import[0].version = version
    return made


def cyclic():
    """Two nodes that need each other."""
    nodes = [node("Add", ["X", "b"], ["a"]), node("Add", ["X", "a"], ["b"])]
    made = model([node("Identity", ["X"], ["Y"])], [])
    del made.graph.node[:]
    made.graph.node.extend([*nodes, node("Identity", ["b"], ["Y"])])
    return made


def test_graphs_out_of_order_are_refused():
    with pytest.raises(ValueError, match="Add add: b cannot be part of a chain"):
        import_onnx(cyclic())


STATE = constant("h0", np.ones((1, 2, 4)))
LENGTHS = constant("lengths", [2, 1], np.int32)
PEEPHOLES = constant("P", np.ones((1, 12)))


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (lambda: recurrent("GRU", linear_before_reset=0), "is reset-before"),
        (lambda: recurrent("LSTM", direction="reverse"), "LSTM lstm is reverse: it needs the end"),
        (lambda: recurrent("GRU", clip=3.0), "GRU gru clips its pre-activations at 3,"),
        (lambda: recurrent("LSTM", input_forget=1), "couples input and forget gates"),
        (lambda: recurrent("GRU", activations=["HardSigmoid", "Tanh"]),
         "has the activations HardSigmoid, Tanh; the accelerator's GRU has sigmoid, tanh"),
        (lambda: recurrent("RNN", activations=["Elu"]), "RNN has tanh or relu"),
        (lambda: recurrent("GRU", wiring=("", "h0"), extra=[STATE], x=("T", 2, 3)),
         "starts from initial_h, but a sequence starts from a state of zero"),
        (lambda: recurrent("GRU", wiring=("lengths",), extra=[LENGTHS], x=("T", 2, 3)),
         "has sequence_lens"),
        (lambda: recurrent("LSTM", wiring=("", "", "", "P"), extra=[PEEPHOLES]), "has peepholes"),
        (lambda: recurrent("GRU", hidden_size=5), "hidden_size 5 is not the 4 columns of R"),
        (lambda: model([node("Gelu", ["X"], ["Y"])], []), "Gelu gelu is not supported"),
        (lambda: model([node("MatMul", ["X", "w"], ["m"]), node("Add", ["X", "m"], ["Y"])],
                       [constant("w", np.ones((3, 3)))]),
         "joins two branches, and the layers must be one chain"),
        (lambda: model([node("Relu", ["X"], ["Y"])], []), "stands before the first layer"),
        (lambda: model([node("MatMul", ["X", "X"], ["Y"])], []), "must be a constant of the file"),
        (lambda: model([node("Identity", ["X"], ["Y"])], []), "no chain of layers from the inputs"),
        (lambda: model([node("MatMul", ["X", "w"], ["m"]), node("Add", ["m", "b"], ["Y"])],
                       [constant("w", np.ones((3, 2))), constant("b", np.ones((5, 1, 1)))]),
         r"must add one bias per unit, not shape \(5, 1, 1\)"),
        (lambda: model([node("MatMul", ["X", "w"], ["m"]), node("Add", ["m", "b"], ["Y"])],
                       [constant("w", np.ones((3, 2))), constant("b", np.ones((2, 1)))]),
         r"must add one bias per unit, not shape \(2, 1\)"),
        (lambda: model([node("Gemm", ["X", "w", "b"], ["Y"])],
                       [constant("w", np.ones((3, 2))), constant("b", np.ones((2, 1)))], x=(2, 3)),
         r"gemm must add one bias per unit, not shape \(2, 1\)"),
        (lambda: model([node("MatMul", ["X", "w"], ["Y"])], [constant("w", np.ones((3, 2)))],
                       x=(2, 2, 2, 3)),
         "more than batch and time"),
        (lambda: uncheckable(recurrent("GRU", layout=0), "layout", 5), "layout must be 0 or 1"),
        (lambda: uncheckable(recurrent("GRU"), "direction", 1), "not one that ONNX allows"),
        (lambda: model([node("Add", ["X", "b"], ["Y"])], [constant("b", np.ones(3))]),
         "is no chain of layers from the inputs"),
        (lambda: model([node("MatMul", ["X", "w"], ["Y"])], [constant("w", [[np.nan]] * 3)]),
         "weight_x must be finite"),
        (lambda: model([node("Slice", ["X", "a", "b"], ["s"]), node("MatMul", ["s", "w"], ["Y"])],
                       [constant("a", [0], np.int64), constant("b", [1], np.int64),
                        constant("w", np.ones((3, 2)))]),
         "written out step by step"),
        (lambda: model([node("MatMul", ["X", "w"], ["m"]), node("Softmax", ["m"], ["s"], axis=0),
                        node("MatMul", ["s", "w"], ["Y"])], [constant("w", np.ones((3, 3)))]),
         "must be over the outputs of the last layer"),
        (lambda: older(model([node("MatMul", ["X", "w"], ["m"]), node("Softmax", ["m"], ["Y"])],
                             [constant("w", np.ones((3, 4)))]), 11),
         "softmax must be over the outputs of the last layer"),
        (lambda: model([node("MatMul", ["X", "w"], ["m"]), node("Softmax", ["m"], ["s"], axis=-1),
                        node("MatMul", ["s", "w"], ["Y"])], [constant("w", np.ones((3, 3)))]),
         "stands behind a softmax, which ends a chain"),
        (lambda: model([node("Shape", ["X"], ["n"]), node("Mul", ["n", "two"], ["t"]),
                        node("Reshape", ["X", "t"], ["r"]), node("MatMul", ["r", "w"], ["Y"])],
                       [constant("two", [2], np.int64), constant("w", np.ones((3, 3)))]),
         "input 1 must come from the network's inputs"),
        (lambda: model([node("Reshape", ["X", "t"], ["r"]), node("MatMul", ["r", "w"], ["Y"])],
                       [constant("t", [-1, 3], np.int64), constant("w", np.ones((3, 3)))]),
         "has batch and time in one axis: split it again"),
        (lambda: model([node("Gather", ["X", "i"], ["r"]), node("MatMul", ["r", "w"], ["Y"])],
                       [constant("i", 1, np.int64), constant("w", np.ones((3, 3)))]),
         "only the last step can be picked"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_the_reason(made, text):
    with pytest.raises(ValueError, match=text):
        import_onnx(made())


def two_gates(**second):
    """Two GRUs, the second with other attributes."""
    return [
        node("GRU", ["X", "aW", "aR"], ["y"], hidden_size=4, linear_before_reset=1),
        node("Squeeze", ["y", "one"], ["s"]),
        node("GRU", ["s", "bW", "bR"], ["Y"], hidden_size=5, linear_before_reset=1, **second),
    ]


def test_layouts_that_swap_time_and_batch_are_refused():
    tensors = [*constants("GRU", 3, 4, prefix="a"), *constants("GRU", 4, 5, prefix="b"),
               constant("one", [1], np.int64)]  # fmt: skip
    assert prove(import_onnx(model(two_gates(), tensors))).difference < 1e-5
    with pytest.raises(ValueError, match="takes as batch the axis that was the time before"):
        import_onnx(model(two_gates(layout=1), tensors))


def test_a_recurrence_behind_the_last_step_is_refused():
    nodes = [
        node("GRU", ["X", "aW", "aR"], ["", "y"], hidden_size=4, linear_before_reset=1),
        node("GRU", ["y", "bW", "bR"], ["Y"], hidden_size=5, linear_before_reset=1),
    ]
    tensors = [*constants("GRU", 3, 4, prefix="a"), *constants("GRU", 4, 5, prefix="b")]
    with pytest.raises(ValueError, match="stands behind the last of all steps"):
        import_onnx(model(nodes, tensors))


def looped(op):
    """A graph that holds another one."""
    inner = helper.make_graph(
        [node("Identity", ["a"], ["b"])], "inner",
        [helper.make_tensor_value_info("a", 1, [3])], [helper.make_tensor_value_info("b", 1, [3])],
    )  # fmt: skip
    made = node(op, ["X"], ["Y"], body=inner, num_scan_inputs=1)
    return model([made], [])


@pytest.mark.parametrize("op", ["Scan", "Loop", "If"])
def test_programs_inside_a_graph_are_refused_by_name(op):
    made = model([node("Identity", ["X"], ["Y"])], [])
    made.graph.node[0].CopyFrom(node(op, ["X"], ["Y"]))
    with pytest.raises(ValueError, match=rf"{op} {op.lower()} is a program inside the"):
        import_onnx(made)


def test_a_scan_of_a_file_is_refused_by_name(tmp_path):
    with pytest.raises(ValueError, match="Scan scan is a program"):
        import_onnx(looped("Scan"))


def test_layer_normalisation_is_refused_with_the_reason():
    made = model([node("LayerNormalization", ["X", "s"], ["Y"])], [constant("s", np.ones(3))])
    with pytest.raises(ValueError, match="scales each step by what is in that step"):
        import_onnx(made)
