"""Verilog that people read and every tool takes, of a component for somebody else's design."""

import tempfile
from pathlib import Path

from amaranth.back import rtlil
from amaranth.lib import wiring

from thresh.tools.toolchain import run_tool

from .memory_files import with_memory_files
from .rtlil_names import ReadableNames

SCRIPT = """\
read_rtlil design.il
proc
memory_collect
opt_clean -purge
write_verilog -noattr design.v
"""
"""Without processes every value is an assignment, which holds from time 0 on in every dialect."""


def readable_verilog(
    component: wiring.Component, name: str, *, head: str = "", apart: bool = True
) -> dict[str, str]:
    """Verilog of ``component`` as module ``name``, clock ``clk`` and synchronous reset ``rst``.

    Parameters
    ----------
    component : wiring.Component
        Its ports are named by their members, parts of streams by ``_valid``, ``_ready``, ``_data``.
    name : str
    head : str
        Comment lines on top of the file.
    apart : bool
        Memories begin with files, see `with_memory_files`.

    Returns
    -------
    dict of str to str
        Texts by file name.

    Raises
    ------
    ToolError
        When there is no Yosys that is new enough, or it fails.
    """
    text = ReadableNames(rtlil.convert(component, name=name, emit_src=False)).renamed()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "design.il").write_text(text + "\n", encoding="utf-8")
        Path(folder, "design.ys").write_text(SCRIPT, encoding="utf-8")
        run_tool("yosys", ["-q", "-s", "design.ys"], folder=Path(folder))
        written = Path(folder, "design.v").read_text(encoding="utf-8")
    _, _, modules = written.partition("*/\n")
    return with_memory_files(head + modules, stem=name, apart=apart)
