"""Print what the circuits of published designs are, whatever their signals are called.

Two trees whose lines are equal build the same. ``circuit`` is taken before synthesis, in seconds;
``netlist`` is what is placed and routed, in minutes.
"""

import argparse
import json
from pathlib import Path

from bench.results import ROOT
from thresh.hw.flow.build import NAME, generate, synthesise
from thresh.hw.flow.circuit import circuit_structure
from thresh.hw.flow.structure import structure

from .designs import designs


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
    for name in options.names:
        design, folder = every[name], options.folder / name
        core = design.make()
        circuit = circuit_structure(generate(design.board, core)["il"], folder)
        print(f"{name} circuit {circuit}", flush=True)
        if options.netlist:
            synthesise(design.board, core, folder, lambda text: None)
            netlist = json.loads((folder / f"{NAME}.json").read_text())
            print(f"{name} netlist {structure(netlist)}", flush=True)


if __name__ == "__main__":
    main()
