"""Energy of a frame: the formula and its constants."""

import pytest

from thresh.hw.estimates.energy import CURRENTS, frame_energy
from thresh.hw.known_boards import BOARDS

ICE = BOARDS["icebreaker"]

UNKNOWN = {"GW2AR-LV18"}
"""Devices of which nobody has published currents."""


def test_every_device_but_those_without_figures_has_currents():
    assert {board.device for board in BOARDS.values()} == set(CURRENTS) | UNKNOWN
    assert not UNKNOWN & set(CURRENTS)


def test_a_device_without_figures_has_no_energy(monkeypatch):
    monkeypatch.delitem(CURRENTS, ICE.device)
    assert frame_energy(ICE, ICE.geometry, cycles=9, ideal=5) is None


def test_a_halted_design_draws_what_was_measured():
    measured = CURRENTS["iCE40UP5K"]
    # 12 MHz and 32 cells that rarely toggle: 613.5 uA of the core rail.
    drawn = measured.static + 12e6 * measured.clock
    assert drawn * 1e6 == pytest.approx(613.5)


def test_energy_is_charge_times_voltage(monkeypatch):
    monkeypatch.setattr(
        "thresh.hw.estimates.energy.predict_logic", lambda *_: {"ICESTORM_LC": 1000}
    )
    drawn = CURRENTS["iCE40UP5K"]
    charge = (
        500 * (drawn.clock + 1000 * drawn.cell)
        + 300 * 8 * drawn.multiplier
        + drawn.static * 500 / ICE.clock_hz
    )
    found = frame_energy(ICE, ICE.geometry, cycles=500, ideal=300)
    assert found == pytest.approx(drawn.volts * charge)


def test_power_lies_where_such_designs_are():
    for board in (board for board in BOARDS.values() if board.device not in UNKNOWN):
        seconds = 1000 / board.clock_hz
        watts = frame_energy(board, board.geometry, cycles=1000, ideal=900) / seconds
        assert 5e-3 < watts < 1


def test_more_cycles_and_more_work_cost_more():
    def energy(**costs):
        return frame_energy(ICE, ICE.geometry, **costs)

    assert energy(cycles=500, ideal=400) < energy(cycles=600, ideal=400)
    assert energy(cycles=500, ideal=300) < energy(cycles=500, ideal=400)
