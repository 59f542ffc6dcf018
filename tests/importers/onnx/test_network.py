"""ONNX chains come in equal to their source, or are refused with the reason."""

import numpy as np
import pytest

pytest.importorskip("onnx", reason="the extra [onnx] is not installed")

from onnx import ModelProto, save
from onnx_cases import constant, constants, model, node, recurrent

from thresh.importers.imported import prove
from thresh.importers.onnx.network import import_onnx, load_model


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


def two_layers(*rest):
    """Two GRUs whose last states are joined, as PyTorch's exporters do, and what follows."""
    nodes = [
        node("GRU", ["X", "aW", "aR", "aB"], ["a", "ah"], hidden_size=4, linear_before_reset=1),
        node("Squeeze", ["a", "one"], ["s"]),
        node("GRU", ["s", "bW", "bR", "bB"], ["b", "bh"], hidden_size=4, linear_before_reset=1),
        node("Concat", ["ah", "bh"], ["states"], axis=0),
        *rest,
    ]
    random = np.random.default_rng(2)
    tensors = [
        *constants("GRU", 3, 4, prefix="a"), *constants("GRU", 4, 4, prefix="b", seed=1),
        constant("one", [1], np.int64), constant("zero", [0], np.int64),
        constant("last", -1, np.int64), constant("w", random.normal(size=(4, 2))),
    ]  # fmt: skip
    return model(nodes, tensors, outputs=("Y",))


def test_the_last_state_of_several_layers_is_found():
    nodes = [node("Gather", ["states", "last"], ["h"], axis=0), node("MatMul", ["h", "w"], ["Y"])]
    imported = import_onnx(two_layers(*nodes))
    assert (kinds(imported), imported.reads) == (["gru", "gru", "linear"], "last")
    assert prove(imported).values == 3 * 2
    nodes = [
        node("Slice", ["states", "zero", "one", "zero"], ["h"]),
        node("Squeeze", ["h", "zero"], ["t"]), node("MatMul", ["t", "w"], ["Y"]),
    ]  # fmt: skip
    imported = import_onnx(two_layers(*nodes))
    assert kinds(imported) == ["gru", "linear"]
    assert prove(imported).difference < 1e-5


def test_joined_states_that_are_not_picked_apart_are_refused():
    with pytest.raises(ValueError, match="input 0 must come from the network's inputs"):
        import_onnx(two_layers(node("MatMul", ["states", "w"], ["Y"])))
    nodes = [node("Gather", ["states", "last"], ["h"], axis=2), node("MatMul", ["h", "w"], ["Y"])]
    with pytest.raises(ValueError, match="picks along another axis"):
        import_onnx(two_layers(*nodes))
    with pytest.raises(ValueError, match="joins signals, which is no chain"):
        import_onnx(two_layers(node("Concat", ["s", "s"], ["Y"], axis=2)))


@pytest.mark.parametrize("keep", [0, 1])
def test_a_mean_over_time_is_read(keep):
    nodes = [
        node("ReduceMean", ["s", "zero"], ["m"], keepdims=keep), node("MatMul", ["m", "w"], ["Y"])
    ]  # fmt: skip
    imported = import_onnx(two_layers(*nodes))
    assert imported.reads == "mean"
    assert prove(imported).values == 3 * 2
    nodes[1] = node("Relu", ["m"], ["Y"])
    with pytest.raises(ValueError, match="stands behind the mean of all steps"):
        import_onnx(two_layers(*nodes))
    with pytest.raises(ValueError, match="must be over all steps, and over nothing else"):
        import_onnx(two_layers(node("ReduceMean", ["s", "one"], ["Y"])))


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
