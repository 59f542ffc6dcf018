"""`thresh sim`: what it reports, and its serial port."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from cli_cases import answer, refusal, small_network

from thresh.cli.main import run
from thresh.model.model_file import save_network

RESULT = {
    "engine": "verilator", "frames": 7, "integers_compared": 900, "mismatches": 0,
    "first_difference": None, "cycles_per_frame": (40, 51.5, 63), "ideal_cycles_per_frame": 47.0,
    "utilisation": 47.0 / 51.5, "seconds": 0.5, "waveform": None,
}  # fmt: skip


@pytest.fixture
def model(tmp_path):
    """A model file."""
    save_network(small_network(), tmp_path / "m.safetensors")
    return tmp_path / "m.safetensors"


@pytest.fixture
def inputs(tmp_path):
    """Two sequences."""
    np.savez(tmp_path / "x.npz", a=np.full((4, 5), 0.2), b=np.full((3, 5), -0.2))
    return tmp_path / "x.npz"


@pytest.fixture
def simulator(monkeypatch):
    """Stands in for the simulator; returns what it was asked."""
    asked = SimpleNamespace(result=dict(RESULT))

    def simulate(network, x, *, geometry, engine, verilog, out_dir, progress, waveform):
        asked.x, asked.geometry, asked.engine = x, geometry, engine
        return SimpleNamespace(**asked.result)

    monkeypatch.setattr("thresh.simulation.simulate", simulate)
    return asked


def test_reports_what_was_compared(capsys, simulator, model, inputs):
    data = answer(capsys, "sim", model, inputs)
    assert data == RESULT | {"cycles_per_frame": {"min": 40, "mean": 51.5, "max": 63}}
    assert [x.shape for x in simulator.x] == [(4, 5), (3, 5)]
    assert simulator.geometry.lanes == 8


def test_lanes_and_engine_can_be_chosen(capsys, simulator, model, inputs):
    answer(capsys, "sim", model, inputs, "--lanes", "4", "--engine", "icarus")
    assert simulator.geometry.lanes == 4
    assert simulator.engine == "icarus"


@pytest.mark.parametrize("other", [("--board", "icebreaker"), ("--board-file", "mine.py")])
def test_lanes_and_a_board_are_not_taken_together(capsys, simulator, model, inputs, other):
    text = refusal(capsys, "sim", model, inputs, "--lanes", "8", *other)
    assert text == "Give --board or --lanes, not both: a board has lanes of its own."


def test_no_lanes_are_not_those_of_a_board(capsys, simulator, model, inputs):
    assert "lanes must be 4, 8" in refusal(capsys, "sim", model, inputs, "--lanes", "0")


def test_what_a_port_does_not_heed_is_refused(capsys, model, inputs):
    text = refusal(capsys, "sim", model, inputs, "--serve", "--engine", "icarus", "--waveform")
    assert text == "--serve takes inputs over its port alone: no INPUT, --engine, --waveform."


def test_a_difference_is_said_and_gives_status_1(capsys, simulator, model, inputs):
    where = "layer 0, step 3, unit 7: state is 12, golden says 13, at 5400 ns in x.fst"
    simulator.result |= {"mismatches": 2, "first_difference": where}
    assert run(["sim", str(model), str(inputs), "--json"]) == 1
    captured = capsys.readouterr()
    assert json.loads(captured.out)["mismatches"] == 2
    assert captured.err == f"thresh: {where}\n"


def test_people_get_a_table(capsys, simulator, model, inputs):
    assert run(["sim", str(model), str(inputs)]) == 0
    assert "40 to 63, mean 51.5" in capsys.readouterr().out


def test_input_is_needed_without_a_port(capsys, simulator, model):
    assert "INPUT" in refusal(capsys, "sim", model)


def test_a_network_that_does_not_fit_is_refused_first(capsys, simulator, inputs, tmp_path):
    save_network(small_network(units=400), tmp_path / "m.safetensors")
    assert "does not fit" in refusal(capsys, "sim", tmp_path / "m.safetensors", inputs)


def test_the_port_is_announced(capsys, monkeypatch, model):
    line = SimpleNamespace(close=lambda: None)
    monkeypatch.setattr("thresh.simulation.verilog_of", lambda *_: "module")
    monkeypatch.setattr("thresh.simulation.compile_verilog", lambda *_: "library")
    monkeypatch.setattr("thresh.simulation.CompiledLine", lambda *_: line)
    monkeypatch.setattr(
        "thresh.simulation.serve_line", lambda device, announce: announce("/dev/pts/9")
    )
    assert answer(capsys, "sim", model, "--serve") == {"port": "/dev/pts/9", "lanes": 8}
