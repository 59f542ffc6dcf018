"""Devices that are routed and counted: their shapes, and cells of modules inside modules."""

import pytest

from bench.hardware.cells import children, count_cells, count_tree
from bench.hardware.device_build import BLOCKS, CASES, REST
from thresh.hw.device_boards import shape_for
from thresh.hw.estimates.device import BLOCK_CELLS
from thresh.layout.device.image import device_body


def cell(kind, **ports):
    """A cell whose upper-case ports are inputs but for O and Q."""
    return {
        "type": kind,
        "connections": {name: [bit] for name, bit in ports.items()},
        "port_directions": {
            name: "output" if name in ("O", "Q") else "input" for name in ports
        },
    }  # fmt: skip


TABLE_AND_REGISTER = {
    "cells": {"a": cell("SB_LUT4", I0=1, O=2), "b": cell("SB_DFF", D=2, Q=3)},
    "ports": {"q": {"direction": "output", "bits": [3]}},
}
TWO_ALONE = {
    "cells": {
        "a": cell("SB_LUT4", I0=1, O=2), "b": cell("SB_DFF", D=1, Q=3),
        "c": cell("SB_RAM40_4K", RDATA=4), "deep": cell("top.deep", q=5),
    },
    "ports": {"o": {"direction": "output", "bits": [2, 3]}},
}  # fmt: skip


def test_a_register_behind_a_table_shares_its_cell():
    assert count_cells(TABLE_AND_REGISTER) == {
        "logic_cells": 1, "tables": 1, "registers": 1, "block_ram": 0,
    }  # fmt: skip
    assert count_cells(TWO_ALONE) == {
        "logic_cells": 2, "tables": 1, "registers": 1, "block_ram": 1,
    }  # fmt: skip


def test_a_table_that_others_use_too_shares_no_cell():
    shared = {"cells": TABLE_AND_REGISTER["cells"], "ports": {
        "o": {"direction": "output", "bits": [2]}
    }}  # fmt: skip
    assert count_cells(shared)["logic_cells"] == 2


def test_modules_are_counted_with_what_is_inside():
    modules = {"top": TWO_ALONE, "top.deep": TABLE_AND_REGISTER}
    assert count_tree(modules, "top") == 3
    assert children(modules, "top") == {"deep": 1}


@pytest.mark.parametrize("name", CASES)
def test_every_case_is_a_device_with_a_network(name):
    case = CASES[name]
    network = case.load()
    shape = shape_for(case.device, network, case.kind)
    assert shape.rate == {"pdm": 8000, "i2s": 7812.5}[case.kind] * (2 if "85f" in name else 1)
    assert device_body(network, shape, case.device.layout(shape))
    assert len(network.layers) == 3 if "85f" in name else 2


def test_blocks_are_those_of_the_estimate():
    for blocks in BLOCK_CELLS.values():
        assert [*dict.fromkeys(BLOCKS.values()), REST] == list(blocks)
