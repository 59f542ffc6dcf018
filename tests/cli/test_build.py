"""`thresh build` over a flow that builds nothing."""

import json
from pathlib import Path

import numpy as np
import pytest
from cli_cases import answer, refusal, small_network

from thresh.cli.main import run
from thresh.hw.flow.result import BuildResult
from thresh.model.model_file import save_network


@pytest.fixture
def flow(monkeypatch):
    """Stands in for the flow; returns what it was asked."""
    asked = {}

    def build(board, image, *, out_dir, seeds, jobs, minutes, progress):
        asked.update(board=board, image=image, out_dir=out_dir, minutes=minutes)
        lost = asked.get("lost", ())
        progress("synthesis")
        return BuildResult(
            board=board.name, device=board.device, lanes=image.geometry.lanes, clock_mhz=42.0,
            fmax_mhz=dict.fromkeys(set(seeds) - set(lost), asked.get("fmax", 46.5)),
            given_up=lost,
            bitstream=out_dir / "thresh.bin", image=None,
            utilization={"ICESTORM_LC": {"used": 4000, "available": 5280}}, tools={},
            met="fmax" not in asked and not lost,
            critical_path=(),
        )  # fmt: skip

    monkeypatch.setattr("thresh.hw.flow.build.build", build)
    return asked


@pytest.fixture
def model(tmp_path):
    """A model file."""
    save_network(small_network(), tmp_path / "m.safetensors")
    return tmp_path / "m.safetensors"


def test_a_build_is_reported(capsys, flow, model, tmp_path):
    data = answer(capsys, "build", "icebreaker", model, "--seeds", "2", "-o", tmp_path)
    assert data == {
        "board": "icebreaker", "device": "iCE40UP5K", "lanes": 8, "clock_mhz": 42.0,
        "fmax_mhz": {"1": 46.5, "2": 46.5}, "given_up": [], "met": True,
        "utilization": {"ICESTORM_LC": {"used": 4000, "available": 5280}},
        "bitstream": str(tmp_path / "thresh.bin"),
    }  # fmt: skip
    assert flow["image"].network == small_network()


def test_lanes_can_be_chosen(capsys, flow, model):
    assert answer(capsys, "build", "ulx3s-85f", model, "--lanes", "32")["lanes"] == 32
    assert flow["out_dir"] == Path("build/ulx3s-85f")


@pytest.mark.parametrize("sparse", [[], ["--sparse"]])
def test_columns_may_lie_in_sdram(capsys, flow, model, sparse):
    options = ["--columns", "sdram", *sparse]
    assert answer(capsys, "build", "ulx3s-85f", model, *options)["lanes"] == 16
    geometry = flow["image"].geometry
    assert (geometry.columns, geometry.sparse) == ("sdram", bool(sparse))


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["build", "icebreaker", "MODEL"], "such as ulx3s-85f, not icebreaker"),
        (["estimate", "MODEL", "icebreaker"], "such as ulx3s-85f, not icebreaker"),
        (["estimate", "MODEL", "ulx3s-85f", "--lanes", "4"], "need lanes = 16 for 8-bit weights"),
        (
            ["sim", "MODEL", "MODEL", "--board", "ulx3s-85f", "--engine", "verilator"],
            "simulated by the engine compiled",
        ),
        (["verilog", "MODEL"], "are not written as Verilog"),
    ],
)
def test_what_cannot_be_done_with_an_sdram_is_refused(
    capsys, flow, model, words, text, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    np.save("x.npy", np.zeros((2, 5)))
    words = [model if word == "MODEL" else word for word in words]
    words = ["sim", model, "x.npy", *words[3:]] if words[0] == "sim" else words
    assert text in refusal(capsys, *words, "--columns", "sdram")
    assert {path.name for path in tmp_path.iterdir()} <= {"m.safetensors", "x.npy", "build"}


def test_people_get_a_table(capsys, flow, model):
    assert run(["build", "icebreaker", str(model)]) == 0
    captured = capsys.readouterr()
    assert "ICESTORM_LC" in captured.out
    assert "76%" in captured.out
    assert "synthesis" in captured.err


def test_a_clock_that_is_not_met_is_said_and_gives_status_1(capsys, flow, model):
    flow["fmax"] = 32.2
    assert run(["build", "icebreaker", str(model), "--json"]) == 1
    captured = capsys.readouterr()
    assert json.loads(captured.out)["met"] is False
    assert "42 MHz clock NOT met" in captured.err
    assert "45.4 MHz, the slowest routes for 32.2 MHz" in captured.err


def test_a_seed_that_is_given_up_is_said_and_gives_status_1(capsys, flow, model):
    flow["lost"] = (2,)
    assert run(["build", "icebreaker", str(model), "--minutes", "7.5"]) == 1
    assert flow["minutes"] == 7.5
    captured = capsys.readouterr()
    assert "seeds not routed in time" in captured.out
    assert "slowest routes for 46.5 MHz; seed 2 was not routed in time" in captured.err


def test_a_network_that_does_not_fit_is_refused_before_the_build(capsys, flow, tmp_path):
    save_network(small_network(units=400), tmp_path / "m.safetensors")
    assert "does not fit" in refusal(capsys, "build", "icebreaker", tmp_path / "m.safetensors")
    assert flow == {}
