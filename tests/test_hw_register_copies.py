"""Copies of registers: each drives few blocks, and the netlist computes the same."""

import copy
from collections import Counter

from ecp5_netlists import BITS, CLOCK, IN, block, flip_flop, outputs

from thresh.hw.register_copies import copy_registers

MEMORIES, ADDRESS_BITS = 11, 14


def netlist():
    """One address register before memories, each with outputs of its own."""
    cells = {f"address_{n}": flip_flop(IN + n, 200 + n) for n in range(ADDRESS_BITS)}
    address = {f"ADB{n}": 200 + n for n in range(ADDRESS_BITS)}
    for number in range(MEMORIES):
        words = {f"DOB{n}": 300 + BITS * number + n for n in range(BITS)}
        cells[f"bank_{number}"] = block("DP16KD", {"CLKB": CLOCK, **address}, words)
    bits = {"i": 2 * BITS, "o": BITS * MEMORIES, "extra": 1}
    first = {"i": IN, "o": 300, "extra": 203}
    ports = {name: {"bits": [first[name] + n for n in range(bits[name])]} for name in bits}
    return {"cells": cells, "ports": ports}


def test_copies_compute_the_same():
    before = netlist()
    after = copy.deepcopy(before)
    assert copy_registers(after, loads=4) == 2 * ADDRESS_BITS
    assert outputs(after) == outputs(before)


def test_no_copy_drives_more_than_its_share():
    module = netlist()
    copy_registers(module, loads=4)
    memories = [cell for cell in module["cells"].values() if cell["type"] == "DP16KD"]
    loads = Counter(cell["connections"][f"ADB{n}"][0] for cell in memories for n in range(14))
    assert max(loads.values()) == 4
    assert len(loads) == 3 * ADDRESS_BITS


def test_bits_of_a_word_divide_the_blocks_alike():
    module = netlist()
    copy_registers(module, loads=4)
    drivers = {cell["connections"]["Q"][0]: name for name, cell in module["cells"].items()
               if cell["type"] == "TRELLIS_FF"}  # fmt: skip
    for number in range(MEMORIES):
        bits = module["cells"][f"bank_{number}"]["connections"]
        names = {drivers[bits[f"ADB{n}"][0]].partition("_copy_")[2] for n in range(ADDRESS_BITS)}
        assert names == {str(number // 4) if number >= 4 else ""}


def test_leaves_registers_with_few_loads():
    module = netlist()
    assert copy_registers(module, loads=MEMORIES) == 0
    assert module == netlist()
