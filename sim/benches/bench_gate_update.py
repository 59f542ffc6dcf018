"""`GateUpdate`: every instruction of every cell, one a cycle."""

import cocotb
import numpy as np

from .bench_support import SHAPE, play
from .gate_update_script import gate_update_script


@cocotb.test()
@cocotb.parametrize(gaps=[False, True])
async def equals_the_arithmetic(dut, gaps) -> None:
    """Results, changes and saturations, each in its cycle."""
    script = gate_update_script(
        bits=SHAPE["value_bits"],
        latencies=SHAPE["update_latencies"],
        functions=SHAPE["functions"],
        random=np.random.default_rng(2),
        count=1500,
        gaps=gaps,
    )
    await play(dut, "update", script)
