"""The tools of a simulation and a bitstream, found before work begins."""

from thresh.hw.board import Board
from thresh.hw.families import FAMILIES
from thresh.tools.toolchain import find_tool, tool_version
from thresh.tools.verilator import found_version, verilator_environment


def prepared(board: Board) -> str:
    """Names and versions of the tools for a board; a wheel compiles itself here the first time.

    Raises
    ------
    ValueError
        When one is missing, with the line that installs it.
    """
    verilator_environment()
    names = ("yosys", FAMILIES[board.family].router)
    for name in names:
        find_tool(name)
    versions = [f"{name} {tool_version(name)}" for name in names]
    return ", ".join([*versions, f"verilator {found_version()}"])
