"""ONNX chains come in equal to their source, or are refused with the reason."""

import numpy as np
import pytest

pytest.importorskip("onnx", reason="the extra [onnx] is not installed")

from onnx import ModelProto, helper, save
from onnx_cases import constant, constants, model, node, recurrent

from thresh.model.import_onnx import import_onnx, load_model
from thresh.model.imported import prove


def kinds(imported):
    return [layer.kind for layer in imported.network.layers]


@pytest.mark.parametrize("op", ["GRU", "LSTM", "RNN"])
@pytest.mark.parametrize("layout", [0, 1])
@pytest.mark.parametrize("output", ["Y", "Y_h"])
def test_one_node_equals_its_source(op, layout, output):
    imported = import_onnx(recurrent(op, layout=layout, outputs=("Y", "Y_h")), output=output)
    assert imported.reads == ("all" if output == "Y" else "last")
    assert prove(imported).difference < 1e-5
    assert [note for note in imported.notes if "is left out" in note]


def test_a_relu_rnn_is_read_from_its_activations():
    imported = import_onnx(recurrent("RNN", activations=["Relu"]))
    assert kinds(imported) == ["rnn_relu"]
    pytest.importorskip("onnxruntime", reason="ONNX's own reference has no RNN with relu")
    assert prove(imported).difference < 1e-5


def batch_first_stack(*, last):
    """What exporters write: Transpose, GRU, Squeeze, LSTM, Squeeze, Transpose, MatMul and so on."""
    nodes = [
        node("Transpose", ["X"], ["tbf"], perm=[1, 0, 2]),
        node("Shape", ["X"], ["sizes"]),
        node("Gather", ["sizes", "zero"], ["batch"]),
        node("Unsqueeze", ["batch", "zeros"], ["batch1"]),
        node("Concat", ["ones", "batch1", "units"], ["state"], axis=0),
        node("ConstantOfShape", ["state"], ["h0"]),
        node("GRU", ["tbf", "gW", "gR", "gB", "", "h0"], ["gY"], hidden_size=4,
             linear_before_reset=1),
        node("Squeeze", ["gY", "ones"], ["g"]),
        node("LSTM", ["g", "lW", "lR", "lB"], ["lY"], hidden_size=5),
        node("Reshape", ["lY", "flat"], ["l"]),
        node("Transpose", ["l"], ["btf"], perm=[1, 0, 2]),
        node("Gather", ["btf", "end"], ["one"], axis=1) if last else node("Identity", ["btf"],
                                                                         ["one"]),
        node("Transpose", ["w"], ["wt"], perm=[1, 0]),
        node("MatMul", ["one", "wt"], ["m"]),
        node("Add", ["b", "m"], ["a"]),
        node("Relu", ["a"], ["r"]),
        node("MatMul", ["r", "w2"], ["p"]),
        node("Softmax", ["p"], ["Y"], axis=-1),
    ]  # fmt: skip
    random = np.random.default_rng(3)
    tensors = [
        *constants("GRU", 3, 4, prefix="g"), *constants("LSTM", 4, 5, prefix="l"),
        constant("zero", 0, np.int64), constant("zeros", [0], np.int64),
        constant("ones", [1], np.int64), constant("units", [4], np.int64),
        constant("end", -1, np.int64), constant("flat", [-1, 2, 5], np.int64),
        constant("w", random.normal(size=(6, 5))), constant("b", random.normal(size=6)),
        constant("w2", random.normal(size=(6, 2))),
    ]  # fmt: skip
    return model(nodes, tensors, x=(2, "T", 3))


@pytest.mark.parametrize("last", [True, False])
def test_what_exporters_write_comes_in(last):
    imported = import_onnx(batch_first_stack(last=last))
    assert kinds(imported) == ["gru", "lstm", "linear_relu", "linear"]
    assert imported.final == "softmax"
    assert imported.reads == ("last" if last else "all")
    proof = prove(imported)
    assert proof.values == 2 * 2 * (1 if last else 17)


def test_gemm_scales_and_transposes():
    random = np.random.default_rng(1)
    nodes = [
        node("Gemm", ["X", "w", "c"], ["g"], transB=1, alpha=0.5, beta=2.0),
        node("Tanh", ["g"], ["Y"]),
    ]
    tensors = [constant("w", random.normal(size=(4, 3))), constant("c", random.normal(size=4))]
    imported = import_onnx(model(nodes, tensors, x=("T", 3)))
    assert kinds(imported) == ["linear_tanh"]
    assert prove(imported).difference < 1e-6


