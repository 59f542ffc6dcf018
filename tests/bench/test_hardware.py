"""Builds of every target, kept and joined with the utilisation."""

import json
from types import SimpleNamespace

import pytest

from bench.hardware import clocks as hardware
from bench.hardware import logic, targets
from bench.pages.goals import goals
from thresh.hw.estimates.fit import device_needs
from thresh.hw.estimates.resources import features
from thresh.tools.toolchain import ToolError

BUILD = {
    "name": "icebreaker-8", "design": "accelerator", "board": "icebreaker", "family": "ice40",
    "lanes": 8, "pointwise_lanes": 1, "weight_bits": 8, "value_bits": 16, "fmax_mhz": [50.0, 54.0],
    "seeds": [1, 2],
    "median_mhz": 52.0, "worst_mhz": 50.0, "clock_mhz": 46.3, "resources": {"ICESTORM_LC": 5000},
    "command": "build",
}  # fmt: skip
RUN = {
    "family": "ice40", "lanes": 8, "pointwise_lanes": 1, "weight_bits": 8, "value_bits": 16,
    "network": "1x128", "layers": 1, "inputs": 64, "weights": 73728, "activity": 0.1,
    "cycles": {"min": 1, "mean": 1000.0, "max": 2},
    "ideal_cycles": 900.0, "utilisation": 0.9, "worst_cycles": 9000,
    "sustained": {"cycles": 990.0, "utilisation": 0.91}, "command": "run", "key": "",
}  # fmt: skip


def test_a_joined_row_says_what_a_frame_costs():
    (row,) = hardware.join([BUILD], [RUN, RUN | {"lanes": 16}, RUN | {"weight_bits": 4}])
    assert row["frames_per_second"] == 46300
    assert row["peak_gops"] == pytest.approx(2 * 8 * 46.3e6 / 1e9, abs=1e-3)
    assert row["effective_gops"] == pytest.approx(2 * 73728 * 46300 / 1e9, abs=1e-3)
    assert row["command"] == ["build", "run"]
    assert row["fits"] is True


def test_a_joined_row_stands_beside_the_dense_design_of_its_target():
    dense = BUILD | {"design": "dense", "fmax_mhz": [60.0, 58.0], "clock_mhz": 53.7}
    (row,) = hardware.join([BUILD, dense], [RUN])
    assert row["dense_design_gops"] == pytest.approx(2 * 8 * 53.7e6 / 1e9, abs=1e-3)
    (row,) = hardware.join([BUILD, dense | {"name": "icebreaker-4"}], [RUN])
    assert row["dense_design_gops"] is None


def test_a_network_that_does_not_fit_has_no_rates():
    (row,) = hardware.join([BUILD], [RUN | {"network": "4x1024", "layers": 4}])
    assert row["fits"] is False
    assert row["utilisation"] == 0.9
    assert not {"effective_gops", "frames_per_second", "least_frames_per_second"} & set(row)


def test_failed_builds_are_left_out():
    assert hardware.join([BUILD | {"error": "too large"}], [RUN]) == []


BLOCKS = {
    "block RAM": ("DP16KD", "ICESTORM_RAM", "BSRAM"),
    "multiplier": ("MULT18X18D", "ICESTORM_DSP", "MULT18X18"),
}
BUILT = {target.name: target for target in targets.TARGETS}
PACKED = {logic.shape_name(target): target for target in (*targets.TARGETS, *logic.OTHERS)}
BUILDS = [
    (BUILT[row["name"]], row)
    for row in targets.load_builds()
    if row["design"] == "accelerator" and "error" not in row
] + [(PACKED[row["name"]], row) for row in logic.load_rows()]


@pytest.mark.parametrize(("target", "row"), BUILDS, ids=lambda one: getattr(one, "name", ""))
def test_blocks_are_counted_as_every_build_has_them(target, row):
    needs = device_needs(target.board, target.geometry)
    for name, types in BLOCKS.items():
        assert needs[name].needed == sum(row["resources"].get(kind, 0) for kind in types)


