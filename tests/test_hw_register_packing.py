"""Flip-flops moved into ECP5 blocks: the netlist computes the same, cycle by cycle."""

import copy
import random

import pytest

from thresh.hw.register_packing import pack_registers

CLOCK = 2
IN, BITS = 100, 18


def flip_flop(data, output, **changed):
    parameters = {"CEMUX": "1 ", "CLKMUX": "CLK", "LSRMUX": "LSR", "REGSET": "RESET"}
    connections = {"CLK": [CLOCK], "DI": [data], "LSR": ["0"], "Q": [output]}
    for name, value in changed.items():
        (parameters if name in parameters else connections)[name] = value
    directions = {port: "output" if port == "Q" else "input" for port in connections}
    return {
        "type": "TRELLIS_FF",
        "parameters": parameters,
        "connections": connections,
        "port_directions": directions,
    }


def block(kind, inputs, outputs, **parameters):
    connections = {name: [bit] for name, bit in (inputs | outputs).items()}
    directions = {name: "input" for name in inputs} | {name: "output" for name in outputs}
    return {
        "type": kind,
        "parameters": parameters,
        "connections": connections,
        "port_directions": directions,
    }


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


class Evaluator:
    """Runs a netlist of flip-flops, one memory and one multiplier."""

    def __init__(self, module):
        self.module = module
        self.nets = {"0": 0, "1": 1}
        self.stages = {name: [0] * 4 for name in module["cells"]}

    def number(self, cell, prefix, count):
        bits = (cell["connections"].get(f"{prefix}{n}", ["0"])[0] for n in range(count))
        return sum(self.nets.get(bit, 0) << n for n, bit in enumerate(bits))

    def drive(self, cell, prefix, value, count):
        for n in range(count):
            if f"{prefix}{n}" in cell["connections"]:
                self.nets[cell["connections"][f"{prefix}{n}"][0]] = value >> n & 1

    def cycle(self, inputs):
        for bit, value in zip(self.module["ports"]["i"]["bits"], inputs, strict=True):
            self.nets[bit] = value
        self.settle()
        after = {}
        for name, cell in self.module["cells"].items():
            stages, parameters = self.stages[name], cell["parameters"]
            if cell["type"] == "TRELLIS_FF":
                after[name] = [self.nets.get(cell["connections"]["DI"][0], 0)]
            elif cell["type"] == "DP16KD":
                address = self.number(cell, "ADB", 14)
                after[name] = [address * 40503 >> 3 & (1 << BITS) - 1, stages[0]]
            else:
                a, b = self.operands(cell, stages)
                piped = stages[2] if "REG_PIPELINE_CLK" in parameters else a * b
                after[name] = [
                    self.number(cell, "A", BITS),
                    self.number(cell, "B", BITS),
                    a * b,
                    piped,
                ]
        self.stages = after
        self.settle()
        bits = self.module["ports"]["o"]["bits"] + self.module["ports"]["extra"]["bits"]
        return [self.nets.get(bit, 0) for bit in bits]

    def operands(self, cell, stages):
        parameters = cell["parameters"]
        a = stages[0] if "REG_INPUTA_CLK" in parameters else self.number(cell, "A", BITS)
        b = stages[1] if "REG_INPUTB_CLK" in parameters else self.number(cell, "B", BITS)
        return a, b

    def settle(self):
        cells = sorted(self.module["cells"].items(), key=lambda item: item[1]["type"] != "DP16KD")
        for kind in ("DP16KD", "TRELLIS_FF", "MULT18X18D"):
            for name, cell in cells:
                stages, parameters = self.stages[name], cell["parameters"]
                if cell["type"] != kind:
                    continue
                if kind == "DP16KD":
                    late = parameters.get("REGMODE_B") == "OUTREG"
                    self.drive(cell, "DOB", stages[late], BITS)
                elif kind == "TRELLIS_FF":
                    self.nets[cell["connections"]["Q"][0]] = stages[0]
                else:
                    a, b = self.operands(cell, stages)
                    late = "REG_OUTPUT_CLK" in parameters
                    self.drive(cell, "P", stages[3] if late else a * b, 36)


def outputs(module):
    draw = random.Random(1)
    evaluator = Evaluator(module)
    return [evaluator.cycle([draw.getrandbits(1) for _ in range(2 * BITS)]) for _ in range(60)]


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
