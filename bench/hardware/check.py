"""Say which published rows are of the present gateware.

A row whose circuit or netlist is the one that was measured stays true, whatever signals are called
by now; any other wants `clocks.py`, `boards.py`, ... to build it again. Status 1 when there is one,
2 when a tool is missing.
"""

import argparse
import sys

from thresh.tools.toolchain import ToolError

from .designs import Design, designs
from .keys import circuit_key, look, netlist_key


def verdict(design: Design, *, netlists: bool = False, renew: bool = False) -> str:
    """What of a design's row is the same, ``""`` when nothing is.

    Parameters
    ----------
    netlists : bool
        Synthesise where the circuit is another.
    renew : bool
        Write the present key to a row of the same netlist, so that nobody need synthesise again.
    """
    row = design.row()
    if row is None:
        return "not measured"
    seeds = design.seeds(row)
    if not netlists:
        same = row.get("key") == circuit_key(design.board, design.make(), seeds)
        return "the same circuit" if same else ""
    key, same = look(row, design.board, design.make(), seeds)
    if renew and same and row.get("key") != key:
        design.keep(key=key)
    if renew and same and "netlist" not in row:
        design.keep(netlist=netlist_key(design.board, design.make(), seeds))
    return same


def main(arguments: list[str] | None = None) -> None:
    """Print a line for every design, or for those that are named."""
    every = designs()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(every))
    parser.add_argument(
        "--netlists", action="store_true", help="Synthesise where the circuit is another: minutes."
    )
    parser.add_argument("--renew", action="store_true", help="Write keys of the same netlists.")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(every):
        parser.error(f"There is no {', '.join(sorted(unknown))}; there are {', '.join(every)}")
    changed = 0
    try:
        for name in options.names or every:
            same = verdict(
                every[name], netlists=options.netlists or options.renew, renew=options.renew
            )  # fmt: skip
            changed += not same
            print(f"{name}: {same or 'ANOTHER CIRCUIT'}", flush=True)
    except ToolError as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(2)
    sys.exit(bool(changed))


if __name__ == "__main__":
    main()
