"""`thresh replay` on recordings of a board and of a simulation, whole and tampered with."""

import json

import pytest
from cli_cases import answer, refusal
from hearing.networks import hearing_network, noise_bits

from thresh.cli.main import run
from thresh.model.model_file import save_network
from thresh.sim.device.golden import golden_device
from thresh.sim.device.recording import Recording
from thresh.sim.device.trace import DeviceTrace

NETWORK = hearing_network()
BITS = noise_bits(1500)
TRACE = golden_device(NETWORK, BITS)
BLIND = ("samples", "scores")
FROM_BOARD = DeviceTrace(**{k: v for k, v in TRACE.stages.items() if k not in BLIND})


@pytest.fixture
def kept(tmp_path):
    return tmp_path / "heard.npz"


def test_a_recording_of_a_simulation_is_equal_and_so_is_the_gateware(
    capsys, kept, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    Recording(trace=TRACE, stimulus=BITS, network=NETWORK).save(kept)
    data = answer(capsys, "replay", kept)
    assert (data["begins"], data["frames"], data["equal"]) == ("the microphone", TRACE.frames, True)
    assert data["compared"]["the recording"]["integers"] == sum(
        rows.size for rows in TRACE.stages.values()
    )
    assert data["compared"]["the simulated core"]["integers"] > 1000
    assert data["compared"]["the simulated core"]["first_difference"] is None


def test_a_recording_of_a_board_with_its_model(capsys, kept, tmp_path):
    Recording(trace=FROM_BOARD).save(kept)
    text = refusal(capsys, "replay", kept, "--golden-only")
    assert text == "heard.npz does not hold the network that was heard: name its MODEL"
    save_network(NETWORK, tmp_path / "small.safetensors")
    data = answer(capsys, "replay", kept, tmp_path / "small.safetensors", "--golden-only")
    assert (data["begins"], list(data["compared"])) == ("features", ["the recording"])


def test_names_the_first_integer_that_differs(capsys, kept):
    outputs = TRACE.outputs.copy()
    outputs[3, 1] += 1
    tampered = DeviceTrace(**FROM_BOARD.stages | {"outputs": outputs})
    Recording(trace=tampered, network=NETWORK).save(kept)
    assert run(["replay", str(kept), "--golden-only", "--json"]) == 1
    data = json.loads(capsys.readouterr().out)
    wanted = (
        f"outputs of frame 3, number 1: {outputs[3, 1] - 1} in the golden model, "
        f"{outputs[3, 1]} in the recording"
    )
    assert data["compared"]["the recording"]["first_difference"] == wanted
    assert run(["replay", str(kept), "--golden-only"]) == 1
    assert "3, number 1" in capsys.readouterr().out


def test_refusals(capsys, kept, tmp_path):
    kept.write_bytes(b"PK nonsense")
    assert "is not a whole NumPy file" in refusal(capsys, "replay", kept)
    assert "No such file" in refusal(capsys, "replay", tmp_path / "none.npz")
    Recording(trace=golden_device(NETWORK, BITS[:16]), network=NETWORK).save(kept)
    assert refusal(capsys, "replay", kept) == "heard.npz holds no whole frame to run again"
