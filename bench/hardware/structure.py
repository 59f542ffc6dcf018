"""Print what the circuits of published designs are, whatever their signals are called.

Two trees whose lines are equal build the same. ``circuit`` is taken before synthesis, in seconds;
``netlist`` is what is placed and routed, in minutes.
"""

import argparse
import json
import sys
from pathlib import Path

from bench.results import ROOT
from thresh.hw.flow.build import NAME, generate, synthesise
from thresh.hw.flow.circuit import circuit_structure
from thresh.hw.flow.structure import structure
from thresh.tools.toolchain import ToolError

from .designs import Design, designs


def tell(name: str, design: Design, folder: Path, *, netlist: bool) -> None:
    """Print what one design is, before synthesis and, when it is wanted, after it."""
    core = design.make()
    circuit = circuit_structure(generate(design.board, core)["il"], folder)
    print(f"{name} circuit {circuit}", flush=True)
    if netlist:
        synthesise(design.board, core, folder, lambda text: None)
        placed = json.loads((folder / f"{NAME}.json").read_text())
        print(f"{name} netlist {structure(placed)}", flush=True)


def main(arguments: list[str] | None = None) -> None:
    """Print a line for every design that is named."""
    every = designs()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="+", metavar="NAME", help=", ".join(every))
    parser.add_argument("--netlist", action="store_true", help="After synthesis as well.")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "bench" / "structure")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(every):
        parser.error(f"There is no {', '.join(sorted(unknown))}; there are {', '.join(every)}")
    try:
        for name in options.names:
            tell(name, every[name], options.folder / name, netlist=options.netlist)
    except ToolError as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
