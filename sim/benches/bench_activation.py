"""`Activation`: a result a cycle, of any function, with the latency it promises."""

import cocotb
import numpy as np

from .activation_script import activation_script, activation_values
from .bench_support import SHAPE, play


@cocotb.test()
async def equals_the_arithmetic(dut) -> None:
    """The function changes every cycle."""
    random, bits = np.random.default_rng(1), SHAPE["value_bits"]
    script = activation_script(
        activation_values(bits, random, 1000),
        bits=bits,
        latency=SHAPE["activation_latency"],
        functions=SHAPE["functions"],
        random=random,
    )
    await play(dut, "activation", script)
