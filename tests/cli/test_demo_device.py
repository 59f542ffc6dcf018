"""`thresh demo --device` on the clips that ship, with simulator and flow replaced."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from cli_cases import answer, refusal

from thresh import device_pipeline
from thresh.accelerator import Accelerator
from thresh.cli.main import run
from thresh.sim.device.compiled import Announcement
from thresh.sim.device.golden import golden_device
from thresh.sim.device.trace import DeviceTrace
from thresh.simulation import DeviceRun

WORDS = ["eight", "nine", "six"]


@pytest.fixture
def tools(monkeypatch):
    """Stands in for simulator and flow; says what they say and were asked.

    The folder of the data sets, which other demos take, is known.
    """
    monkeypatch.setenv("THRESH_DATA", "sets")
    tools = SimpleNamespace(change=0, built=[])

    class Device:
        def __init__(self, device, network, kind, folder):
            self.network, self.kind = network, kind

        def run(self, stimulus, seed):
            golden = golden_device(self.network, stimulus)
            outputs = golden.outputs.copy()
            outputs[-1, 0] += tools.change
            pins = [
                Announcement(frame=frame, label=label, decided=0, pin=0.7 + frame / 100)
                for frame, label in golden.heard.tolist()
            ]
            return DeviceRun(
                stimulus=stimulus, trace=DeviceTrace(**golden.stages | {"outputs": outputs}),
                golden=golden, cycles=np.full(golden.frames, 12_000), announcements=tuple(pins),
                first_bit=0.5,
            )  # fmt: skip

    def build(accelerator, folder, *, seeds, jobs, device):
        tools.built.append((accelerator.board.name, seeds, device))
        found = {
            "device": "iCE40UP5K", "utilization": {"ICESTORM_LC": {"used": 1, "available": 2}},
            "clocks": {"sync": {"clock_mhz": 26.4, "fmax_mhz": {"1": 31.0}}},
        }  # fmt: skip
        return SimpleNamespace(
            to_dict=lambda: found, result=SimpleNamespace(tools={"yosys": "0.70"}), summary="routed"
        )

    monkeypatch.setattr(device_pipeline, "SimulatedDevice", Device)
    monkeypatch.setattr(Accelerator, "build", build)
    return tools


def test_every_clip_is_heard_and_the_page_shows_it(capsys, tools, tmp_path):
    data = answer(capsys, "demo", "--device", "pdm", "-o", tmp_path, "--limit", 3)
    assert [clip["heard"] for clip in data["clips"]] == [[word] for word in WORDS]
    assert data["simulation"]["differences"] == []
    assert data["simulation"]["integers"] > 20_000
    assert data["simulation"]["share_awake"] == pytest.approx(12_000 * 100 / 12e6)
    one = data["clips"][1]
    (frame,) = {round(100 * (seconds - 0.2)) for seconds in one["seconds"]}
    assert one["seconds"] == [pytest.approx(0.2 + frame / 100)]
    assert one["pin_ms"] == pytest.approx(1000 * (one["seconds"][0] - one["word_end"]))
    assert tools.built == [("icebreaker", (1,), "pdm")]
    html = Path(data["report"]).read_text()
    assert html.count("<svg") == 5
    assert 0.1 < data["current"]["core_ma"] < 1
    assert sum(data["blocks"].values()) < 5280
    assert "3 of 3" in html
    assert json.loads((tmp_path / "device.json").read_text())["kind"] == "pdm"
    assert data["command"] == "thresh demo --limit 3 --device pdm"
    (tmp_path / "report.html").unlink()
    answer(capsys, "report", tmp_path)
    assert len((tmp_path / "report.html").read_text()) == len(html)


def test_a_difference_gives_status_1(capsys, tools, tmp_path):
    tools.change = 1
    words = ["demo", "--device", "pdm", "-o", str(tmp_path), "--limit", "2", "--json"]
    assert run(words) == 1
    captured = capsys.readouterr()
    assert "2 clips DIFFER, first: outputs of frame" in captured.err
    assert len(json.loads(captured.out)["simulation"]["differences"]) == 2


def test_refusals(capsys, tools, tmp_path):
    text = refusal(capsys, "demo", "--device", "pdm", "--data", tmp_path)
    assert "give --device or --data" in text
    text = refusal(capsys, "demo", "--device", "pdm", "--engine", "icarus")
    assert text == "--engine is not for a --device, which is always compiled."
    text = refusal(capsys, "demo", "--device", "pdm", "--board", "ulx3s-45f")
    assert text == "A device needs one of icebreaker, ulx3s-12f, ulx3s-85f, not 'ulx3s-45f'"
