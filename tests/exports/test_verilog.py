"""Verilog by Yosys: what it says when that fails."""

import os

import pytest
from amaranth import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.exports.verilog import readable_verilog
from thresh.tools import toolchain
from thresh.tools.toolchain import ToolError

FAILING = "#!/bin/sh\n[ \"$1\" = -V ] && exec echo Yosys 9.1\necho 'ERROR: out of memory'; exit 1\n"


class Wire(wiring.Component):
    def __init__(self):
        super().__init__({"i": In(1), "o": Out(1)})

    def elaborate(self, platform):
        m = Module()
        m.d.comb += self.o.eq(self.i)
        return m


def test_a_yosys_that_fails_is_one_sentence(tmp_path, monkeypatch):
    program = tmp_path / "yosys"
    program.write_text(FAILING)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    toolchain._chosen.cache_clear()
    with pytest.raises(ToolError, match=r"^yosys failed: out of memory$"):
        readable_verilog(Wire(), "wire")
    toolchain._chosen.cache_clear()
