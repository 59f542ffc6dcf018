"""`thresh replay` on recordings of a board and of a simulation, whole and tampered with."""

import json
from pathlib import Path

import numpy as np
import pytest
from cli_cases import answer, refusal
from hearing.networks import hearing_network, noise_bits

from thresh.cli.main import run
from thresh.model.model_file import save_network
from thresh.sim.device.golden import golden_device
from thresh.sim.device.recording import Recording
from thresh.sim.device.trace import DeviceTrace
from thresh.simulation import DeviceRun

NETWORK = hearing_network()
BITS = noise_bits(1500)
TRACE = golden_device(NETWORK, BITS)
BLIND = ("samples", "scores")
FROM_BOARD = DeviceTrace(**{k: v for k, v in TRACE.stages.items() if k not in BLIND})


@pytest.fixture
def kept(tmp_path):
    return tmp_path / "heard.npz"


@pytest.fixture
def device(monkeypatch):
    """Stands in for the compiled device."""

    class Device:
        def __init__(self, device, network, kind, folder):
            assert (device.name, kind) == ("icebreaker", "pdm")
            self.network = network

        def run(self, stimulus):
            golden = golden_device(self.network, stimulus)
            return DeviceRun(
                stimulus=stimulus, trace=golden, golden=golden, announcements=(), first_bit=0.1,
                cycles=np.arange(golden.frames),
            )  # fmt: skip

    monkeypatch.setattr("thresh.simulation.SimulatedDevice", Device)


def test_a_recording_of_a_simulation_is_equal_and_so_is_the_device(capsys, kept, device):
    Recording(trace=TRACE, stimulus=BITS, network=NETWORK).save(kept)
    data = answer(capsys, "replay", kept)
    assert (data["begins"], data["frames"], data["equal"]) == ("the microphone", TRACE.frames, True)
    integers = sum(rows.size for rows in TRACE.stages.values())
    assert data["compared"] == {
        name: {"integers": integers, "first_difference": None}
        for name in ("the recording", "the simulated device")
    }


def test_features_of_a_board_go_through_the_simulated_core(capsys, kept, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Recording(trace=FROM_BOARD, network=NETWORK).save(kept)
    data = answer(capsys, "replay", kept)
    assert (data["begins"], data["equal"]) == ("features", True)
    assert data["compared"]["the simulated core"]["integers"] > 1000


@pytest.mark.slow
def test_what_the_simulated_device_heard_is_equal_when_it_is_run_again(
    capsys, kept, tmp_path, monkeypatch
):
    clip = Path("examples/seven.wav").resolve()
    monkeypatch.chdir(tmp_path)
    heard = answer(capsys, "listen", "--simulate", clip, "--engine", "compiled", "--record", kept)
    assert [item["word"] for item in heard["heard"]] == ["seven"]
    assert 5_000 < heard["cycles_per_frame"] < 20_000
    data = answer(capsys, "replay", kept)
    assert data["equal"]
    assert data["compared"]["the simulated device"]["integers"] > 7_000


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
