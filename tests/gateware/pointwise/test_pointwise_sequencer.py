"""What the pointwise sequencer refuses; the core's tests show that it works."""

import pytest

from thresh.gateware.pointwise.pointwise_sequencer import PointwiseSequencer


def test_blocks_too_short_for_the_pipeline_are_refused():
    with pytest.raises(ValueError, match="lanes / pointwise_lanes must be at least 4, not 2"):
        PointwiseSequencer(
            beats=2, pointwise_lanes=1, state_blocks=8, distance=14, accumulator_depth=64
        )
