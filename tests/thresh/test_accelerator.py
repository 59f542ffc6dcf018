"""Accelerators at the front door: compiled, estimated, simulated, written, built, flashed."""

import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from amaranth.hdl import Fragment
from cli_cases import small_network
from door_cases import X, deciding, labels

import thresh
from thresh.hw.estimates.board_geometry import board_geometry, geometry_for, sdram_geometry
from thresh.hw.flow.board_accelerator import accelerator_of
from thresh.hw.flow.result import BuildResult
from thresh.hw.known_boards import find_board
from thresh.layout.image import build_image, load_image


def test_a_board_gives_its_own_dimensions():
    net = deciding()
    acc = net.compile("ulx3s-85f", lanes=16)
    assert acc.geometry == board_geometry("ulx3s-85f", network=net.integers, lanes=16)
    assert acc.image.to_bytes() == build_image(net.integers, acc.geometry).to_bytes()
    assert (acc.lanes, acc.board.name) == (16, "ulx3s-85f")
    assert net.compile(find_board("icebreaker")).lanes == 8


def test_without_a_board_it_is_just_large_enough():
    net = deciding()
    acc = net.compile(lanes=16, pointwise_lanes=4, sparse=True)
    assert acc.geometry == geometry_for(net.integers, lanes=16, pointwise_lanes=4, sparse=True)
    assert net.compile().lanes == 8


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ({"board": "arty"}, "must be one of icebreaker"),
        ({"lanes": 5}, "lanes must be 4, 8"),
        ({"lanes": 0}, "lanes must be 4, 8"),
        ({"board": "ulx3s-12f", "lanes": 128}, "does not fit the .* of ulx3s-12f with 128 lanes"),
        ({"board": "icebreaker", "pointwise_lanes": 2}, "lanes of icebreaker follow its lanes"),
        ({"board": "icebreaker", "sparse": True}, "none left beside 8 lanes"),
        ({"columns": "flash"}, "columns must be chip or sdram, not 'flash'"),
        ({"columns": "sdram"}, "need a board that has one, such as ulx3s-85f, and are not"),
        ({"board": "icebreaker", "columns": "sdram"}, "such as ulx3s-85f, not icebreaker"),
        (
            {"board": "ulx3s-12f", "columns": "sdram", "lanes": 8},
            "Columns in SDRAM need lanes = 16 for 8-bit weights, not 8",
        ),
    ],
)
def test_accelerators_that_cannot_be_are_refused(words, text):
    with pytest.raises(ValueError, match=text):
        deciding().compile(**words)


@pytest.mark.parametrize("sparse", [False, True])
def test_columns_in_sdram_are_laid_out_and_built(sparse):
    net = deciding()
    acc = net.compile("ulx3s-85f", columns="sdram", sparse=sparse)
    assert acc.geometry == sdram_geometry(net.integers, sparse=sparse)
    core = accelerator_of(acc.board, acc.image)
    assert core.sdram.chip == acc.board.sdram
    assert core.image is None
    assert dict(core.signature.members).keys() >= {"rx", "tx", "pins"}


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (lambda acc: acc.simulate(X, engine="verilator"), "simulated by the engine compiled"),
        (lambda acc: acc.simulate(X, waveform=True), "compiled, without a waveform"),
        (lambda acc: acc.serve(), "To serve an accelerator, compile .* on the chip"),
        (lambda acc: acc.write_verilog("none"), "To write Verilog of an accelerator"),
    ],
)
def test_steps_that_know_no_sdram_say_so_and_write_nothing(step, text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=text):
        step(deciding().compile("ulx3s-12f", columns="sdram"))
    assert not list(tmp_path.iterdir())


def test_an_image_with_columns_in_sdram_is_kept_and_read(tmp_path):
    acc = deciding().compile("ulx3s-12f", columns="sdram")
    placed = acc.write_image(tmp_path / "large.img")
    assert placed.to_dict()["memories"]["SDRAM"]["used"] == len(acc.image.columns)
    assert "16,777,216 words of SDRAM" in acc.summary
    read = load_image(tmp_path / "large.img")
    np.testing.assert_array_equal(read.columns, acc.image.columns)
    assert read.hash == acc.image.hash == int(placed.to_dict()["network_hash"], 16)


def test_a_network_that_does_not_fit_is_refused_with_what_to_change():
    net = thresh.Network(small_network(units=400))
    with pytest.raises(ValueError, match=r"does not fit the weight memory of icebreaker.*; use"):
        net.compile("icebreaker")
    found = net.estimate("icebreaker")
    assert not found.fits
    assert "use" in found.advice
    assert "NO" in found._repr_html_()


def test_the_accelerator_predicts_what_the_network_does():
    net = deciding()
    acc = net.compile("icebreaker")
    assert np.array_equal(acc.predict(X), net.predict(X))
    assert acc.score(X, labels()) == net.score(X, labels())
    assert np.array_equal(acc.trace(X[0]).layers[0].m, net.trace(X[0]).layers[0].m)


