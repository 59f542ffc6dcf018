"""What the tests draw networks, inputs and bad layer tables with: a campaign has their corners."""

import sys

from bench.results import ROOT

sys.path.append(str(ROOT / "tests" / "support"))

import damage.bad_tables as bad_tables
import link_bench
import random_networks

__all__ = ["bad_tables", "link_bench", "random_networks"]
