"""A last linear layer on the host: the same integers as one that is sent every change."""

from dataclasses import replace

import numpy as np
import pytest
from cli_cases import answer, refusal, small_network
from link_bench import geometry, network, walk

from thresh.host.client import Client
from thresh.host.run import run_utterance
from thresh.host.transport import DirectTransport
from thresh.importers.plain import write_plain
from thresh.layout.image import build_image, parse_image
from thresh.model.cells import CELLS
from thresh.model.model_file import load_network, save_network
from thresh.model.network import Network
from thresh.model.readout import read_out, to_accelerator, to_host
from thresh.sim.device_twin import DeviceTwin
from thresh.sim.golden import GoldenModel

LINEAR = [kind for kind, cell in CELLS.items() if cell.linear]


def moved(kind="linear", **fields):
    """A GRU and the host's linear layer."""
    return to_host(network(5, 12, 3, kinds=("gru", kind), **fields))


@pytest.mark.parametrize("kind", LINEAR)
@pytest.mark.parametrize("value_bits", [8, 16])
def test_equals_a_layer_that_is_sent_every_change(kind, value_bits):
    host = moved(kind, threshold=0, value_bits=value_bits)
    x = np.clip(walk(80, 5, stride=9000) >> (16 - value_bits), -(1 << value_bits - 1), 127)[None]
    wanted = GoldenModel(to_accelerator(host)).run(x).outputs
    assert len(np.unique(wanted)) > 10
    np.testing.assert_array_equal(GoldenModel(host).run(x).outputs, wanted)


def test_inputs_are_the_state_itself_where_deltas_are_held_back():
    host, x = moved(threshold=300), walk(40, 5)[None]
    model = GoldenModel(host)
    outputs = model.run(x).outputs[:, -1]
    state = model.layers[-1]
    assert (state.h != state.reference_h).any()
    np.testing.assert_array_equal(outputs, read_out(host, state.h))
    assert (outputs != GoldenModel(to_accelerator(host)).run(x).outputs[:, -1]).any()


def test_there_and_back_is_the_same_network():
    whole = network(5, 12, 3, threshold=300)
    assert to_accelerator(to_host(whole)) == whole
    assert to_host(whole).outputs == whole.outputs
    assert to_host(whole).weights == whole.layers[0].weight_x.size + whole.layers[0].weight_h.size


def test_image_and_model_file_keep_it(tmp_path):
    host = moved(classes=("a", "b", "c"), decision="last")
    data = build_image(host, geometry()).to_bytes()
    assert parse_image(data).network == host
    save_network(host, tmp_path / "host.safetensors")
    assert load_network(tmp_path / "host.safetensors") == host


def test_an_utterance_is_read_out():
    host = moved(decision="last")
    client = Client(DirectTransport(DeviceTwin(geometry())))
    client.load(build_image(host, geometry()))
    x = walk(20, 5)
    run, wanted = run_utterance(client, host, x), GoldenModel(host).run(x[None]).outputs[0]
    np.testing.assert_array_equal(run.outputs, wanted)
    assert run.decision == str(wanted[-1].argmax())


def test_commands_move_it_and_work_with_it(capsys, tmp_path):
    save_network(replace(small_network(), decision="last"), tmp_path / "m.safetensors")
    host = tmp_path / "host.safetensors"
    data = answer(capsys, "export", tmp_path / "m.safetensors", host, "--readout", "host")
    assert data["equal"] is True
    assert data["readout"] is True
    assert [one["computed_by"] for one in answer(capsys, "info", host)["layers"]] == [
        "accelerator", "host",
    ]  # fmt: skip
    np.save(tmp_path / "x.npy", walk(30, 5) / 4096)
    heard = answer(capsys, "golden", host, tmp_path / "x.npy", "--top", 1)["top"]
    outputs = GoldenModel(load_network(host)).run(walk(30, 5)[None]).outputs[0]
    assert outputs[-1].max() == heard[0]["score"]
    back = answer(capsys, "export", host, tmp_path / "b.npz", "--readout", "accelerator")
    assert back["equal"] is True
    assert back["readout"] is False


def test_import_moves_it_as_well(capsys, tmp_path):
    write_plain(small_network(), tmp_path / "m.npz")
    words = ("--readout", "host", "-o", tmp_path / "host.safetensors")
    answer(capsys, "import", tmp_path / "m.npz", *words)
    assert load_network(tmp_path / "host.safetensors") == to_host(small_network())


def test_refuses_what_is_no_readout(capsys, tmp_path):
    whole, host = network(5, 12, 3), moved()
    with pytest.raises(ValueError, match="must be the last layer, linear, behind another"):
        to_host(Network(layers=whole.layers[:1]))
    with pytest.raises(ValueError, match="has a readout already"):
        to_host(host)
    with pytest.raises(ValueError, match="has no readout"):
        to_accelerator(whole)
    with pytest.raises(ValueError, match="A readout must be linear, not gru"):
        Network(layers=whole.layers[:1], readout=network(12, 3, kinds=("gru",)).layers[0])
    with pytest.raises(ValueError, match="inputs of layer 1 must be 12 as layer 0 sends it, not 9"):
        Network(layers=whole.layers[:1], readout=network(9, 3, kinds=("linear",)).layers[0])
    save_network(host, tmp_path / "host.safetensors")
    sentence = refusal(
        capsys, "export", tmp_path / "host.safetensors", tmp_path / "x.npz", "--readout", "host"
    )
    assert sentence == "The network has a readout already"
