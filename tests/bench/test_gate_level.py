"""Netlists are the golden model's, integer for integer, and a spoilt cell is noticed."""

from dataclasses import replace

import numpy as np
import pytest

from bench.cycles import gate_level
from bench.cycles.gate_level import CASES, GATES, MODEL, operand_driver, pads, part_of
from bench.results import ROOT
from thresh.model.model_file import load_network
from thresh.sim.golden import GoldenModel


def test_published_netlists_differ_in_nothing_until_a_cell_is_spoilt():
    rows = GATES.rows()
    assert {row["case"] for row in rows} <= set(CASES)
    for row in rows:
        assert row["frames"] > 0
        assert row["integers_compared"] > 0
        assert (row["mismatches"] > 0) == ("spoilt" in row)
    measured = {row["case"] for row in rows}
    assert {row["case"] for row in rows if "spoilt" in row} == measured


def test_a_part_of_the_network_has_its_first_units_weights():
    whole = load_network(ROOT / MODEL)
    part = part_of(whole, 16)
    assert [layer.units for layer in part.layers] == [16, whole.layers[1].units]
    np.testing.assert_array_equal(part.layers[0].weight_h, whole.layers[0].weight_h[:, :16, :16])
    model = GoldenModel(part)
    model.new_sequence()
    assert model.step(np.zeros((1, whole.inputs), np.int64)).shape == (1, whole.outputs)
    assert part_of(whole, None) is whole


def cell(kind, inputs, outputs):
    ends = dict.fromkeys(inputs, "input") | dict.fromkeys(outputs, "output")
    return {"type": kind, "connections": inputs | outputs, "port_directions": ends}


def test_the_cell_to_be_spoilt_has_one_output_and_feeds_a_multiplier():
    cells = {
        "ram": cell("SB_RAM40_4K", {}, {"RDATA": [5, 6]}),
        "ff": cell("SB_DFF", {"D": [5]}, {"Q": [7]}),
        "mac": cell("SB_MAC16", {"A": [5], "B": [7, 6]}, {"O": [8, 9]}),
    }
    assert operand_driver({"cells": cells}) == "ff"
    cells["mac"]["connections"]["B"] = [6, 7]
    with pytest.raises(ValueError, match="No operand of a multiplier"):
        operand_driver({"cells": cells})


def test_pads_of_a_board():
    ports = {
        name: {} for name in ("led_g_0__io", "uart_0__rx__io", "uart_0__tx__io", "clk25_0__io")
    }
    found = pads({"ports": ports})
    assert found == {"clk25_0__io": "clk", "uart_0__rx__io": "rx", "uart_0__tx__io": "tx"}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["icebreaker", "icebreaker-routed", "ulx3s-12f", "tang-nano-20k"])
def test_a_netlist_equals_the_golden_model(name, monkeypatch):
    monkeypatch.setattr(gate_level, "SPOILT_FRAMES", 2)
    case = replace(CASES[name], frames=3, reads=(2,), seeds=(7,), units=16)
    sound, spoilt = gate_level.measure(case, ROOT / "build" / "sim")
    assert (sound["frames"], sound["mismatches"], sound["difference"]) == (3, 0, "")
    assert sound["integers_compared"] > 300
    assert spoilt["mismatches"] > 0
