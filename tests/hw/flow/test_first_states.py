"""State machines with a bit per state begin in their first state, where there is no reset."""

import copy
import json
import random
import subprocess
from pathlib import Path

import pytest
from amaranth import *
from amaranth.back import rtlil
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.hw.flow.build import ONE_HOT
from thresh.hw.flow.first_states import check_codes, set_first_states
from thresh.hw.flow.netlist import finish_netlist
from thresh.sim.cells.library import cell_library
from thresh.sim.cells.netlist import cell_types, netlist_verilog, top_module
from thresh.sim.engines.compiled_flat import CompiledFlat
from thresh.tools.toolchain import find_tool

COMPILED = Path(__file__).parents[3] / "build" / "sim"
PLACES = {"i": ("i", 0, 1), "o": ("o", 0, 2), "dead": ("o", 1, 2)}
BENCH = """\
module thresh_flat(input clk, rst, input [63:0] i, output [127:0] o);
assign o[63:2] = 62'b0, o[127:66] = 62'b0;
begun a(.clk(clk), .i(i[0]), .o(o[1:0]));
dead b(.clk(clk), .i(i[0]), .o(o[65:64]));
endmodule
"""


class Round(wiring.Component):
    """Goes round four states of which the third is the first to be named by another."""

    def __init__(self, first="A"):
        self.first = first
        super().__init__({"clk": In(1), "i": In(1), "o": Out(2)})

    def elaborate(self, platform):
        m = Module()
        m.domains.sync = ClockDomain(reset_less=True)
        m.d.comb += ClockSignal().eq(self.clk)
        with m.FSM(init=self.first):
            for number, (state, other) in enumerate(("AC", "BD", "CB", "DA")):
                with m.State(state):
                    m.d.comb += self.o.eq(number)
                    with m.If(self.i):
                        m.next = other
        return m


def synthesised(folder):
    text = rtlil.convert(Round(), name="top")
    check_codes(text)
    (folder / "top.il").write_text(text)
    script = f"read_rtlil top.il; {ONE_HOT}; synth_ecp5 -top top; write_json top.json"
    yosys = [*find_tool("yosys"), "-q", "-p", script]
    subprocess.run(yosys, cwd=folder, check=True, capture_output=True)
    dead = json.loads((folder / "top.json").read_text())
    finish_netlist(folder / "top.json")
    return top_module(json.loads((folder / "top.json").read_text())), top_module(dead)


@pytest.fixture(scope="module")
def netlists(tmp_path_factory):
    return synthesised(tmp_path_factory.mktemp("netlist"))


def test_a_machine_goes_round_from_its_first_state_and_without_the_pass_it_never_does(netlists):
    begun, dead = netlists
    library, kinds = cell_library("ecp5"), cell_types(begun)
    inputs = {kind: library.inputs(kind) for kind in kinds}
    verilog = BENCH + library.verilog(kinds)
    verilog += netlist_verilog(begun, "begun", inputs) + netlist_verilog(dead, "dead", inputs)
    flat = CompiledFlat(verilog, PLACES, COMPILED)
    draw, state, left = random.Random(1), 0, set()
    for _ in range(200):
        flat.writer("i")(step := draw.getrandbits(1))
        flat.tick()
        assert flat.reader("o")() == state
        left.add(flat.reader("dead")())
        state = {0: 2, 1: 3, 2: 1, 3: 0}[state] if step else state
    flat.close()
    assert left == {0}


def test_a_first_state_whose_register_has_a_reset_is_refused(netlists):
    _, dead = copy.deepcopy(netlists)
    assert set_first_states(dead) == 1
    for cell in dead["cells"].values():
        if cell["type"] == "TRELLIS_FF":
            cell["connections"]["LSR"] = ["1"]
    with pytest.raises(ValueError, match="fsm_state has no flip-flop without a reset"):
        set_first_states(dead)


def test_a_first_state_of_another_code_is_refused():
    check_codes(rtlil.convert(Round(), name="top"))
    with pytest.raises(ValueError, match="begins in the state of code 01, not of zero"):
        check_codes(rtlil.convert(Round("C"), name="top"))
