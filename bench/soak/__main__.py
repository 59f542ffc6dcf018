"""Soak the compiled gateware: bad packets, integers, steps without drift, power cuts.

Every part begins with noise in every memory. What a campaign has counted so far stands in
docs/results/soak-CASE.json, from which it goes on, on any machine. A failure names the part, which
is always the same: --part runs it alone.
"""

import argparse
import signal
import sys
from pathlib import Path

from bench.results import ROOT

from .campaign import Campaign, Failed, repeat, run
from .cuts import CUTS
from .drift import DRIFTS
from .integers import INTEGERS
from .packets import PACKETS
from .upsets import UPSETS

CAMPAIGNS: dict[str, Campaign] = {
    "packets": PACKETS,
    **INTEGERS,
    **DRIFTS,
    "power-cuts": CUTS,
    "upsets": UPSETS,
}


def main() -> None:
    """Run every campaign, or those that ``--only`` names."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--only", action="append", metavar="CASE", choices=list(CAMPAIGNS))
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "sim")
    parser.add_argument("--wanted", type=int, help="so much of a campaign instead of all")
    parser.add_argument("--part", type=int, help="this part of the campaign alone; keeps nothing")
    options = parser.parse_args()
    for stop in (signal.SIGINT, signal.SIGTERM):  # a shell's background job ignores the first
        signal.signal(stop, signal.default_int_handler)
    try:
        for name in options.only or CAMPAIGNS:
            if options.part is not None:
                print(name, repeat(name, CAMPAIGNS[name], options.folder, options.part))
            elif not run(name, CAMPAIGNS[name], options.folder, options.wanted):
                sys.exit(130)
    except Failed as error:
        sys.exit(str(error))
    except KeyboardInterrupt:  # before the first part, or with --part
        sys.exit(130)


if __name__ == "__main__":
    main()