@pytest.mark.parametrize(("target", "row"), BUILDS, ids=lambda one: getattr(one, "name", ""))
def test_features_are_those_of_the_present_geometry(target, row):
    assert row["features"] == features(target.board.family, target.geometry)
    if "memory" in row["features"]:
        assert row["features"]["memory"] == row["resources"]["RAM16SDP4"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder of results."""
    monkeypatch.setattr(targets, "RESULTS", tmp_path)
    monkeypatch.setattr(hardware, "RESULTS", tmp_path)
    monkeypatch.setattr(hardware, "make_core", lambda target, design: None)
    monkeypatch.setattr(
        hardware, "look", lambda row, board, core, seeds: (str(seeds), row.get("key") == str(seeds))
    )
    monkeypatch.setattr(hardware, "key_of_netlist", lambda board, folder, seeds: "netlist")
    return tmp_path


def test_an_accelerator_that_does_not_fit_is_not_built(folder):
    words = ["--only", "ulx3s-12f-32", "--design", "accelerator", "--folder", str(folder)]
    hardware.main(words)
    row = json.loads((folder / "build-ulx3s-12f-32.json").read_text())
    text = "does not fit: it needs 66 block RAMs of 56 and 40 multipliers of 28"
    assert row["error"] == text
    assert "fmax_mhz" not in row


def test_a_dense_design_stands_beside_an_accelerator_that_fits(folder, capsys):
    hardware.main(["--only", "ulx3s-12f-32", "--design", "dense", "--folder", str(folder)])
    assert "dense: the accelerator beside it does not fit" in capsys.readouterr().out
    assert not list(folder.glob("build-*.json"))


def run(folder, *words):
    """Run the bench on one target."""
    hardware.main(
        ["--only", "icebreaker-8", "--design", "dense", "--folder", str(folder), *words]
    )  # fmt: skip


def test_a_build_that_fails_is_noted_and_not_repeated(folder, monkeypatch):
    calls = []

    def fail(*arguments, **options):
        calls.append(options["seeds"])
        raise ToolError("nextpnr failed:\n no room")

    monkeypatch.setattr(hardware, "build_core", fail)
    run(folder)
    row = json.loads((folder / "build-icebreaker-8-dense.json").read_text())
    assert row["error"] == "nextpnr failed: no room"
    run(folder)
    assert calls == [(1, 2, 3, 4, 5)]
    run(folder, "--seeds", "1")
    assert calls[1:] == [(1,)]


def test_a_seed_that_is_given_up_counts_as_the_slowest(folder, monkeypatch):
    result = SimpleNamespace(
        fmax_mhz={1: 50.0, 3: 54.0, 4: 52.0, 5: 48.0}, given_up=(2,), met=False, utilization={},
        critical_path=(), tools={},
    )  # fmt: skip
    monkeypatch.setattr(hardware, "build_core", lambda *_, **__: result)
    run(folder, "--minutes", "20")
    row = json.loads((folder / "build-icebreaker-8-dense.json").read_text())
    assert (row["median_mhz"], row["worst_mhz"]) == (50.0, 48.0)
    assert (row["given_up"], row["minutes"]) == ([2], 20)
    assert row["command"].endswith("--seeds 5 --minutes 20")


def test_an_unknown_target_is_refused():
    with pytest.raises(SystemExit, match="There is no target arty"):
        hardware.main(["--only", "arty"])


def test_every_target_has_a_geometry_of_its_own():
    shapes = {target.name: target.geometry for target in targets.TARGETS}
    assert len(shapes) == len(targets.TARGETS)
    assert {shape.lanes for shape in shapes.values()} == {8, 16, 32, 64, 128}


def test_goals_say_how_far_it_is():
    rows = {goal: rest for goal, *rest in goals([BUILD], [RUN])}
    assert rows["median routed clock, icebreaker, 8 lanes, 8-bit weights"] == [
        ">= 48 MHz", "52.0 MHz, 2 seeds", "yes",
    ]  # fmt: skip
    assert rows["utilisation, 1x128 GRU, 10% active, UP5K, 8 lanes"] == [
        ">= 97%", "90.0%, sustained 91.0%", "no",
    ]  # fmt: skip
    assert rows["utilisation, 2x256 GRU, 10% active, ECP5, 64 lanes"][1] == "not measured"
