"""What is sent, what is remembered, and what is not."""

import numpy as np
import pytest
from block_bench import play

from thresh.gateware.encode.delta_encoder import DeltaEncoder
from thresh.sim.benches.delta_encoder_script import EncoderScript, thresholds

DEPTH = 16


def run(fill, *, bits=16, read_latency=1):
    """Play what ``fill`` makes of a script."""
    unit = DeltaEncoder(value_bits=bits, depth=DEPTH, read_latency=read_latency)
    script = EncoderScript(
        bits=bits, address_bits=unit.address_bits, latency=DeltaEncoder.latency(read_latency)
    )
    play(unit, fill(script))


@pytest.mark.parametrize("threshold", [0, 1, 5, 40, 32767])
@pytest.mark.parametrize("hidden", [False, True])
def test_fires_at_the_threshold_exactly(threshold, hidden):
    run(lambda script: script.boundary(threshold, hidden=hidden))


def test_small_changes_add_up_until_they_fire():
    run(lambda script: script.creep(5))


@pytest.mark.parametrize("bits", [8, 16])
def test_a_clipped_delta_is_counted_and_the_rest_follows(bits):
    run(lambda script: script.clip(), bits=bits)


@pytest.mark.parametrize("bits", [8, 13, 16])
@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("read_latency", [1, 2])
def test_equals_the_arithmetic(bits, gaps, read_latency):
    random = np.random.default_rng(bits)
    pairs = thresholds(bits)
    run(
        lambda script: script.interleave(random, pairs, gaps=gaps),
        bits=bits, read_latency=read_latency,
    )  # fmt: skip


def test_a_reference_that_differs_is_found():
    def wrong(script):
        script.set_thresholds(0, 0)
        script.value(3, index=0, hidden=False)
        script.references[0] += 1
        return script.finish()

    with pytest.raises(AssertionError, match="access_read_data is 3, not 4"):
        run(wrong)
