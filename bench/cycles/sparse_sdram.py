"""Measure sparse columns beside dense ones: a pruned GRU, its columns in ULX3S's SDRAM.

Dense and sparse run the same network, the same inputs, on the same core in the same run; outputs
are compared with the golden model after every step, everything that is kept after the last.
*Balanced* columns have the same number of weights each, *random* ones about as many.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.measurement import Measurement
from thresh.model.network import Network

from .activity import echoing_network
from .pruning import PRUNED, SPARSITIES, compare, pruned, say
from .sdram_network import CLOCK_HZ, SdramBench

LAYERS, UNITS, INPUTS = 2, 768, 128
ACTIVITY = 0.1
KEPT = ("cycles", "bandwidth_used", "sdram_bytes", "effective_gops", "integers_compared")


def measure(case: tuple[float, bool], folder: Path) -> Iterator[dict[str, Any]]:
    """The row of a share of zeros."""
    sparsity, balanced = case
    bench = SdramBench(folder)

    def run(network: Network, sparse: bool) -> dict[str, Any]:
        row = bench.row(network, ACTIVITY, sparse)
        return {name: row[name] for name in KEPT}

    network = pruned(echoing_network(UNITS, LAYERS, INPUTS), sparsity, balanced)
    first = {"network": network.name, "activity": ACTIVITY, "clock_mhz": CLOCK_HZ / 1e6}
    yield first | compare(network, balanced, run)
    bench.close()


MEASUREMENT = Measurement(
    about=__doc__,
    module="bench.cycles.sparse_sdram",
    result="sparse-streamed",
    cases={
        f"{sparsity:g}-{name}": (sparsity, balanced)
        for sparsity in SPARSITIES
        for name, balanced in PRUNED.items()
    },
    measure=measure,
    say=say,
)

if __name__ == "__main__":
    MEASUREMENT.run()
