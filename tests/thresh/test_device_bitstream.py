"""Devices at the front door: built over a flow that builds nothing, flashed through a stand-in."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from hearing.networks import hearing_network

import thresh
from thresh.audio.decimator import Decimator
from thresh.device_bitstream import flash
from thresh.hw.device_boards import DEVICE_BOARDS
from thresh.hw.flow import device_build
from thresh.hw.flow.built_device import built_device
from thresh.hw.flow.result import BuildResult, RoutedClock
from thresh.hw.known_boards import find_board
from thresh.layout.device.image import device_body


def network(**changes):
    """A small network that hears at 8 kHz."""
    return thresh.Network(hearing_network(microphone=Decimator().to_dict(), **changes))


@pytest.fixture
def flow(monkeypatch):
    """Stands in for synthesis and routing; returns what it was asked."""
    asked = {"fmax": 35.0}

    def build_core(board, top, *, lanes, out_dir, seeds, jobs, minutes, progress, beside):
        asked.update(top=top, board=board, seeds=seeds, minutes=minutes)
        out_dir.mkdir(parents=True, exist_ok=True)
        suffix = "bin" if board.family == "ice40" else "bit"
        bitstream = out_dir / f"thresh.{suffix}"
        bitstream.write_bytes(b"bits")
        clocks = {
            name: RoutedClock(
                clock_mhz=hz / 1e6,
                fmax_mhz=dict.fromkeys(seeds, asked["fmax"] if name == "sync" else 99.0),
            )
            for name, hz in top.clocks_hz.items()
        }
        return BuildResult(
            board=board.name, device=board.device, lanes=lanes, clock_mhz=board.clock_hz / 1e6,
            fmax_mhz=clocks["sync"].fmax_mhz, bitstream=bitstream, clocks=clocks,
            image=beside(bitstream), tools={},
            utilization={"ICESTORM_LC": {"used": 5000, "available": 5280}},
            met=all(clock.met for clock in clocks.values()), critical_path=(),
        )  # fmt: skip

    monkeypatch.setattr(device_build, "build_core", build_core)
    return asked


@pytest.fixture
def loader(tmp_path, monkeypatch):
    program = tmp_path / "bin" / "openFPGALoader"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/log\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return tmp_path / "log"


@pytest.mark.parametrize(("board", "hz"), [("icebreaker", 13.2e6), ("ulx3s-12f", 50e6)])
def test_a_device_is_built_with_its_network_beside_it(flow, tmp_path, board, hz):
    net = network()
    made = net.compile(board).build(tmp_path, device="pdm", seeds=2)
    device = DEVICE_BOARDS[board]
    assert (flow["seeds"], flow["board"].clock_hz) == ((1, 2), hz)
    shape = flow["top"].core.shape
    assert (shape.rate, shape.kind, shape.classes) == (8000, "pdm", 3)
    assert shape.geometry == device.geometry
    assert made.result.image == tmp_path / "thresh.network"
    found = built_device(made.path)
    assert (found.shape, found.body) == (
        shape, device_body(net.integers, shape, device.layout(shape)),
    )  # fmt: skip
    said = made.to_dict()
    assert said["clocks"]["audio"] == {"clock_mhz": 2.0, "fmax_mhz": {"1": 99.0, "2": 99.0}}
    assert said["device_shape"]["rate"] == 8000
    assert "as a device, pdm" in made.title
    assert "13.2" in str(made) or board != "icebreaker"


def test_the_rate_of_an_i2s_microphone_is_said(flow, tmp_path):
    made = network().compile("icebreaker").build(tmp_path, device="i2s")
    assert flow["top"].core.shape.rate == 7812.5
    assert "7,812.5" in str(made)
    assert "8,000.0 (-2.3 %)" in str(made)


def test_a_clock_that_is_not_met_is_named(flow, tmp_path):
    flow["fmax"] = 14.0
    made = network().compile("icebreaker").build(tmp_path, device="pdm")
    assert not made.met
    assert "every seed must route for 14.3 MHz, the slowest routes for 14.0 MHz" in made.verdict
    assert made.verdict.endswith("clocks not met: sync")


@pytest.mark.parametrize(
    ("changes", "options", "words"),
    [
        ({}, {"board": "ulx3s-45f"}, "needs one of icebreaker, ulx3s-12f, ulx3s-85f"),
        ({}, {"board": "ulx3s-85f", "lanes": 32}, "the board's own lanes and columns"),
        ({"spotter": {}}, {"board": "icebreaker"}, "needs a network with a word-spotter"),
    ],
)
def test_what_cannot_be_a_device_is_refused(flow, tmp_path, changes, options, words):
    with pytest.raises(ValueError, match=words):
        network(**changes).compile(**options).build(tmp_path, device="pdm")
    with pytest.raises(ValueError, match="must be pdm or i2s, not 'usb'"):
        network().compile("icebreaker").build(tmp_path, device="usb")


def test_a_device_is_flashed_with_its_network(flow, loader, tmp_path):
    made = network().compile("icebreaker").build(tmp_path / "b", device="pdm")
    done = made.flash()
    assert done.written
    assert done.done.slot == 0
    assert loader.read_text().splitlines() == [" ".join(c[1:]) for c in done.to_dict()["commands"]]
    assert "command 1" in str(done)
    again = flash(find_board("icebreaker"), made.path, dry_run=True)
    assert again.to_dict()["commands"] == done.to_dict()["commands"]
    assert "would be written" in again.summary
    with pytest.raises(ValueError, match="always permanent"):
        made.flash(permanent=False)
    with pytest.raises(ValueError, match="always permanent"):
        flash(find_board("icebreaker"), made.path, permanent=False)


def test_a_bitstream_that_another_build_left_is_no_device(flow, tmp_path):
    made = network().compile("icebreaker").build(tmp_path, device="pdm")
    made.path.write_bytes(b"others")
    assert built_device(made.path) is None
    done = flash(find_board("icebreaker"), made.path, dry_run=True)
    assert done.to_dict()["command"][-2:] == ["--write-flash", str(made.path)]


def test_a_network_that_was_changed_beside_its_bitstream_is_refused(flow, tmp_path):
    made = network().compile("icebreaker").build(tmp_path, device="pdm")
    (tmp_path / "thresh.network").write_bytes(b"x")
    with pytest.raises(ValueError, match="is not what was built with"):
        built_device(made.path)


def test_a_network_alone_is_written_beside_the_other(loader, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    net = replace(network().integers, name="other")
    done = flash(find_board("icebreaker"), Path("b"), network=net, dry_run=True)
    said = done.to_dict()
    assert (said["bitstream"], said["written"]) == (None, False)
    assert "--dump-flash" in said["commands"][0]
    assert said["commands"][-1][-1] == "build/icebreaker/flash/first.bin"