def test_other_inputs_are_taken_as_zero_and_said():
    made = recurrent("GRU", wiring=("", "h0"), more=[("h0", (1, "B", 4))])
    imported = import_onnx(made)
    assert imported.notes == ("the input h0 is taken to be 0",)
    assert prove(imported).difference < 1e-5


def pytorch_without_the_attribute():
    """What onnxscript 0.5.7 to 0.7.0 wrote of a GRU that PyTorch trained."""
    return recurrent("GRU", linear_before_reset=None, producer="pytorch")


def test_the_silent_fault_of_pytorchs_exporter_is_detected():
    with pytest.raises(
        ValueError, match=r"every GRU of PyTorch is reset-after: onnxscript 0\.5\.7"
    ):
        import_onnx(pytorch_without_the_attribute())
    explicit = recurrent("GRU", linear_before_reset=0, producer="PyTorch")
    with pytest.raises(ValueError, match="--reset-after"):
        import_onnx(explicit)


def test_reset_after_asserts_the_truth():
    imported = import_onnx(pytorch_without_the_attribute(), reset_after=True)
    truth = import_onnx(recurrent("GRU", producer="pytorch"))
    for name in ("weight_x", "weight_h", "bias"):
        ours, theirs = (getattr(one.network.layers[0], name) for one in (imported, truth))
        np.testing.assert_array_equal(ours, theirs)
    assert prove(imported).difference < 1e-5
    assert "is taken for 1, as --reset-after says" in imported.notes[0]
    assert import_onnx(recurrent("GRU"), reset_after=True).notes == ()


def uncheckable(made, name, value):
    """A model whose node has another attribute, which no checker saw."""
    kept = [one for one in made.graph.node[0].attribute if one.name != name]
    del made.graph.node[0].attribute[:]
    made.graph.node[0].attribute.extend([*kept, helper.make_attribute(name, value)])
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
         "must add one bias per unit behind a MatMul or Gemm"),
        (lambda: model([node("MatMul", ["X", "w"], ["Y"])], [constant("w", [[np.nan]] * 3)]),
         "weight_x must be finite"),
        (lambda: model([node("Slice", ["X", "a", "b"], ["s"]), node("MatMul", ["s", "w"], ["Y"])],
                       [constant("a", [0], np.int64), constant("b", [1], np.int64),
                        constant("w", np.ones((3, 2)))]),
         "written out step by step"),
        (lambda: model([node("MatMul", ["X", "w"], ["m"]), node("Softmax", ["m"], ["s"], axis=0),
                        node("MatMul", ["s", "w"], ["Y"])], [constant("w", np.ones((3, 3)))]),
         "must be over the outputs of the last layer"),
        (lambda: model([node("MatMul", ["X", "w"], ["m"]), node("Softmax", ["m"], ["s"], axis=-1),
                        node("MatMul", ["s", "w"], ["Y"])], [constant("w", np.ones((3, 3)))]),
         "stands behind a softmax, which ends a chain"),
        (lambda: model([node("Shape", ["X"], ["n"]), node("Mul", ["n", "two"], ["t"]),
                        node("Reshape", ["X", "t"], ["r"]), node("MatMul", ["r", "w"], ["Y"])],
                       [constant("two", [2], np.int64), constant("w", np.ones((3, 3)))]),
         "Mul mul is not supported"),
        (lambda: model([node("Reshape", ["X", "t"], ["r"]), node("MatMul", ["r", "w"], ["Y"])],
                       [constant("t", [-1, 3], np.int64), constant("w", np.ones((3, 3)))]),
         "merges or splits axes, which cannot be resolved"),
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
    with pytest.raises(ValueError, match="stands behind the last step alone"):
        import_onnx(model(nodes, tensors))


def test_an_output_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="output must be one of Y, not 'Z'"):
        import_onnx(recurrent("GRU"), output="Z")


def test_files_are_read_whole_or_refused(tmp_path):
    path = tmp_path / "net.onnx"
    save(recurrent("LSTM"), path)
    assert kinds(import_onnx(load_model(path))) == ["lstm"]
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ValueError, match=r"net\.onnx is not a whole ONNX file"):
        load_model(path)
    with pytest.raises(FileNotFoundError):
        load_model(tmp_path / "absent.onnx")
    path.write_bytes(ModelProto().SerializeToString())
    with pytest.raises(ValueError, match="is not a whole ONNX file"):
        load_model(path)
