"""`ColumnMAC`: sums of passes, one column slice a cycle, however late they are taken."""

import cocotb
import numpy as np

from .bench_support import SHAPE, play
from .column_mac_script import MacScript


def passes(seed: int, **options: bool) -> MacScript:
    """A script for the lanes of this design."""
    return MacScript(
        lanes=SHAPE["lanes"],
        pointwise_lanes=SHAPE["pointwise_lanes"],
        weight_bits=SHAPE["weight_bits"],
        latency=SHAPE["lane_latency"],
        random=np.random.default_rng(seed),
        **options,
    )


@cocotb.test()
@cocotb.parametrize(gaps=[False, True], stalls=[False, True])
async def every_pass_has_its_own_sum(dut, gaps, stalls) -> None:
    """Long, short and empty passes, marked with their last event or after it."""
    script = passes(3, gaps=gaps, stalls=stalls)
    counts = (0, 1, 2, 5, 1, 0, 0, 30, *script.random.integers(0, 12, 60))
    await play(dut, "mac", script.add_random(counts, value_bits=SHAPE["value_bits"]))


@cocotb.test()
async def running_sums_may_overflow(dut) -> None:
    """Sums are differences modulo 2**32."""
    await play(dut, "mac", passes(4).overflow(value_bits=SHAPE["value_bits"]))
