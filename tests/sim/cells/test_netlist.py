"""Netlists of cells compute what the design computes that they were made of."""

import copy
import json
import random
import subprocess
from pathlib import Path

import pytest
from amaranth import *
from amaranth.back import rtlil
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from thresh.hw.flow.netlist import finish_netlist
from thresh.sim.cells.library import cell_library
from thresh.sim.cells.netlist import cell_types, netlist_verilog, parameter, plain, top_module
from thresh.sim.engines.compiled_flat import CompiledFlat
from thresh.tools.toolchain import find_tool

COMPILED = Path(__file__).parent.parent.parent.parent / "build" / "sim"
BITS = 16
SYNTHESIS = {"ice40": "synth_ice40 -device u", "ecp5": "synth_ecp5"}
PLACES = {"i": ("i", 0, 9), "sound": ("o", 0, BITS), "broken": ("o", 1, BITS)}
BENCH = """\
module thresh_flat(input clk, rst, input [63:0] i, output [127:0] o);
wire [15:0] a, b;
assign o = {48'b0, b, 48'b0, a};
sound s(.clk(clk), .rst(rst), .i(i[8:0]), .o(a));
broken t(.clk(clk), .rst(rst), .i(i[8:0]), .o(b));
endmodule
"""


class Sums(wiring.Component):
    """What was said some time ago, times what is said now, summed while the ninth bit is one."""

    def __init__(self):
        super().__init__({"i": In(9), "o": Out(BITS)})

    def elaborate(self, platform):
        m = Module()
        m.submodules.memory = memory = Memory(shape=8, depth=256, init=range(256))
        write, read = memory.write_port(), memory.read_port()
        count, late = Signal(8), Signal(8)
        m.d.comb += [
            write.en.eq(1),
            write.addr.eq(count),
            write.data.eq(self.i[:8]),
            read.addr.eq(count + 1 + self.i[:7]),
        ]
        m.d.sync += [count.eq(count + 1), late.eq(read.data)]
        with m.If(self.i[8]):
            m.d.sync += self.o.eq(self.o + late * self.i[:8])
        return m


def sums(drive):
    memory, count, read, late, total = list(range(256)), 0, 0, 0, 0
    for value in drive:
        yield total
        said = value & 255
        total = (total + late * said * (value >> 8)) % (1 << BITS)
        late, read = read, memory[(count + 1 + (said & 127)) % 256]
        memory[count] = said
        count = (count + 1) % 256


def synthesised(family, folder):
    (folder / "top.il").write_text(rtlil.convert(Sums(), name="top"))
    script = f"read_rtlil top.il; {SYNTHESIS[family]} -top top; write_json top.json"
    subprocess.run(
        [*find_tool("yosys"), "-q", "-p", script], cwd=folder, check=True, capture_output=True
    )
    if family == "ecp5":
        finish_netlist(folder / "top.json")
    return top_module(json.loads((folder / "top.json").read_text()))


def with_a_fault(module):
    """The same, one table before the lowest bit of the sum the other way round."""
    broken = copy.deepcopy(module)
    cells = broken["cells"].values()
    (bit,) = broken["ports"]["o"]["bits"][:1]
    (register,) = (cell for cell in cells if cell["connections"].get("Q") == [bit])
    data = register["connections"].get("DI", register["connections"].get("D"))
    for cell in cells:
        for pin, name in (("O", "LUT_INIT"), ("Z", "INIT"), ("S0", "INIT0")):
            if cell["connections"].get(pin) == data and name in cell["parameters"]:
                bits = cell["parameters"][name]
                cell["parameters"][name] = bits.translate(str.maketrans("01", "10"))
                return broken
    raise AssertionError("No table is before the register")


@pytest.mark.parametrize("family", [pytest.param("ice40", marks=pytest.mark.slow), "ecp5"])
def test_a_netlist_computes_what_its_design_does_and_one_with_a_fault_does_not(family, tmp_path):
    module, library = synthesised(family, tmp_path), cell_library(family)
    kinds = cell_types(module)
    inputs = {kind: library.inputs(kind) for kind in kinds}
    verilog = BENCH + library.verilog(kinds) + netlist_verilog(module, "sound", inputs)
    verilog += netlist_verilog(with_a_fault(module), "broken", inputs)
    flat = CompiledFlat(verilog, PLACES, COMPILED)
    write, sound, broken = flat.writer("i"), flat.reader("sound"), flat.reader("broken")
    draw, seen = random.Random(1), []
    drive = [draw.getrandbits(9) for _ in range(1000)]
    for value in drive:
        write(value)
        flat.tick()
        seen.append((sound(), broken()))
    flat.close()
    wanted = list(sums(drive))
    assert [one for one, _ in seen] == wanted
    assert [other for _, other in seen] != wanted


@pytest.mark.parametrize(
    ("value", "verilog"),
    [
        ("0101", "4'b0101"), ("1 ", '"1"'), ("CE", '"CE"'), ("x0", "2'bx0"), (3, "3"),
        ("0b000", '"0b000"'), ("LSR_OVER_CE", '"LSR_OVER_CE"'), ("a ", '"a "'),
    ],
)  # fmt: skip
def test_parameters_are_bits_or_text(value, verilog):
    assert parameter(value) == verilog


def cell(kind, pins, **parameters):
    return {"type": kind, "parameters": parameters, "connections": pins}


SMALL = {
    "ports": {
        "pin[0].io": {"direction": "inout", "bits": [2]},
        "o": {"direction": "output", "bits": [3, "0"]},
    },
    "cells": {
        "one": cell("SB_LUT4", {"I0": [2], "I1": ["x"], "O": [3]}, LUT_INIT="0110"),
        "two": cell("SB_DFFE", {"C": [2], "D": [3], "Q": ["moved 5"]}),
    },
}


def test_open_inputs_are_tied_and_a_cell_can_be_spoilt():
    library = cell_library("ice40")
    inputs = {"SB_LUT4": library.inputs("SB_LUT4"), "SB_DFFE": library.inputs("SB_DFFE") | {"CE"}}
    text = netlist_verilog(SMALL, "small", inputs)
    assert text.splitlines()[0] == "module small(pin_0__io, o);"
    assert "assign o = {1'b0, n3};" in text
    assert ".I0(pin_0__io), .I1(1'bx), .O(n3), .I2(1'b0), .I3(1'b0));" in text
    assert "SB_DFFE c1 (.C(pin_0__io), .D(n3), .Q(n_moved_5), .CE(1'b1), .E(1'b0));" in text
    spoilt = netlist_verilog(SMALL, "small", inputs, spoilt="one")
    assert "module small(pin_0__io, o, spoil);" in spoilt
    assert "assign n3 = sound ^ spoil;" in spoilt
    assert ".O(sound)" in spoilt


def test_the_top_of_a_netlist_has_real_cells_alone():
    top = {
        "attributes": {"top": "1"},
        "cells": {"a": cell("SB_DFF", {}), "b": cell("$scopeinfo", {})},
    }
    found = top_module({"modules": {"top": top, "SB_DFF": {"attributes": {"blackbox": "1"}}}})
    assert cell_types(found) == {"SB_DFF"}
    with pytest.raises(ValueError, match="one module that is its top, not 0"):
        top_module({"modules": {"SB_DFF": {}}})


def test_names_are_of_letters():
    assert plain("clk12_0__io") == "clk12_0__io"
    assert plain("$n[3].b") == "_n_3__b"
