"""What the pointwise sequencer refuses; the core's tests show that it works."""

from block_bench import refusal

from thresh.gateware.pointwise_sequencer import PointwiseSequencer


def test_blocks_too_short_for_the_memories_are_refused():
    with refusal("lanes / serial must be at least 5 where memories are read in 2 cycles, not 4"):
        PointwiseSequencer(
            vector=4, state_blocks=8, distance=14, accumulator_depth=64, read_latency=2
        )
