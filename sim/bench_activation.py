"""`Activation`: a result a cycle, of any function, with the latency it promises."""

import cocotb
import numpy as np

from thresh.model.arithmetic import FUNCTIONS
from thresh.sim.bench_support import SHAPE, Block
from thresh.sim.script import Script


@cocotb.test()
async def equals_the_arithmetic(dut) -> None:
    """Extremes, the ends of the table and random values; the function changes every cycle."""
    bits, latency = SHAPE["value_bits"], SHAPE["activation_latency"]
    random, highest = np.random.default_rng(1), (1 << (bits - 1)) - 1
    edges = [-highest - 1, -highest, -2, -1, 0, 1, 2, highest - 1, highest]
    ends = (np.arange(-9, 10)[:, None] * (1 << (bits - 5)) + np.arange(-3, 4)).ravel()
    values = np.concatenate([edges, ends, random.integers(-highest - 1, highest + 1, 1000)])
    pairs = [(name, int(value)) for name in FUNCTIONS for value in values]
    script = Script()
    for cycle, at in enumerate(random.permutation(len(pairs))):
        name, value = pairs[at]
        script.drive(cycle, y=value, function=SHAPE["functions"][name.upper()])
        wanted = FUNCTIONS[name](np.array(value), bits)
        script.want(cycle + latency, z=int(wanted))
    block = await Block.start(dut, "activation", y=0, function=0)
    await block.play(script)
