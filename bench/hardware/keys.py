"""What a routed result depends on, whatever signals are called.

The key of a row is of the circuit before synthesis, the pins, the tools and their options: seconds
to find. Beside it stands one of the netlist that was routed. A row is of the present gateware when
either is: circuits that differ may still be synthesised to one netlist.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.results import ROOT
from thresh.hw.board import Board
from thresh.hw.families import FAMILIES, router_options
from thresh.hw.flow.build import NAME, generate, synthesise
from thresh.hw.flow.circuit import circuit_structure
from thresh.hw.flow.netlist import SOURCES
from thresh.hw.flow.stage import digest
from thresh.hw.flow.structure import structure
from thresh.tools.toolchain import tool_version

FOLDER = ROOT / "build" / "bench" / "keys"
CLOCK_NET = re.compile(r'^(FREQUENCY NET) "[^"]*"|^(set_frequency) \w+\.[\w.]+', re.MULTILINE)
"""The constraint of a clock that is made inside, with its net's name."""


def circuit_key(board: Board, core: Any, seeds: Sequence[int], folder: Path = FOLDER) -> str:
    """Digest of a design before synthesis, and of all that turns it into routed results."""
    files = generate(board, core)
    constraints = files[FAMILIES[board.family].constraints]
    circuit = circuit_structure(files["il"], folder / NAME)
    return key_of_circuit(board, circuit, files["ys"], constraints, seeds)


def netlist_key(board: Board, core: Any, seeds: Sequence[int], folder: Path = FOLDER) -> str:
    """Digest of a design after synthesis, and of all that turns it into routed results."""
    folder = folder / digest(circuit_key(board, core, seeds, folder).encode())[:16]
    synthesise(board, core, folder, lambda text: None)
    return key_of_netlist(board, folder, seeds)


def look(
    row: Mapping[str, Any], board: Board, core: Any, seeds: Sequence[int], *, folder: Path = FOLDER
) -> tuple[str, str]:
    """The key of a design, and what of a kept row is the same: circuit, netlist, or nothing.

    Only a row whose circuit has changed is synthesised, and only if its netlist is known.

    Raises
    ------
    ValueError
        When a tool is missing or fails.
    """
    key = circuit_key(board, core, seeds, folder)
    if row.get("key") == key:
        return key, "the same circuit"
    if "netlist" in row and row["netlist"] == netlist_key(board, core, seeds, folder):
        return key, "the same netlist"
    return key, ""


def key_of_netlist(board: Board, folder: Path, seeds: Sequence[int]) -> str:
    """The same of a netlist that lies in ``folder``."""
    netlist = structure(json.loads((folder / f"{NAME}.json").read_text()))
    constraints = (folder / f"{NAME}.{FAMILIES[board.family].constraints}").read_text()
    return _joined(netlist, constraints, *routing(board, seeds))


def key_of_circuit(
    board: Board, circuit: str, script: str, constraints: str, seeds: Sequence[int]
) -> str:
    """`circuit_key` of a circuit whose structure is known."""
    passes = SOURCES if board.family == "ecp5" else ""
    return _joined(
        circuit, constraints, script, passes, tool_version("yosys"), *routing(board, seeds)
    )


def routing(board: Board, seeds: Sequence[int]) -> list[str]:
    """The router, its options, and what is asked of it."""
    family = FAMILIES[board.family]
    options = [*router_options(board), str(tuple(seeds))]
    return [tool_version(family.router), *options, str(board.clock_hz)]


def _joined(structure: str, constraints: str, *others: str) -> str:
    pins = CLOCK_NET.sub(lambda found: found[1] or found[2], constraints)
    return digest("\0".join([structure, pins, *others]).encode())[:16]
