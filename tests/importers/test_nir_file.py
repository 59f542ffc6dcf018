"""NIR: linear stacks come back equal, chains of affine maps are imported, the rest is refused."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("nir", reason="the extra [nir] is not installed")

import h5py
import nir
from import_cases import inputs
from link_bench import network

from thresh.importers.nir_file import import_nir, integers_of, load_nir, save_nir, to_nir
from thresh.model.float_run import run_float
from thresh.model.input_scaling import InputScaling
from thresh.model.quantise import dequantise

NET = network(5, 7, 3, kinds=("linear", "linear"), name="stack", classes=("a", "b", "c"))
AFFINE = nir.Affine(weight=np.arange(6.0).reshape(2, 3), bias=np.array([1.0, -1.0]))
ONES = np.ones(2)


def graph(*nodes):
    """A chain of nodes."""
    return nir.NIRGraph.from_list(*nodes)


def test_every_integer_comes_back(tmp_path):
    save_nir(NET, tmp_path / "net.nir")
    assert integers_of(load_nir(tmp_path / "net.nir"), "net.nir") == NET


def test_an_input_scaling_is_a_node_of_its_own(tmp_path):
    scaling = InputScaling(offsets=(1.0, 2.0, 3.0, 4.0, 5.0), scales=(0.5, 0.25, 3.0, 1.0, 1e-3))
    scaled = replace(NET, scaling=scaling)
    save_nir(scaled, tmp_path / "net.nir")
    assert integers_of(load_nir(tmp_path / "net.nir"), "net.nir") == scaled
    x = inputs(2, 6, 5)
    ours = run_float(import_nir(to_nir(scaled), "net.nir").network, x).outputs
    meant = run_float(dequantise(NET), scaling.apply(x)).outputs
    np.testing.assert_allclose(ours, meant, rtol=0, atol=1e-12)


def test_the_graph_is_the_dense_network():
    one = import_nir(to_nir(NET), "net.nir").network
    x = inputs(2, 6, 5)
    np.testing.assert_array_equal(run_float(one, x).outputs, run_float(dequantise(NET), x).outputs)


def test_a_chain_of_others_is_imported(tmp_path):
    scale, last = nir.Scale(scale=np.array([2.0, -3.0])), nir.Linear(weight=np.eye(2)[::-1])
    nir.write(tmp_path / "net.nir", graph(AFFINE, scale, last))
    made = load_nir(tmp_path / "net.nir")
    assert integers_of(made, "net.nir") is None
    x = inputs(2, 6, 3)
    wanted = ((x @ AFFINE.weight.T + AFFINE.bias) * scale.scale)[..., ::-1]
    outputs = run_float(import_nir(made, "net.nir").network, x).outputs
    np.testing.assert_allclose(outputs, wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "node",
    [
        nir.LIF(tau=ONES, r=ONES, v_leak=ONES, v_threshold=ONES, v_reset=ONES),
        nir.LI(tau=ONES, r=ONES, v_leak=ONES),
        nir.Threshold(threshold=ONES),
        nir.Delay(delay=ONES),
    ],
    ids=lambda node: type(node).__name__,
)
def test_nodes_without_a_counterpart_are_refused(node):
    name = type(node).__name__
    with pytest.raises(
        ValueError, match=f"is a {name}, which has no counterpart here: only a chain"
    ):
        import_nir(graph(AFFINE, node), "net.nir")


@pytest.mark.parametrize("kind", ["linear_relu", "gru", "lstm"])
def test_kinds_without_a_node_are_refused(kind):
    with pytest.raises(ValueError, match=rf"layers\.1 is a {kind}, which NIR has no node for"):
        to_nir(network(5, 7, 3, kinds=("linear", kind)))


def test_loops_branches_and_empty_graphs_are_refused():
    ends = {"input": nir.Input(np.array([2])), "output": nir.Output(np.array([2]))}
    maps = {name: nir.Linear(weight=np.eye(2)) for name in "ab"}
    for edges in (
        [("input", "a"), ("a", "b"), ("b", "a")],
        [("input", "a"), ("input", "b"), ("a", "output"), ("b", "output")],
        [("input", "a"), ("a", "output")],
    ):
        made = nir.NIRGraph(nodes=ends | maps, edges=edges, type_check=False)
        with pytest.raises(ValueError, match=r"net\.nir (is no|must be a) chain"):
            import_nir(made, "net.nir")
    made = nir.NIRGraph(nodes=ends, edges=[("input", "output")])
    with pytest.raises(ValueError, match="must be a chain of nodes from its input to its output"):
        import_nir(made, "net.nir")
    two = ends | {"other": nir.Input(np.array([2]))}
    made = nir.NIRGraph(nodes=two, edges=[("input", "output")], type_check=False)
    with pytest.raises(ValueError, match="must have one input, not 2"):
        import_nir(made, "net.nir")


def test_damaged_and_changed_files_are_refused(tmp_path):
    save_nir(NET, tmp_path / "net.nir")
    data = (tmp_path / "net.nir").read_bytes()
    (tmp_path / "net.nir").write_bytes(data[:900])
    nir.write(tmp_path / "node.nir", AFFINE)
    for name in ("net.nir", "node.nir"):
        with pytest.raises(ValueError, match=rf"{name} is no whole graph of NIR"):
            load_nir(tmp_path / name)
    changed = to_nir(NET)
    first = changed.nodes["affine"]
    changed.nodes["affine"] = replace(first, weight=first.weight + 1e-6)
    with pytest.raises(ValueError, match=r"has changed .*layers\.0\.weight_x does not lie on its"):
        integers_of(changed, "net.nir")


def test_numbers_in_other_files_are_not_read(tmp_path):
    path, secret = tmp_path / "net.nir", tmp_path / "secret"
    secret.write_bytes(bytes(range(256)))
    nir.write(path, nir.NIRGraph.from_list(AFFINE))
    with h5py.File(path, "r+") as file:
        names = []
        file.visit(names.append)
        name = next(one for one in names if one.endswith("weight"))
        shape = file[name].shape
        del file[name]
        file.create_dataset(name, shape, "u1", external=[(str(secret), 0, 256)])
    with pytest.raises(ValueError, match="weight lies in another file, which is not read"):
        load_nir(path)
    with h5py.File(path, "r+") as file:
        del file[name]
        file[name] = h5py.SoftLink("/node")
    with pytest.raises(ValueError, match="is a link to elsewhere, which is not followed"):
        load_nir(path)
    with h5py.File(path, "r+") as file:
        del file[name]
        file.create_dataset(name, (1 << 20, 1 << 12), "<f4", chunks=True, compression="gzip")
    with pytest.raises(ValueError, match="weight would unpack to 17,179,869,184 bytes"):
        load_nir(path)
