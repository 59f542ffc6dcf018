"""`thresh import` from every kind of file to a model file that golden runs take."""

import json
import sys

import numpy as np
import pytest
from cli_cases import answer, refusal, small_network
from import_cases import float_layer
from safetensors.numpy import save_file

from thresh.cli.main import run
from thresh.importers.plain import read_plain, write_plain
from thresh.model.float_network import FloatNetwork
from thresh.model.model_file import load_network, save_network


@pytest.fixture
def plain(tmp_path):
    """A float GRU and a linear layer as plain arrays."""
    layers = (float_layer("gru", 4, 12, scale=0.3), float_layer("linear", 12, 3, scale=0.3))
    write_plain(FloatNetwork(layers=layers), tmp_path / "net.npz")
    return tmp_path / "net.npz"


@pytest.fixture
def recorded(tmp_path):
    """Sequences that move slowly."""
    random = np.random.default_rng(0)
    x = np.cumsum(random.normal(0, 0.1, (5, 30, 4)), axis=1).astype(np.float32)
    np.savez(tmp_path / "data.npz", a=x, b=x[0])
    return tmp_path / "data.npz"


@pytest.fixture
def state(tmp_path):
    """A PyTorch GRU and two linear layers as .safetensors."""
    random = np.random.default_rng(0)
    shapes = {
        "gru.weight_ih_l0": (36, 4), "gru.weight_hh_l0": (36, 12), "gru.bias_ih_l0": (36,),
        "gru.bias_hh_l0": (36,), "fc.weight": (6, 12), "fc.bias": (6,), "out.weight": (3, 6),
    }  # fmt: skip
    tensors = {
        name: random.normal(0, 0.3, shape).astype(np.float32) for name, shape in shapes.items()
    }
    save_file(tensors, tmp_path / "net.safetensors")
    return tmp_path / "net.safetensors"


def test_reads_and_says_what_there_is(capsys, plain):
    data = answer(capsys, "import", plain)
    assert data["layers"] == [
        {"kind": "gru", "inputs": 4, "units": 12}, {"kind": "linear", "inputs": 12, "units": 3},
    ]  # fmt: skip
    assert data["proof"] is None
    assert "steps" not in data


def test_calibrates_writes_and_fits(capsys, plain, recorded, tmp_path):
    model = tmp_path / "model.safetensors"
    data = answer(
        capsys, "import", plain, "--calibrate", recorded, "--board", "icebreaker", "-o", model,
        "--classes", "a,b, c", "--decision", "mean", "--name", "mine",
    )  # fmt: skip
    assert [step["step"] for step in data["steps"]] == ["float", "quantised", "delta"]
    assert data["steps"][2]["reduction"] > data["steps"][1]["reduction"]
    assert data["fit"]["fits"] is True
    network = load_network(model)
    assert (network.name, network.classes, network.decision) == ("mine", ("a", "b", "c"), "mean")
    assert data["formats"][0]["threshold_x"] == (
        network.layers[0].threshold_x / 2 ** network.layers[0].x_frac
    )
    heard = answer(capsys, "golden", model, recorded)
    assert heard["sequences"] == 6
    assert heard["reduction"] == pytest.approx(data["steps"][2]["reduction"])


def test_four_bits_lose_more(capsys, plain, recorded, tmp_path):
    model = tmp_path / "model.safetensors"
    shares = []
    for bits in ("8", "4"):
        data = answer(
            capsys, "import", plain, "--calibrate", recorded, "--weight-bits", bits, "-o", model
        )
        shares.append(data["steps"][1]["share"])
        assert load_network(model).weight_bits == int(bits)
    assert shares[1] > 4 * shares[0] > 0


def test_a_limit_takes_fewer_sequences(capsys, plain, recorded):
    few = answer(capsys, "import", plain, "--calibrate", recorded, "--limit", "1")
    assert few["steps"] != answer(capsys, "import", plain, "--calibrate", recorded)["steps"]


def test_prints_tables_for_people(capsys, plain, recorded):
    assert run(["import", str(plain), "--calibrate", str(recorded), "--board", "ulx3s-85f"]) == 0
    captured = capsys.readouterr()
    for text in ("net.npz", "not run: nothing here", "quantised", "delta", "ulx3s-85f"):
        assert text in captured.out
    assert captured.err == ""


def test_a_network_too_large_for_the_board_is_written_and_said(capsys, tmp_path):
    layers = (float_layer("lstm", 4, 300, scale=0.05),)
    write_plain(FloatNetwork(layers=layers), tmp_path / "net.npz")
    np.save(tmp_path / "x.npy", np.zeros((4, 4)))
    words = ["import", tmp_path / "net.npz", "--calibrate", tmp_path / "x.npy", "--board",
             "icebreaker", "-o", tmp_path / "m.safetensors"]  # fmt: skip
    assert run([*map(str, words)]) == 1
    assert "does not fit the weight memory" in capsys.readouterr().err
    assert load_network(tmp_path / "m.safetensors").layers[0].units == 300


def test_a_state_dict_needs_its_activations(capsys, state):
    text = refusal(capsys, "import", state)
    assert "does not say what follows the linear layer fc: give --activation fc=" in text
    data = answer(capsys, "import", state, "--activation", "fc=relu", "--no-proof")
    assert [layer["kind"] for layer in data["layers"]] == ["gru", "linear_relu", "linear"]
    assert data["notes"][0].endswith("taken to be gru, fc relu, out, as the sizes say")