def test_cost_follows_activity():
    acc = deciding().compile("icebreaker")
    unknown, busy, quiet = (
        acc.estimate(), acc.estimate(X), acc.estimate(activity=0.01),
    )  # fmt: skip
    assert unknown.figures.cycles.mean is None
    assert unknown.cycles == unknown.figures.cycles.worst
    assert quiet.cycles < busy.cycles < unknown.cycles
    assert busy.to_dict()["cycles"]["source"] == "arrays"
    with pytest.raises(ValueError, match=r"To estimate an accelerator, compile .* for a board"):
        deciding().compile().estimate()


def test_the_simulator_gets_the_integers_and_says_what_differs(monkeypatch, tmp_path):
    asked = SimpleNamespace()

    def simulate(network, x, *, geometry, engine, verilog, out_dir, progress, waveform):
        asked.x, asked.geometry, asked.engine, asked.folder = x, geometry, engine, out_dir
        progress(7, 7)
        return SimpleNamespace(
            engine=engine, frames=7, integers_compared=900, mismatches=2, seconds=0.5,
            first_difference="layer 0, step 3", cycles_per_frame=(40, 51.5, 63),
            ideal_cycles_per_frame=47.0, utilisation=0.9, waveform=None,
        )  # fmt: skip

    monkeypatch.setattr("thresh.simulation.simulate", simulate)
    acc, told = deciding().compile("icebreaker"), []
    found = acc.simulate(
        X[:2], engine="verilator", folder=tmp_path, progress=lambda *said: told.append(said)
    )
    assert np.array_equal(asked.x[1], acc.read(X[1]).integers[0])
    assert (asked.geometry, asked.engine, asked.folder) == (acc.geometry, "verilator", tmp_path)
    assert told == [(7, 7)]
    assert not found.equal
    assert "2 DIFFER, first: layer 0, step 3" in repr(found)
    assert found.cycles_per_frame == 51.5


def test_an_unknown_engine_is_refused():
    with pytest.raises(ValueError, match="engine must be verilator or icarus or compiled, not 'x'"):
        deciding().compile().simulate(X[0], engine="x")


def test_image_and_sources_are_written(tmp_path, monkeypatch):
    def verilog(component, name, **_):
        Fragment.get(component, None)
        return {f"{name}.v": "m\ne\n"}

    monkeypatch.setattr("thresh.exports.folder.readable_verilog", verilog)
    acc = deciding().compile(lanes=4)
    placed = acc.write_image(tmp_path / "net.img")
    assert load_image(tmp_path / "net.img").network == acc.integers
    assert placed.to_dict()["bytes"] == (tmp_path / "net.img").stat().st_size
    written = acc.write_verilog(tmp_path / "v")
    names = {str(path.relative_to(tmp_path / "v")) for path in (tmp_path / "v").rglob("*.*")}
    assert names | {"LICENSE"} == set(written.to_dict()["files"])
    assert written.lines == 2
    with pytest.raises(ValueError, match="30000000 baud is too fast at 48 MHz"):
        acc.write_verilog(tmp_path / "w", baud=30_000_000)
    assert not (tmp_path / "w").exists()


@pytest.fixture
def flow(monkeypatch):
    """Stands in for the flow; returns what it was asked."""
    asked = {}

    def build(board, image, *, out_dir, seeds, jobs, minutes, progress):
        asked.update(board=board, image=image, out_dir=out_dir, seeds=seeds)
        progress("synthesis")
        return BuildResult(
            board=board.name, device=board.device, lanes=image.geometry.lanes, clock_mhz=42.0,
            fmax_mhz=dict.fromkeys(seeds, 44.0), bitstream=out_dir / "thresh.bin", image=None,
            utilization={"ICESTORM_LC": {"used": 4000, "available": 5280}}, tools={}, met=False,
            critical_path=(),
        )  # fmt: skip

    monkeypatch.setattr("thresh.hw.flow.build.build", build)
    return asked


def test_a_bitstream_is_built_and_says_whether_the_clock_is_met(flow, tmp_path, capsys):
    acc, told = deciding().compile("icebreaker"), []
    made = acc.build(tmp_path, seeds=2, progress=told.append)
    assert (flow["seeds"], flow["out_dir"], flow["image"]) == ((1, 2), tmp_path, acc.image)
    assert told == ["synthesis"]
    assert not made.met
    assert "42 MHz clock NOT met: every seed must route for 45.4 MHz" in repr(made)
    assert "76%" in made.to_html()
    acc.build(seeds=[7], progress=True)
    assert (flow["seeds"], flow["out_dir"]) == ((7,), Path("build/icebreaker"))
    assert capsys.readouterr().err == "synthesis\n"
    with pytest.raises(ValueError, match="To build an accelerator, compile the network for a boa"):
        deciding().compile().build()


def test_a_bitstream_is_written_to_its_board(flow, tmp_path, monkeypatch):
    program = tmp_path / "openFPGALoader"
    program.write_text("#!/bin/sh\necho Done\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    made = deciding().compile("icebreaker").build(tmp_path)
    for dry_run in (False, True):
        with pytest.raises(ValueError, match=r"thresh.bin is missing"):
            made.flash(dry_run=dry_run)
    made.path.write_bytes(b"bits")
    dry = made.flash(dry_run=True)
    assert dry.command[1:3] == ["--board", "ice40_generic"]
    assert not dry.written
    lines = []
    assert made.flash(progress=lines.append).written
    assert lines == ["Done"]
