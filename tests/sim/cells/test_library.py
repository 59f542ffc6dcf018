"""Models of cells: which there are, which inputs they have, and what is refused."""

import pytest

from thresh.sim.cells.library import OWN, cell_library


@pytest.mark.parametrize(
    ("family", "kind", "inputs"),
    [
        ("ice40", "SB_LUT4", {"I0", "I1", "I2", "I3"}),
        ("ice40", "SB_DFFESR", {"C", "E", "R", "D"}),
        ("ice40", "SB_CARRY", {"I0", "I1", "CI"}),
        ("ice40", "ICESTORM_LC", {"I0", "I1", "I2", "I3", "CIN", "CLK", "CEN", "SR"}),
        ("ecp5", "LUT4", set("ABCD")),
        ("ecp5", "TRELLIS_FF", {"CLK", "LSR", "CE", "DI", "M"}),
        ("ecp5", "DCCA", {"CLKI", "CE"}),
    ],
)
def test_inputs_of_a_cell(family, kind, inputs):
    assert cell_library(family).inputs(kind) == inputs


def test_a_cell_brings_those_that_it_is_made_of():
    verilog = cell_library("ecp5").verilog({"CCU2C"})
    assert "module LUT4" in verilog
    assert "module TRELLIS_FF" not in verilog
    assert "specify" not in verilog


@pytest.mark.parametrize("family", OWN)
def test_there_is_one_model_of_a_cell(family):
    library = cell_library(family)
    verilog = library.verilog(library.modules)
    assert all(verilog.count(f"\nmodule {kind} ") <= 1 for kind in library.modules)
    assert "=== 1'bz" not in verilog


def test_single_port_memory_begins_with_values_that_nobody_knows():
    assert "$urandom" in cell_library("ice40").modules["SB_SPRAM256KA"]


def test_a_cell_without_a_model_is_refused():
    with pytest.raises(ValueError, match="There is no model of the cell SB_I3C_NONE"):
        cell_library("ice40").verilog({"SB_I3C_NONE"})
