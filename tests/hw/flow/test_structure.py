"""A netlist's digest: kept by other names and another order, changed by everything else."""

import copy
import json
import random
import subprocess

import pytest
from amaranth import *
from amaranth.back import rtlil
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from thresh.hw.flow.structure import structure
from thresh.tools.toolchain import find_tool

CLOCK, ENABLE, FIRST = 2, 3, 10


def netlist(cells, ports=None, nets=None):
    """A flat netlist with one top module."""
    top = {"attributes": {"top": "1"}, "cells": cells, "ports": ports or {}, "netnames": nets or {}}
    return {"modules": {"thresh": top}}


def flip_flop(number, data, output, **parameters):
    """A register whose name says nothing of its place."""
    return f"register_{number}", {
        "type": "TRELLIS_FF",
        "parameters": {"GSR": "DISABLED", **parameters},
        "attributes": {"src": f"line {number}"},
        "connections": {"CLK": [CLOCK], "DI": [data], "Q": [output]},
    }


def rings(*lengths, bits=FIRST):
    """Rings of registers that nothing but their clock holds together."""
    cells = {}
    for length in lengths:
        for place in range(length):
            name, cell = flip_flop(len(cells), bits + (place - 1) % length, bits + place)
            cells[name] = cell
        bits += length
    return netlist(cells, {"clk": {"direction": "input", "bits": [CLOCK]}})


def shuffled(given, seed):
    """The same circuit: other names, other numbers of nets, another order of cells and ports."""
    order = random.Random(seed)
    result = copy.deepcopy(given)
    top = next(m for m in result["modules"].values() if "top" in m["attributes"])
    bits = sorted({b for c in top["cells"].values() for p in c["connections"].values() for b in p
                   if isinstance(b, int)} | {b for p in top["ports"].values() for b in p["bits"]}
                  | {b for n in top["netnames"].values() for b in n["bits"]
                     if isinstance(b, int)})  # fmt: skip
    numbers = dict(zip(bits, order.sample(range(2, 2 + 2 * len(bits)), len(bits)), strict=True))

    def renumbered(some):
        return [numbers.get(bit, bit) for bit in some]

    for cell in top["cells"].values():
        ports = [(port, renumbered(some)) for port, some in cell["connections"].items()]
        cell["connections"] = dict(order.sample(ports, len(ports)))
        cell["attributes"] = {"src": f"line {order.random()}"} | {
            name: value for name, value in cell["attributes"].items() if name != "src"
        }
    for named in (*top["ports"].values(), *top["netnames"].values()):
        named["bits"] = renumbered(named["bits"])
    for kind in ("cells", "netnames"):
        items = [*top[kind].values()]
        order.shuffle(items)
        top[kind] = {f"name_{order.random()}": item for item in items}
    top["ports"] = dict(order.sample([*top["ports"].items()], len(top["ports"])))
    return result


class Design(wiring.Component):
    """Registers, constants, an adder, a memory with content and symmetric halves."""

    def __init__(self):
        super().__init__({"i": In(8), "write": In(1), "o": Out(8), "parity": Out(2)})

    def elaborate(self, platform):
        """As above."""
        m = Module()
        m.submodules.table = table = memory.Memory(shape=8, depth=16, init=range(3, 19))
        read, write = table.read_port(), table.write_port()
        total = Signal(8, init=5)
        m.d.comb += [
            read.addr.eq(total[:4]),
            write.addr.eq(self.i[:4]),
            write.data.eq(total),
            write.en.eq(self.write),
        ]
        m.d.sync += [total.eq(total + self.i + 3), self.o.eq(read.data)]
        for half in range(2):
            first, second = Signal(name=f"first_{half}"), Signal(name=f"second_{half}")
            m.d.sync += [first.eq(~second), second.eq(first), self.parity[half].eq(first)]
        return m


@pytest.fixture(scope="module")
def mapped(tmp_path_factory):
    """The netlist of `Design` for an iCE40."""
    folder = tmp_path_factory.mktemp("design")
    (folder / "top.il").write_text(rtlil.convert(Design(), name="top", emit_src=False))
    script = "read_rtlil top.il; synth_ice40 -device u -top top; write_json top.json"
    subprocess.run([*find_tool("yosys"), "-q", "-p", script], cwd=folder, check=True)
    return json.loads((folder / "top.json").read_text())


def top_of(given):
    """The top module."""
    return next(m for m in given["modules"].values() if "top" in m["attributes"])


def inputs(cell):
    """Ports of a cell that it listens to."""
    return [p for p, way in cell["port_directions"].items() if way == "input"]


@pytest.mark.parametrize("seed", range(5))
def test_names_and_order_do_not_count(mapped, seed):
    assert structure(shuffled(mapped, seed)) == structure(mapped)


@pytest.mark.parametrize("seed", range(8))
def test_a_single_wire_counts(mapped, seed):
    """Two inputs of different nets change places: wherever that is, it is seen."""
    order = random.Random(seed)
    changed = copy.deepcopy(mapped)
    cells = [c for c in top_of(changed)["cells"].values() if c["connections"]]
    one, other = order.sample(cells, 2)
    first, second = order.choice(inputs(one)), order.choice(inputs(other))
    a, b = one["connections"][first], other["connections"][second]
    if a[0] == b[0]:
        a[0] = next(bit for port in top_of(changed)["ports"].values() for bit in port["bits"]
                    if bit != a[0])  # fmt: skip
    else:
        a[0], b[0] = b[0], a[0]
    assert structure(changed) != structure(mapped)
    assert structure(shuffled(changed, seed)) == structure(changed)