def test_a_state_dict_is_proven_where_torch_is(capsys, state, torch):
    data = answer(capsys, "import", state, "--activation", "fc=tanh", "--order", "gru,fc,out")
    assert data["proof"]["framework"].startswith("PyTorch")
    assert data["proof"]["difference"] < 1e-6


def test_an_onnx_file_is_proven_and_the_silent_fault_refused(capsys, tmp_path):
    onnx = pytest.importorskip("onnx", reason="the extra [onnx] is not installed")
    from onnx_cases import recurrent

    path = tmp_path / "net.onnx"
    onnx.save(recurrent("GRU", linear_before_reset=None, producer="pytorch"), path)
    assert "say --reset-after if PyTorch trained it" in refusal(capsys, "import", path)
    data = answer(capsys, "import", path, "--reset-after", "--onnx-output", "Y")
    assert data["proof"]["difference"] < 1e-5
    assert data["reads"] == "all"


def test_a_keras_file_comes_in(capsys, tmp_path):
    pytest.importorskip("h5py", reason="the extra [keras] is not installed")
    from keras_cases import layer, write_zip

    layers = [layer("GRU", 3, 4), layer("Dense", 4, 2, activation="softmax")]
    write_zip(tmp_path / "net.keras", layers)
    data = answer(capsys, "import", tmp_path / "net.keras", "--no-proof")
    assert [layer["kind"] for layer in data["layers"]] == ["gru", "linear"]
    assert "softmax" in data["notes"][0]


def test_a_float_network_is_written_as_plain_arrays(capsys, state, tmp_path):
    answer(capsys, "import", state, "--activation", "fc=relu", "--no-proof", "-o",
           tmp_path / "net.npz")  # fmt: skip
    assert [layer.kind for layer in read_plain(tmp_path / "net.npz").layers] == [
        "gru", "linear_relu", "linear",
    ]  # fmt: skip


def test_integers_come_in_as_they_are(capsys, tmp_path):
    write_plain(small_network(), tmp_path / "net.npz")
    data = answer(capsys, "import", tmp_path / "net.npz", "-o", tmp_path / "m.safetensors")
    assert data["integers"] is True
    assert load_network(tmp_path / "m.safetensors") == small_network()
    np.save(tmp_path / "x.npy", np.zeros((4, 5)))
    text = refusal(capsys, "import", tmp_path / "net.npz", "--calibrate", tmp_path / "x.npy")
    assert "holds the integers of a network already" in text


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (np.zeros((3, 5)), "must have shape (frames, 4) or (sequences, frames, 4), not (3, 5)"),
        (np.full((3, 4), np.inf), "x holds values that are not finite"),
        (np.full((3, 4), "a"), "x must hold integers or floats, not <U1"),
        (np.zeros((0, 4)), "not (0, 4)"),
    ],
)
def test_recordings_that_are_none_are_refused(capsys, plain, tmp_path, array, text):
    np.save(tmp_path / "x.npy", array)
    assert text in refusal(capsys, "import", plain, "--calibrate", tmp_path / "x.npy")


@pytest.mark.parametrize(
    ("name", "package", "extra"),
    [("a.pt", "torch", "train"), ("a.onnx", "onnx", "onnx"), ("a.keras", "h5py", "keras")],
)
def test_a_missing_package_is_named_with_its_extra(
    capsys, tmp_path, monkeypatch, name, package, extra
):
    (tmp_path / name).write_bytes(b"x")
    monkeypatch.setitem(sys.modules, package, None)
    text = refusal(capsys, "import", tmp_path / name)
    assert text == f'This needs the package {package}: pip install "thresh-hdl[{extra}]"'


def test_what_cannot_be_done_is_refused(capsys, plain, recorded, tmp_path):
    model = tmp_path / "m.safetensors"
    assert "give --calibrate" in refusal(capsys, "import", plain, "-o", model)
    assert not model.exists()
    assert "must be one of" in refusal(capsys, "import", plain, "--board", "mars")
    text = refusal(capsys, "import", plain, "--weight-bits", "4", "--classes", "a,b,c")
    assert text == "Without --calibrate nothing is quantised: no --weight-bits, --classes."
    text = refusal(capsys, "import", plain, "--board", "icebreaker", "--readout", "host")
    assert text == "--board and --readout need integers: give --calibrate."
    assert "NAME=FUNCTION, not 'fc'" in refusal(capsys, "import", plain, "--activation", "fc")
    assert "No such file" in refusal(capsys, "import", tmp_path / "absent.onnx")
    (tmp_path / "net.tflite").write_bytes(b"")
    assert "import the .keras file" in refusal(capsys, "import", tmp_path / "net.tflite")
    (tmp_path / "net.xyz").write_bytes(b"")
    assert "must end in one of" in refusal(capsys, "import", tmp_path / "net.xyz")
    save_network(small_network(), model)
    assert "is a model file of thresh already" in refusal(capsys, "import", model)
    text = refusal(
        capsys, "import", plain, "--calibrate", recorded, "--classes", "a,b", "-o", model
    )
    assert "classes must name 3 outputs, not 2" in text
    (tmp_path / "net.json").write_text(json.dumps({"layers": []}))
    assert "has 1 to 8 layers" in refusal(capsys, "import", tmp_path / "net.json")
