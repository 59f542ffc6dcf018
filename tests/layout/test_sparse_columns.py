"""Sparse columns: every weight that is not zero, in the place of its sum."""

from dataclasses import replace

import numpy as np
import pytest
from link_bench import masked, network, pruned

from thresh.layout.geometry import Geometry
from thresh.layout.image import build_image, parse_image
from thresh.layout.layer_table import COLUMN_WORDS, SPARSE
from thresh.layout.memories import read_map, read_network
from thresh.layout.sdram_chip import ULX3S_SDRAM
from thresh.layout.sdram_image import build_sdram_image
from thresh.layout.sparse_columns import (
    SETTLE,
    lane_columns,
    pack,
    sparse_layer,
    sparse_words,
    unpack,
)

SHAPE = Geometry(
    lanes=16,
    pointwise_lanes=2,
    weight_depth=256,
    accumulator_depth=1024,
    state_depth=512,
    value_depth=512,
)
SDRAM = replace(SHAPE, columns="sdram", sparse=True)


@pytest.mark.parametrize("offset_bits", [4, 8, 12])
@pytest.mark.parametrize("density", [0, 0.003, 0.1, 1])
def test_unpacking_gives_the_same_weights(offset_bits, density):
    random = np.random.default_rng(offset_bits)
    weights = random.integers(-128, 128, (4, 3, 900)) * (random.random((4, 3, 900)) < density)
    sparse, offsets = pack(weights, offset_bits)
    np.testing.assert_array_equal(unpack(sparse, offsets, 900), weights)
    assert 0 <= offsets.min() <= offsets.max() < 1 << offset_bits


def test_rows_too_far_apart_are_bridged_by_words_without_weight():
    column = np.zeros((1, 1, 600), int)
    column[..., [3, 599]] = 1, -1
    weights, offsets = pack(column, 8)
    assert weights.tolist() == [[[1, 0, 0, -1]]]
    assert offsets.tolist() == [[[3, 255, 255, 86]]]


def test_rows_are_numbered_as_sums_lie():
    layer = network(5, 20, kinds=("gru",)).layers[0]
    rows = lane_columns(layer, "hidden", 16).transpose(0, 2, 1).reshape(20, 2, 4, 16)
    for number, pass_ in enumerate(layer.cell.passes):
        found = rows[:, :, number].reshape(20, 32)
        wanted = layer.weight_h[pass_.gate].T if pass_.hidden else 0
        np.testing.assert_array_equal(found[:, :20], np.broadcast_to(wanted, (20, 20)))
        assert not found[:, 20:].any()


def test_columns_of_a_layer_are_as_long_as_its_longest():
    net = network(5, 20, kinds=("gru",))
    layer = masked(net, lambda weights: np.arange(weights.shape[2]) != 3).layers[0]
    words = sparse_words(layer, 16, 8)
    assert words.shape[0] == 25
    assert words.shape[1] % 8 == 0
    assert words.shape[1] >= np.count_nonzero(layer.weight_h, axis=(0, 1)).max()
    assert not words[3].any()


def test_layers_are_sparse_where_that_is_shorter():
    net = network(40, 40, 40, kinds=("gru", "gru"))
    net = replace(net, layers=(net.layers[0], *pruned(net, 0.9).layers[1:]))
    image = build_sdram_image(net, SDRAM, ULX3S_SDRAM)
    assert [bool(row[0] & SPARSE) for row in image.table[:2]] == [False, True]
    assert image.table[1, COLUMN_WORDS] < image.table[0, COLUMN_WORDS] / 2
    dense = build_sdram_image(net, SDRAM, ULX3S_SDRAM, sparse=False)
    assert not any(row[0] & SPARSE for row in dense.table)


ON_CHIP = replace(SHAPE, pointwise_lanes=4, weight_depth=8192, sparse=True)


def shortest_distance(columns):
    """Least cycles from a word to one of the next column that adds to the same sum."""
    weights, rows = columns.weights, np.cumsum(columns.offsets, axis=1)
    least = SETTLE
    for lane in range(weights.shape[2]):
        used = [np.flatnonzero(column[:, lane]) for column in weights]
        for column, here in enumerate(used):
            for other, there in enumerate(used):
                same = rows[column, here, lane][:, None] == rows[other, there, lane]
                away = columns.words + columns.rest - here[:, None] + there
                least = min(least, away[same].min(initial=SETTLE))
    return least


@pytest.mark.parametrize("share", [0, 0.5, 0.9, 1])
def test_columns_on_the_chip_let_every_sum_be_written_before_it_is_asked_for(share):
    layer = pruned(network(4, 20, kinds=("lstm",)), share).layers[0]
    columns = sparse_layer(layer, 16, ON_CHIP.interleave)
    assert shortest_distance(columns) >= SETTLE
    assert columns.rest < SETTLE


@pytest.mark.parametrize("share", [0, 0.5, 0.9, 1])
def test_a_sparse_image_can_be_read_back(share):
    net = pruned(network(7, 33, 20, 3, kinds=("lstm", "gru", "linear")), share)
    image = build_image(net, ON_CHIP)
    assert parse_image(image.to_bytes()).network == image.network
    plan = read_map(image.table, image.header, ON_CHIP)
    assert plan == image.placement
    assert plan.weight_words == len(image.weights)
    for layer, found in zip(net.layers, read_network(plan, image.weights).layers, strict=True):
        for name in ("weight_x", "weight_h", "bias"):
            np.testing.assert_array_equal(getattr(found, name), getattr(layer, name))


def test_zeros_are_left_out():
    net = network(100, 100, kinds=("gru",))
    dense, sparse = (
        build_image(one, replace(ON_CHIP, weight_depth=16384)) for one in (net, pruned(net, 0.9))
    )
    assert len(sparse.weights) < 0.6 * len(dense.weights)
    with pytest.raises(ValueError, match="does not fit the weight memory"):
        build_image(net, replace(ON_CHIP, weight_depth=512))


def test_damaged_columns_are_refused():
    net = network(5, 20, kinds=("gru",))
    image = build_image(net, ON_CHIP)
    plan = read_map(image.table, image.header, ON_CHIP)
    words = image.weights.copy()
    words[2 * plan.layers[0].weight_base + 1 :: 2] = 255
    with pytest.raises(ValueError, match="beyond the last of its 8 rows"):
        read_network(plan, words)
    with pytest.raises(ValueError, match="more words than there are"):
        read_network(plan, image.weights[:-2])
