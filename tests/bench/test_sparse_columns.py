"""Networks that the bench of sparse columns prunes."""

import numpy as np
import pytest

from bench.cycles.activity import echoing_network
from bench.cycles.pruning import pruned, zeros


@pytest.mark.parametrize("balanced", [True, False])
@pytest.mark.parametrize("lanes", [1, 16])
def test_as_many_weights_are_left_as_were_asked_for(balanced, lanes):
    network = pruned(echoing_network(64, 2), 0.75, balanced, lanes)
    assert zeros(network) == pytest.approx(0.75, abs=0.02)


def test_balanced_columns_leave_every_lane_as_many():
    network = pruned(echoing_network(64, 1), 0.75, True, 16)
    left = network.layers[0].weight_x != 0
    lanes = left.transpose(2, 0, 1).reshape(64, 3, 4, 16).sum(axis=(1, 2))
    assert np.unique(lanes).tolist() == [3]


def test_what_the_network_echoes_by_is_kept():
    whole = echoing_network(64, 1)
    network = pruned(whole, 0.9375, True, 16)
    np.testing.assert_array_equal(network.layers[0].weight_x[2], whole.layers[0].weight_x[2])
