"""`Activation`: a result a cycle, of any function, with the latency it promises."""

import cocotb
import numpy as np

from thresh.model.arithmetic import FUNCTIONS

from .bench_support import SHAPE, Block
from .script import Script


@cocotb.test()
async def equals_the_arithmetic(dut) -> None:
    """Extremes, the ends of the table and random values; the function changes every cycle.

    Some results are forced to another value, two cycles before they are due.
    """
    bits, latency = SHAPE["value_bits"], SHAPE["activation_latency"]
    random, highest = np.random.default_rng(1), (1 << (bits - 1)) - 1
    edges = [-highest - 1, -highest, -2, -1, 0, 1, 2, highest - 1, highest]
    ends = (np.arange(-9, 10)[:, None] * (1 << (bits - 5)) + np.arange(-3, 4)).ravel()
    values = np.concatenate([edges, ends, random.integers(-highest - 1, highest + 1, 1000)])
    pairs = [(name, int(value)) for name in FUNCTIONS for value in values]
    script = Script(force=0)
    for cycle, at in enumerate(random.permutation(len(pairs))):
        name, value = pairs[at]
        script.drive(cycle, y=value, function=SHAPE["functions"][name.upper()])
        wanted = int(FUNCTIONS[name](np.array(value), bits))
        if random.random() < 0.1:
            wanted = int(random.integers(-highest - 1, highest + 1))
            script.drive(cycle + latency - 2, force=1, forced=wanted)
        script.want(cycle + latency, z=wanted)
    block = await Block.start(dut, "activation", y=0, function=0, force=0, forced=0)
    await block.play(script)
