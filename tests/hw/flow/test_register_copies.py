"""Copies of registers: each drives few blocks, and the netlist computes the same."""

import copy
from collections import Counter

from ecp5_netlists import BITS, CLOCK, IN, block, flip_flop, outputs

from thresh.hw.flow.register_copies import copy_registers

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
    assert copy_registers(after, loads={"DP16KD": 4}) == 2 * ADDRESS_BITS
    assert outputs(after) == outputs(before)


def test_no_copy_drives_more_than_its_share():
    module = netlist()
    copy_registers(module, loads={"DP16KD": 4})
    memories = [cell for cell in module["cells"].values() if cell["type"] == "DP16KD"]
    loads = Counter(cell["connections"][f"ADB{n}"][0] for cell in memories for n in range(14))
    assert max(loads.values()) == 4
    assert len(loads) == 3 * ADDRESS_BITS


def test_bits_of_a_word_divide_the_blocks_alike():
    module = netlist()
    copy_registers(module, loads={"DP16KD": 4})
    drivers = {cell["connections"]["Q"][0]: name for name, cell in module["cells"].items()
               if cell["type"] == "TRELLIS_FF"}  # fmt: skip
    for number in range(MEMORIES):
        bits = module["cells"][f"bank_{number}"]["connections"]
        names = {drivers[bits[f"ADB{n}"][0]].partition("_copy_")[2] for n in range(ADDRESS_BITS)}
        assert names == {str(number // 4) if number >= 4 else ""}


def test_counts_every_kind_of_cell_by_itself():
    cells = {"enable": flip_flop(IN, 200, CE=[IN + 1])}
    for kind, port, cells_of_kind in (("TRELLIS_DPR16X4", "WRE", 5), ("LUT4", "A", 3)):
        for number in range(cells_of_kind):
            cells[f"{kind}_{number}"] = block(kind, {port: 200}, {"Z": 300 + len(cells)})
    module = {"cells": cells, "ports": {}}
    assert copy_registers(module, loads={"TRELLIS_DPR16X4": 2, "LUT4": 2}) == 3
    registers = [cell for cell in cells.values() if cell["type"] == "TRELLIS_FF"]
    inputs = {str({**cell["connections"], "Q": None}) for cell in registers}
    assert len(registers) == 4
    assert len(inputs) == 1
    for kind, port in (("TRELLIS_DPR16X4", "WRE"), ("LUT4", "A")):
        drivers = [c["connections"][port][0] for c in cells.values() if c["type"] == kind]
        assert max(Counter(drivers).values()) == 2
        assert set(drivers) <= {cell["connections"]["Q"][0] for cell in registers}


def test_leaves_registers_with_few_loads():
    module = netlist()
    assert copy_registers(module, loads={"DP16KD": MEMORIES}) == 0
    assert module == netlist()