def test_every_constant_counts(mapped):
    seen = {structure(mapped)}
    places = [
        (name, port, index)
        for name, cell in top_of(mapped)["cells"].items() if cell["type"] == "SB_LUT4"
        for port, bits in cell["connections"].items() for index, bit in enumerate(bits)
        if bit in ("0", "1")
    ][:10]  # fmt: skip
    for name, port, index in places:
        changed = copy.deepcopy(mapped)
        bits = top_of(changed)["cells"][name]["connections"][port]
        bits[index] = "01"[bits[index] == "0"]
        seen.add(structure(changed))
    assert len(places) > 4
    assert len(seen) == 1 + len(places)


def test_every_parameter_counts(mapped):
    """One bit of each kind of parameter, the memory's content among them."""
    kinds = {}
    for name, cell in top_of(mapped)["cells"].items():
        for parameter in cell["parameters"]:
            if cell["type"] != "$scopeinfo":
                kinds[cell["type"], parameter] = name
    seen = {structure(mapped)}
    for (_, parameter), name in kinds.items():
        changed = copy.deepcopy(mapped)
        values = top_of(changed)["cells"][name]["parameters"]
        values[parameter] = values[parameter][:-1] + ("1" if values[parameter][-1] != "1" else "0")
        seen.add(structure(changed))
    assert {"INIT_0", "LUT_INIT"} <= {parameter for _, parameter in kinds}
    assert len(seen) == 1 + len(kinds)


def test_the_name_of_a_top_level_port_counts(mapped):
    changed = copy.deepcopy(mapped)
    ports = top_of(changed)["ports"]
    ports["other"] = ports.pop("write")
    assert structure(changed) != structure(mapped)


@pytest.mark.parametrize("port", ["i", "o"])
def test_bits_of_a_port_keep_their_order(mapped, port):
    changed = copy.deepcopy(mapped)
    top_of(changed)["ports"][port]["bits"].reverse()
    assert structure(changed) != structure(mapped)


def test_equal_halves_may_change_places(mapped):
    """What the two bits of ``parity`` come from is the same, so nothing has changed."""
    changed = copy.deepcopy(mapped)
    top_of(changed)["ports"]["parity"]["bits"].reverse()
    assert structure(changed) == structure(mapped)


@pytest.mark.parametrize(("some", "others"), [
    ((6,), (3, 3)), ((4, 4), (3, 5)), ((3, 3, 6), (4, 4, 4)), ((2, 2, 2), (6,)),
])  # fmt: skip
def test_rings_of_equal_registers_are_told_apart(some, others):
    assert structure(rings(*some)) != structure(rings(*others))
    assert structure(rings(*some)) == structure(rings(*reversed(some), bits=100))
    for seed in range(5):
        assert structure(shuffled(rings(*some), seed)) == structure(rings(*some))


PRISM = [(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3), (0, 3), (1, 4), (2, 5)]
CROSSED = [(0, 4), (1, 5), (2, 3), (0, 5), (1, 3), (2, 4), (0, 3), (1, 4), (2, 5)]


def joined(pairs):
    """Lookup tables with as many neighbours each; an end is a cell, so that all ends are alike."""
    cells = {
        f"table_{n}": {"type": "LUT4", "connections": {"Z": [100 + n]}}
        for n in sorted({end for pair in pairs for end in pair})
    } | {
        f"end_{place}_{n}": {"type": "END", "connections": {"A": [100 + n], "B": [200 + place]}}
        for place, pair in enumerate(pairs) for n in pair
    }  # fmt: skip
    return netlist({n: c | {"parameters": {}, "attributes": {}} for n, c in cells.items()})


def test_regular_graphs_are_told_apart():
    """A prism, and K3,3: six tables with three neighbours each."""
    assert structure(joined(PRISM)) != structure(joined(CROSSED))
    for pairs in (PRISM, CROSSED):
        for seed in range(5):
            assert structure(shuffled(joined(pairs), seed)) == structure(joined(pairs))


def test_initial_values_count():
    registers = dict([flip_flop(0, FIRST, FIRST + 1)])
    values = {
        structure(netlist(registers, nets={"q": {"bits": [FIRST, FIRST + 1],
                                                 "attributes": {"init": init}}}))
        for init in ("00", "01", "10", "xx")
    }  # fmt: skip
    assert len(values) == 4


def test_many_equal_parts_are_counted():
    assert structure(rings(*[4] * 40)) != structure(rings(*[4] * 41))


def test_refuses_a_netlist_that_is_not_flat(mapped):
    cell = {"type": "part", "parameters": {}, "attributes": {}, "connections": {}}
    given = netlist({"a": cell})
    given["modules"]["part"] = {"attributes": {}, "cells": {}, "ports": {}, "netnames": {}}
    with pytest.raises(ValueError, match="not flat: a cell is a module 'part'"):
        structure(given)


def test_refuses_a_netlist_without_a_top():
    with pytest.raises(ValueError, match="has one top module, not 0"):
        structure({"modules": {}})
