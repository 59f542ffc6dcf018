"""Thresholds as points: snapping, the grid, neighbours and the Pareto front."""

from dataclasses import replace

import numpy as np
import pytest
from cli_cases import small_network

from thresh.tuning.thresholds import (
    deviations,
    grid,
    levels,
    neighbours,
    network_at,
    pareto,
    point_of,
    reals,
    snapped,
)


def stack(layers):
    """GRU layers, then linear."""
    network = small_network()
    gru, linear = network.layers
    inner = replace(
        gru, weight_x=gru.weight_h, x_frac=14, weight_x_frac=7, threshold_x=gru.threshold_h
    )
    return replace(network, layers=(gru, *[inner] * (layers - 1), linear))


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_a_point_is_put_into_every_layer_and_read_back(layers):
    network = stack(layers)
    assert point_of(network) == (600, *[300] * layers)
    point = (7, *range(10, 10 + layers))
    changed = network_at(network, point)
    assert point_of(changed) == point
    assert changed.layers[-1].threshold_x == point[-1]
    assert reals(network, point)[0] == 7 / 2**12


def test_points_are_snapped_to_the_grids_and_their_limits():
    network = small_network()
    assert snapped(network, [0.5, 0.25]) == (2048, 4096)
    assert snapped(network, [1e9, -1]) == (32767, 0)


def test_the_grid_pairs_levels_of_inputs_and_of_all_layers():
    network = stack(2)
    scales = deviations(network, [np.random.default_rng(1).integers(-900, 900, (20, 5))])
    assert len(scales) == 3
    points = grid(network, scales, 4)
    assert len(points) == 16
    assert points[0] == (0, 0, 0)
    for point in points:
        _, *hidden = reals(network, point)
        parts = [value / scale for value, scale in zip(hidden, scales[1:], strict=True)]
        assert parts[0] == pytest.approx(parts[1], abs=0.01)
    assert levels(4) == pytest.approx([0, 1 / 8, 3**0.5 / 4, 3 / 2])


def test_a_network_with_one_threshold_has_a_grid_of_its_inputs():
    network = replace(small_network(), layers=small_network().layers[1:])
    assert point_of(network) == (300,)
    assert len(grid(network, [0.4], 5)) == 5


def test_neighbours_move_one_threshold_each_and_come_nearer():
    network, scales = stack(2), [0.5, 0.4, 0.3]
    start = snapped(network, scales)
    first = neighbours(network, scales, [start], 8, 1)
    assert len(first) == 6
    assert {sum(a != b for a, b in zip(point, start, strict=True)) for point in first} == {1}
    second = neighbours(network, scales, [start], 8, 2)
    assert max(point[0] for point in second) < max(point[0] for point in first)


def test_many_layers_are_refined_together():
    network = stack(4)
    start = snapped(network, [0.5] * 5)
    for point in neighbours(network, [0.5] * 5, [start], 8, 1):
        assert len({point[1:][n] for n in range(4)}) == 1


def test_a_threshold_of_zero_has_a_neighbour_above():
    network = small_network()
    assert all(max(p) > 0 for p in neighbours(network, [0.5, 0.4], [(0, 0)], 8, 1))


def test_the_front_is_what_no_other_point_beats():
    costs = [(1.0, 9.0), (2.0, 5.0), (2.0, 6.0), (3.0, 5.0), (1.0, 10.0), (9.0, 1.0)]
    assert pareto(costs) == [0, 1, 5]
