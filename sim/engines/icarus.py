"""Yosys' Verilog as Icarus Verilog needs it."""

import re

KNOWN_STARTS = (
    (re.compile(r"reg (\\\$auto\$verilog_backend\S+)\s*= 0;"), r"reg \1 ; initial \1 <= 0;"),
    (re.compile(r"(reg (?:\[\d+:0\] )?_\d+_);"), r"\1 = 0;"),
)
"""What is written and what makes it start with known bits. Combinational blocks begin with the
event of an initial value, which is none in Icarus' SystemVerilog: it is assigned when all blocks
wait for it. What a memory reads before the first clock edge is any number, not unknown bits, which
zero times would be unknown too."""


def with_known_starts(verilog: str) -> str:
    """Return the source text so that no register starts with unknown bits."""
    for written, wanted in KNOWN_STARTS:
        verilog = written.sub(wanted, verilog)
    return verilog
