"""What a device draws, from published currents: every part, and the goal."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from thresh.hw.device_boards import DEVICE_BOARDS
from thresh.hw.estimates import device as estimates
from thresh.hw.estimates.device import device_current, device_fit
from thresh.hw.estimates.energy import CLOCK, QUIET_CELL
from thresh.model.model_file import load_network

ICEBREAKER = DEVICE_BOARDS["icebreaker"]
BUILDS = Path("docs/results/device-build.json")


@pytest.fixture(scope="module")
def network():
    return load_network("examples/digits-gru128-magnitude.safetensors")


def test_the_core_s_rail_stays_below_half_a_milliampere(network):
    _, found = device_current(ICEBREAKER, network, "pdm", 0.1)
    assert found.frames_per_second == 100
    assert 0.2e-3 < found.core_total <= 0.5e-3
    assert 4.3e-3 < found.never_stopped < 4.5e-3
    assert found.core_total == pytest.approx(sum(found.core.values()))


def test_a_frame_takes_the_cycles_that_simulation_counts(network):
    """13,800 to 15,300 cycles of the core were counted between the pins."""
    _, found = device_current(ICEBREAKER, network, "pdm", 0.1)
    total = sum(count for name, count in found.cycles.items() if name != "multipliers")
    assert 13_000 < total < 16_000
    assert found.awake == pytest.approx(100 * total / 12e6)


def test_parts_follow_their_clocks(network):
    shape, slow = device_current(ICEBREAKER, network, "i2s", 0.1)
    assert shape.rate == 7812.5
    assert slow.frames_per_second == pytest.approx(97.65625)
    _, pdm = device_current(ICEBREAKER, network, "pdm", 0.1)
    for name in ("front end", "samples and decision"):
        assert slow.core[name] / pdm.core[name] == pytest.approx(0.9765625, rel=1e-3)
    assert slow.others["microphone"] > pdm.others["microphone"]
    assert slow.others["I/O"] < pdm.others["I/O"]
    least = 2e6 * (CLOCK + estimates.BLOCK_CELLS["pdm"]["microphone"] * QUIET_CELL)
    assert pdm.core["audio domain"] > least
    assert slow.core["audio domain"] < pdm.core["audio domain"]


def test_without_an_activity_every_value_fires(network):
    _, busy = device_current(ICEBREAKER, network, "pdm")
    _, usual = device_current(ICEBREAKER, network, "pdm", 0.1)
    assert busy.cycles["network"] > 3 * usual.cycles["network"]
    assert busy.core["network"] > 3 * usual.core["network"]
    assert (busy.activity, usual.activity) == (
        "every value fires in every step", "every value fires with probability 0.1"
    )  # fmt: skip


def test_multipliers_work_for_every_event_where_every_value_fires(network):
    _, busy = device_current(ICEBREAKER, network, "pdm")
    _, all_fire = device_current(ICEBREAKER, network, "pdm", 1.0)
    assert busy.cycles["multipliers"] == all_fire.cycles["multipliers"] > 7_000
    assert busy.core["network"] == pytest.approx(all_fire.core["network"], rel=0.01)


def test_an_ecp5_draws_what_it_draws_at_rest(network):
    _, found = device_current(DEVICE_BOARDS["ulx3s-12f"], network, "pdm", 0.1)
    assert found.core["static"] == 77e-3
    assert found.core_total < 83e-3
    assert "PLL" in found.core
    assert "oscillator" not in found.core


def test_what_was_never_measured_is_not_said_to_be_within_a_factor(network):
    notes = {
        name: device_current(device, network, "pdm", 0.1)[1].note
        for name, device in DEVICE_BOARDS.items()
    }
    assert "may be wrong by a factor of two" in notes["icebreaker"]
    for name in ("ulx3s-12f", "ulx3s-85f"):
        assert notes[name].startswith("Every current of an ECP5 is an assumption")
        assert "factor" not in notes[name]


def test_a_network_that_does_not_fit_is_said_in_one_sentence(network):
    shape, _ = device_current(ICEBREAKER, network, "pdm", 0.1)
    assert device_fit(ICEBREAKER, network, shape).fits
    tight = replace(shape, geometry=replace(shape.geometry, state_depth=64))
    fit = device_fit(ICEBREAKER, network, tight)
    assert not fit.fits
    assert fit.advice.startswith(f"{network.name} does not fit the state memory")
    assert "; use fewer units or layers" in fit.advice


@pytest.mark.skipif(not BUILDS.exists(), reason="no device has been routed")
@pytest.mark.parametrize("kind", ["pdm", "i2s"])
def test_cells_are_those_that_were_counted(kind, network):
    row = next(row for row in json.loads(BUILDS.read_text()) if row["case"] == f"icebreaker-{kind}")
    assert row["blocks"] == estimates.BLOCK_CELLS[kind]
    used = {name: entry["used"] for name, entry in row["utilization"].items()}
    shape, _ = device_current(ICEBREAKER, network, kind, 0.1)
    needs = device_fit(ICEBREAKER, network, shape).needs
    assert used["ICESTORM_LC"] == needs["logic"].needed
    assert used["ICESTORM_RAM"] == needs["block RAM"].needed
