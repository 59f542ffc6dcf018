"""`thresh export` writes what `thresh import` reads back equal."""

import pytest
from cli_cases import answer, refusal, small_network

from thresh.cli.main import run
from thresh.model.model_file import load_network, save_network
from thresh.model.network import Network


@pytest.fixture
def model(tmp_path):
    """A model file."""
    save_network(small_network(audio=True), tmp_path / "m.safetensors")
    return tmp_path / "m.safetensors"


@pytest.mark.parametrize("suffix", [".npz", ".onnx"])
def test_there_and_back_is_the_same_network(capsys, model, tmp_path, suffix):
    if suffix == ".onnx":
        pytest.importorskip("onnx", reason="the extra [onnx] is not installed")
    data = answer(capsys, "export", model, tmp_path / f"net{suffix}")
    assert data["equal"] is True
    assert data["layers"] == ["gru", "linear"]
    answer(capsys, "import", tmp_path / f"net{suffix}", "-o", tmp_path / "again.safetensors")
    assert load_network(tmp_path / "again.safetensors") == load_network(model)


def test_linear_layers_go_to_nir_and_others_are_refused(capsys, model, tmp_path):
    pytest.importorskip("nir", reason="the extra [nir] is not installed")
    sentence = "layers.0 is a gru, which NIR has no node for"
    assert sentence in refusal(capsys, "export", model, tmp_path / "net.nir")
    network = load_network(model)
    save_network(Network(layers=network.layers[1:]), tmp_path / "linear.safetensors")
    data = answer(capsys, "export", tmp_path / "linear.safetensors", tmp_path / "net.nir")
    assert data["equal"] is True


def test_prints_a_table_for_people(capsys, model, tmp_path):
    assert run(["export", str(model), str(tmp_path / "net.npz")]) == 0
    assert "read again" in capsys.readouterr().out


def test_a_file_that_reads_otherwise_is_said(capsys, model, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "thresh.importers.written.write_plain",
        lambda network, path: __import__("thresh.importers.plain", fromlist=["x"]).write_plain(
            small_network(units=11), path
        ),
    )
    assert run(["export", str(model), str(tmp_path / "net.npz")]) == 1
    assert "NOT equal" in capsys.readouterr().out


def test_other_suffixes_and_files_are_refused(capsys, model, tmp_path):
    sentence = "must end in one of .onnx, .npz, .nir"
    assert sentence in refusal(capsys, "export", model, tmp_path / "a.tflite")
    assert "No such file" in refusal(capsys, "export", tmp_path / "absent", tmp_path / "a.npz")
