"""`NonzeroQueue`: an event a cycle into two banks, replayed while the other list fills."""

import cocotb
import numpy as np

from .bench_support import SHAPE, play
from .nonzero_queue_script import queue_steps


@cocotb.test()
@cocotb.parametrize(gaps=[False, True])
async def every_list_holds_what_was_sent(dut, gaps) -> None:
    """Lists, lengths and replayed events of several steps, and of a full bank."""
    script = queue_steps(
        np.random.default_rng(int(gaps)),
        depth=SHAPE["depth"],
        value_bits=SHAPE["value_bits"],
        gaps=gaps,
        steps=20,
    )
    await play(dut, "queue", script)
