"""`DeltaEncoder`: a value a cycle, inputs and state interleaved, thresholds that change."""

import cocotb
import numpy as np

from .bench_support import SHAPE, play
from .delta_encoder_script import EncoderScript, thresholds

BITS = SHAPE.get("value_bits", 16)
HIGHEST = (1 << (BITS - 1)) - 1


def encoding() -> EncoderScript:
    """A script for the encoder of this design."""
    return EncoderScript(
        bits=BITS, address_bits=SHAPE["address_bits"], latency=SHAPE["encoder_latency"]
    )


@cocotb.test()
@cocotb.parametrize(gaps=[False, True])
async def equals_the_arithmetic(dut, gaps) -> None:
    """Both lists of many steps, with every pair of thresholds."""
    random = np.random.default_rng(5)
    pairs = 3 * thresholds(BITS)
    order = random.permutation(len(pairs))
    script = encoding().interleave(random, [pairs[n] for n in order], gaps=gaps)
    await play(dut, "encoder", script)


@cocotb.test()
@cocotb.parametrize(threshold=[0, 1, 40, HIGHEST], hidden=[False, True])
async def fires_at_the_threshold_exactly(dut, threshold, hidden) -> None:
    """One less does not fire, and no change never does."""
    await play(dut, "encoder", encoding().boundary(threshold, hidden=hidden))


@cocotb.test()
async def a_clipped_delta_is_counted_and_the_rest_follows(dut) -> None:
    """From the lowest value to the highest takes three deltas."""
    await play(dut, "encoder", encoding().clip())


@cocotb.test()
async def small_changes_add_up_until_they_fire(dut) -> None:
    """Twice the threshold, and two more steps."""
    await play(dut, "encoder", encoding().creep(5))
