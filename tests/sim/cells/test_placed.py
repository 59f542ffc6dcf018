"""A netlist that nextpnr placed computes what it did before."""

import json
import random
import subprocess
from pathlib import Path

import pytest

from thresh.sim.cells.library import cell_library
from thresh.sim.cells.netlist import cell_types, netlist_verilog, top_module
from thresh.sim.cells.placed import with_clock_ways
from thresh.sim.engines.compiled_flat import CompiledFlat
from thresh.tools.toolchain import find_tool

COMPILED = Path(__file__).parent.parent.parent.parent / "build" / "sim"
CONTROLS = (
    "OLOADTOP", "OLOADBOT", "AHOLD", "BHOLD", "CHOLD", "DHOLD", "IRSTTOP", "IRSTBOT", "ORSTTOP",
    "ORSTBOT", "ADDSUBTOP", "ADDSUBBOT", "OHOLDTOP", "OHOLDBOT", "CI", "ACCUMCI", "SIGNEXTIN",
)  # fmt: skip
ONES = (
    "A_SIGNED", "B_SIGNED", "A_REG", "B_REG", "TOP_8x8_MULT_REG", "BOT_8x8_MULT_REG",
    "PIPELINE_16x16_MULT_REG1", "PIPELINE_16x16_MULT_REG2",
)  # fmt: skip
PAIRS = {
    "TOPOUTPUT_SELECT": 1, "BOTOUTPUT_SELECT": 1, "TOPADDSUB_LOWERINPUT": 2,
    "BOTADDSUB_LOWERINPUT": 2, "TOPADDSUB_CARRYSELECT": 2,
}  # fmt: skip
SETTINGS = ", ".join(
    [f".{name}(1'b1)" for name in ONES] + [f".{name}(2'd{value})" for name, value in PAIRS.items()]
)
DESIGN = f"""\
module top(inout clk12, inout rx, inout tx);
wire clk, lock, said;
SB_PLL40_PAD #(.FEEDBACK_PATH("SIMPLE"), .DIVF(7'd55), .DIVQ(3'd4), .FILTER_RANGE(3'd1)) pll (
    .PACKAGEPIN(clk12), .RESETB(1'b1), .BYPASS(1'b0), .PLLOUTGLOBAL(clk), .LOCK(lock));
SB_IO #(.PIN_TYPE(6'b000001)) in (.PACKAGE_PIN(rx), .D_IN_0(said));
reg ready = 0, full = 0;
reg [15:0] count = 0, shift = 0;
always @(posedge clk) ready <= lock;
always @(posedge clk, negedge ready)
    if (!ready) count <= 0; else count <= count + 1;
always @(posedge clk) begin
    shift <= {{shift[14:0], said}};
    full <= full | (count == 300);
end
// What the memory holds in the beginning is not looked at.
wire [15:0] word;
SB_SPRAM256KA ram (.CLOCK(clk), .ADDRESS({{6'b0, count[7:0]}}), .DATAIN(shift), .MASKWREN(4'hf),
    .WREN(count < 256), .CHIPSELECT(1'b1), .STANDBY(1'b0), .SLEEP(1'b0), .POWEROFF(1'b1),
    .DATAOUT(word));
wire [31:0] sum;
SB_MAC16 #({SETTINGS}) mac (.CLK(clk), .CE(1'b1), .A(shift), .B(full ? word : 16'b0), .O(sum),
    .C(16'b0), .D(16'b0), {", ".join(f".{name}(1'b0)" for name in CONTROLS)});
reg [7:0] kept [0:255];
reg [7:0] old = 0;
always @(posedge clk) begin
    if (said) kept[count[7:0]] <= sum[15:8];
    old <= kept[count[7:0] + 1];
end
SB_IO #(.PIN_TYPE(6'b101001)) out (.PACKAGE_PIN(tx), .OUTPUT_ENABLE(1'b1), .D_OUT_0(^old ^ ^sum));
endmodule
"""
BENCH = """\
module thresh_flat(input clk, rst, input [63:0] i, output [127:0] o);
wire crystal = clk, line = i[0], a, b;
assign o = {63'b0, b, 63'b0, a};
synthesised u(.clk12(crystal), .rx(line), .tx(a));
placed v(.clk12(crystal), .rx(line), .tx(b));
endmodule
"""
PINS = "set_io clk12 35\nset_io rx 6\nset_io tx 9\n"


@pytest.fixture(scope="module")
def netlists(tmp_path_factory):
    folder = tmp_path_factory.mktemp("placed")
    (folder / "top.v").write_text(DESIGN)
    (folder / "top.pcf").write_text(PINS)
    script = "read_verilog top.v; synth_ice40 -device u -top top; write_json synthesised.json"
    files = ["--json", "synthesised.json", "--write", "placed.json", "--pcf", "top.pcf"]
    for command in (
        [*find_tool("yosys"), "-q", "-p", script],
        [*find_tool("nextpnr-ice40"), "--up5k", "--package", "sg48", "--quiet", *files],
    ):
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    read = {
        name: json.loads((folder / f"{name}.json").read_text())
        for name in ("synthesised", "placed")
    }
    return {name: top_module(netlist) for name, netlist in read.items()}


def test_placement_changes_nothing_that_leaves_by_a_pin(netlists):
    modules = netlists | {"placed": with_clock_ways(netlists["placed"])}
    library = cell_library("ice40")
    kinds = set().union(*map(cell_types, modules.values()))
    assert {"ICESTORM_LC", "ICESTORM_DSP", "ICESTORM_SPRAM", "ICESTORM_RAM", "SB_GB"} <= kinds
    inputs = {kind: library.inputs(kind) for kind in kinds}
    cells = [netlist_verilog(module, name, inputs) for name, module in modules.items()]
    places = {"line": ("i", 0, 1), "synthesised": ("o", 0, 1), "placed": ("o", 1, 1)}
    flat = CompiledFlat("".join([BENCH, library.verilog(kinds), *cells]), places, COMPILED)
    write, readers = flat.writer("line"), [flat.reader(name) for name in ("synthesised", "placed")]
    draw, seen = random.Random(1), []
    for _ in range(1500):
        write(draw.getrandbits(1))
        flat.tick()
        seen.append(tuple(read() for read in readers))
    flat.close()
    assert all(before == after for before, after in seen)
    assert 300 < sum(before for before, _ in seen) < 1200


def test_the_ways_of_the_clock_are_open_without_it(netlists):
    def buffers(module):
        return [
            cell["connections"]["USER_SIGNAL_TO_GLOBAL_BUFFER"]
            for cell in module["cells"].values()
            if cell["type"] == "SB_GB"
        ]

    assert [] in buffers(netlists["placed"])
    assert [] not in buffers(with_clock_ways(netlists["placed"]))
    assert with_clock_ways(netlists["synthesised"])["cells"] == netlists["synthesised"]["cells"]
