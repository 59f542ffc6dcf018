"""Print what the circuits of targets are, whatever their signals are called.

Two trees whose lines are equal build the same. ``circuit`` is taken before synthesis, in seconds;
``netlist`` is what is placed and routed, in minutes.
"""

import argparse
import json
from pathlib import Path

from thresh.hw.flow.build import NAME, generate, synthesise
from thresh.hw.flow.circuit import circuit_structure
from thresh.hw.flow.structure import structure

from .clocks import ROOT, make_core
from .targets import DESIGNS, TARGETS


def main(arguments: list[str] | None = None) -> None:
    """Print a line for every target that is named."""
    names = [f"{target.name}-{design}" for target in TARGETS for design in DESIGNS]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="+", metavar="NAME", help=", ".join(names))
    parser.add_argument("--netlist", action="store_true", help="After synthesis as well.")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "bench" / "structure")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(names):
        parser.error(f"There is no {', '.join(unknown)}; there are {', '.join(names)}")
    for target in TARGETS:
        for design in DESIGNS:
            name = f"{target.name}-{design}"
            if name not in options.names:
                continue
            folder = options.folder / name
            core = make_core(target, design)
            circuit = circuit_structure(generate(target.board, core)["il"], folder)
            print(f"{name} circuit {circuit}", flush=True)
            if options.netlist:
                synthesise(target.board, core, folder, lambda text: None)
                netlist = json.loads((folder / f"{NAME}.json").read_text())
                print(f"{name} netlist {structure(netlist)}", flush=True)


if __name__ == "__main__":
    main()
