"""`--top` of golden and run: the best classes and their scores."""

import numpy as np
import pytest
from cli_cases import answer, refusal, small_network, write_tone

from thresh.cli.main import run
from thresh.hw.estimates.board_geometry import geometry_for
from thresh.model.model_file import load_network, save_network
from thresh.sim.device_twin import DeviceTwin
from thresh.sim.pty_server import PtyServer


@pytest.fixture
def model(tmp_path):
    """A model file with a front end."""
    save_network(small_network(audio=True), tmp_path / "m.safetensors")
    return tmp_path / "m.safetensors"


def test_the_board_and_the_golden_model_give_the_same(capsys, model, tmp_path):
    clip, network = write_tone(tmp_path / "tone.wav"), load_network(model)
    here = answer(capsys, "golden", model, clip, "--top", 2)
    assert len(here["top"]) == 2
    assert here["top"] == here["utterances"][0]["top"]
    assert here["top"][0]["class"] == here["heard"]
    assert here["top"][0]["score"] >= here["top"][1]["score"]
    with PtyServer(DeviceTwin(geometry_for(network, lanes=4))) as server:
        there = answer(capsys, "run", model, clip, "-p", server.path, "--top", 2)
        assert run(["run", str(model), str(clip), "-p", server.path, "--top", "2"]) == 0
    assert there["top"] == here["top"]
    assert f"({here['top'][1]['score']})" in capsys.readouterr().out


def test_several_sequences_each_have_theirs(capsys, model, tmp_path):
    network = load_network(model)
    np.save(tmp_path / "x.npy", np.zeros((3, 5, network.inputs), np.int64))
    data = answer(capsys, "golden", model, tmp_path / "x.npy", "--top", 99)
    assert [len(item["top"]) for item in data["utterances"]] == [network.outputs] * 3
    assert "top" not in data
    assert run(["golden", str(model), str(tmp_path / "x.npy"), "--top", "1"]) == 0
    assert capsys.readouterr().out.count("top of") == 3


def test_refuses_no_class(capsys, model, tmp_path):
    clip = write_tone(tmp_path / "tone.wav")
    assert "0 is not in the range x>=1" in refusal(capsys, "golden", model, clip, "--top", 0)
