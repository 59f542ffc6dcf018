"""`thresh demo` on the clips that ship, with simulator and flow replaced."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from cli_cases import answer, refusal, write_tone

from thresh import pipeline, simulation
from thresh.cli import demo
from thresh.cli.main import run
from thresh.hw.flow.result import BuildResult


@pytest.fixture
def tools(monkeypatch):
    """Stands in for simulator, Verilog and flow; returns what they say and were asked."""
    tools = SimpleNamespace(mismatches=0, simulated={})

    def simulate(network, inputs, *, geometry, engine, **_):
        tools.simulated[engine] = len(inputs)
        frames = sum(len(x) for x in inputs)
        return SimpleNamespace(
            engine=engine, frames=frames, integers_compared=100 * frames,
            mismatches=tools.mismatches, first_difference="layer 0, step 3",
            cycles_per_frame=(40, 51.5, 63), ideal_cycles_per_frame=47.0, utilisation=0.91,
            seconds=0.5, waveform=None,
        )  # fmt: skip

    def build(board, image, *, out_dir, seeds, **_):
        return BuildResult(
            board=board.name, device=board.device, lanes=image.geometry.lanes, clock_mhz=42.0,
            fmax_mhz=dict.fromkeys(seeds, 46.5), bitstream=Path(out_dir) / "thresh.bin", image=None,
            utilization={"ICESTORM_LC": {"used": 4000, "available": 5280}},
            tools={"yosys": "0.70"}, met=True, critical_path=(),
        )  # fmt: skip

    def exported(image, shell, *_, **__):
        return {f"{shell.top}.v": "module\n", f"{shell.top}.core": "CAPI=2:\n"}

    monkeypatch.setattr(simulation, "simulate", simulate)
    monkeypatch.setattr(pipeline, "verilog_of", lambda *_: "module")
    monkeypatch.setattr("thresh.sources.contents", exported)
    monkeypatch.setattr("thresh.hw.flow.build.build", build)
    monkeypatch.delenv("THRESH_DATA", raising=False)
    return tools


def test_runs_the_whole_line_and_writes_a_page(capsys, tools, tmp_path):
    data = answer(capsys, "demo", "-o", tmp_path)
    assert data["golden"]["accuracy"] == 1.0
    assert tools.simulated == {"compiled": 10, "verilator": 10}
    assert data["sim"]["mismatches"] == 0
    assert data["build"]["fmax_mhz"] == {"1": 46.5}
    assert Path(data["report"]).read_text().count("<svg") == 4
    assert (tmp_path / "network.img").exists()
    assert (tmp_path / "verilog" / "thresh_accelerator.core").exists()
    assert json.loads((tmp_path / "demo.json").read_text())["network"] == "digits-gru128"


def test_the_page_says_what_makes_it_again(capsys, tools, tmp_path):
    words = ("--board", "ulx3s-85f", "--seeds", 2, "--limit", 3, "--engine", "icarus")
    data = answer(capsys, "demo", *words, "-o", tmp_path)
    assert data["command"] == f"thresh demo {' '.join(map(str, words))}"
    assert f"<code>{data['command']}</code>" in Path(data["report"]).read_text()
    assert answer(capsys, "demo", "-o", tmp_path)["command"] == "thresh demo"


def test_the_page_can_be_written_again(capsys, tools, tmp_path):
    answer(capsys, "demo", "-o", tmp_path)
    (tmp_path / "report.html").unlink()
    answer(capsys, "report", tmp_path)
    assert (tmp_path / "report.html").exists()


def test_a_difference_gives_status_1(capsys, tools, tmp_path):
    tools.mismatches = 2
    assert run(["demo", "-o", str(tmp_path), "--json"]) == 1
    assert "2 DIFFER, first: layer 0, step 3" in capsys.readouterr().err


def test_real_recordings_are_heard_when_their_folder_is_named(capsys, tools, tmp_path, monkeypatch):
    folder = tmp_path / "data" / "fsdd" / "recordings"
    folder.mkdir(parents=True)
    for digit in range(10):
        for take in (0, 4, 5):
            write_tone(folder / f"{digit}_someone_{take}.wav", hertz=300 + 100 * digit)
    monkeypatch.setenv("THRESH_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(demo, "RECORDINGS", 15)
    data = answer(capsys, "demo", "-o", tmp_path / "out")
    assert data["golden"]["sequences"] == 20
    assert data["command"] == f"thresh demo --data {tmp_path / 'data'}"
    assert tools.simulated == {"compiled": 15, "verilator": 10}


def test_a_folder_without_recordings_is_refused(capsys, tools, tmp_path):
    text = refusal(capsys, "demo", "--data", tmp_path)
    assert "holds no recordings" in text


def test_an_unknown_board_is_refused(capsys, tools):
    assert "must be one of icebreaker" in refusal(capsys, "demo", "--board", "arty")
