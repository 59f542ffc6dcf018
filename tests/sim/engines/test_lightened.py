"""Verilog for Verilator: loops over zeros, and a reset that is a constant in the top alone."""

from thresh.sim.engines.lightened import lightened


def test_the_reset_is_a_constant_for_what_is_in_the_top_alone():
    inner = "module inner(clk, rst);\n  if (rst) q <= 0;\nendmodule\n"
    top = "module top(clk, rst, audio_rst);\n  inner a (.clk(clk), .rst({}));\n"
    top += "  if ({}) r <= 0;\nendmodule\n"
    given = inner + top.format("rst", "audio_rst") + inner
    assert lightened(given, "top") == inner + top.format("1'b0", "1'b0") + inner


def test_zeros_of_a_memory_are_a_loop():
    words = [*[0] * 12, 5, *[0] * 3]
    lines = "".join(f"    mem[{place}] = 8'h{word:02x};\n" for place, word in enumerate(words))
    came = lightened(f"module top();\n{lines}endmodule\n", "top")
    assert "for (int i = 0; i <= 11; i = i + 1) mem[i] = 0;" in came
    assert "mem[12] = 8'h05;" in came
    assert came.count("= 8'h") == 4
