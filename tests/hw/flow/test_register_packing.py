"""Flip-flops moved into ECP5 blocks: the netlist computes the same, cycle by cycle."""

import copy

import pytest
from ecp5_netlists import BITS, CLOCK, IN, block, flip_flop, outputs

from thresh.hw.flow.register_packing import pack_registers


def netlist(*, shared_product=False, shared_operand=False, one_register=False, reset="0"):
    """Memory, register, register, multiplier, two registers, output; b comes from inputs."""
    cells = {
        "memory": block(
            "DP16KD",
            {"CLKB": CLOCK, **{f"ADB{n}": IN + n for n in range(14)}},
            {f"DOB{n}": 200 + n for n in range(BITS)},
        )
    }
    ports = {
        "i": [IN + n for n in range(2 * BITS)],
        "o": [700 + n for n in range(36)],
        "extra": [],
    }
    for n in range(BITS):
        cells[f"word_{n}"] = flip_flop(200 + n, 400 + n if one_register else 300 + n)
        if not one_register:
            cells[f"a_{n}"] = flip_flop(300 + n, 400 + n)
        cells[f"b_{n}"] = flip_flop(IN + BITS + n, 450 + n)
    cells["multiplier"] = block(
        "MULT18X18D",
        {f"A{n}": 400 + n for n in range(BITS)} | {f"B{n}": 450 + n for n in range(BITS)},
        {f"P{n}": 500 + n for n in range(36)},
    )
    for n in range(36):
        cells[f"pipeline_{n}"] = flip_flop(500 + n, 600 + n, LSR=[reset])
        cells[f"product_{n}"] = flip_flop(600 + n, 700 + n)
    if shared_product:
        ports["extra"].append(505)
    if shared_operand:
        ports["extra"].append(455)
    return {"cells": cells, "ports": {name: {"bits": bits} for name, bits in ports.items()}}


@pytest.mark.parametrize(
    ("options", "memories", "operands", "products"),
    [
        ({}, 1, 2, 2),
        ({"shared_product": True}, 1, 2, 0),
        ({"shared_operand": True}, 1, 2, 2),
        ({"one_register": True}, 1, 1, 2),
        ({"reset": 3}, 1, 2, 0),
    ],
)
def test_packed_netlist_computes_the_same(options, memories, operands, products):
    before = netlist(**options)
    after = copy.deepcopy(before)
    packed = pack_registers(after)
    assert (packed.memory_ports, packed.operands, packed.products) == (
        memories, operands, products,
    )  # fmt: skip
    assert outputs(after) == outputs(before)


def test_removes_what_it_moved():
    module = netlist()
    pack_registers(module)
    assert set(module["cells"]) == {"memory", "multiplier"}


def test_keeps_a_flip_flop_that_others_read():
    module = netlist(shared_operand=True)
    pack_registers(module)
    assert "b_5" in module["cells"]


@pytest.mark.parametrize(
    "change", [{"CEMUX": "CE", "CE": [9]}, {"LSR": [9]}, {"REGSET": "SET"}, {"CLK": [9]}]
)
def test_leaves_flip_flops_that_are_not_plain(change):
    module = netlist()
    module["cells"]["word_3"] = flip_flop(203, 303, **change)
    assert pack_registers(module).memory_ports == 0
