"""Verilog that says the same to Verilator, and is compiled and simulated in less time."""

import re

ZEROS = re.compile(r"(?:^ *(\S+ ?)\[\d+\] = \d+'[dh]0+;\n){9,}", re.MULTILINE)
"""Words of a memory that are zero at power-up, a line each: Verilator needs minutes for them."""

RESET = re.compile(r"\((?:audio_)?rst\)")
"""A reset that a component is given."""


def lightened(verilog: str, top: str) -> str:
    """Verilog of module ``top``, whose reset nobody drives.

    A loop stands in the place of a line per word. Components get a constant for their reset: as an
    input it would be a part of every register's next value, which Verilator then computes again at
    each edge of the clock, half of the time.
    """
    verilog = ZEROS.sub(_loop, verilog)
    begin = verilog.index(f"module {top}(")
    end = verilog.index("endmodule", begin)
    return verilog[:begin] + RESET.sub("(1'b0)", verilog[begin:end]) + verilog[end:]


def _loop(lines: re.Match[str]) -> str:
    """One loop in the place of a line per word."""
    first, *_, last = re.findall(r"\[(\d+)\] =", lines[0])
    return f"for (int i = {first}; i <= {last}; i = i + 1) {lines[1]}[i] = 0;\n"
