"""Packed columns: every weight that is not zero, in the place of its sum."""

from dataclasses import replace

import numpy as np
import pytest
from link_bench import masked, network, pruned

from thresh.model.geometry import Geometry
from thresh.model.packed_columns import column_weights, pack_column, packed_words
from thresh.model.sdram import ULX3S_SDRAM
from thresh.model.streamed_image import BURSTS_FIELD, PACKED, build_streamed_image

SHAPE = Geometry(
    lanes=16, serial=2, weight_depth=256, accumulator_depth=1024, state_depth=512, value_depth=512
)


def unpack_column(words, rows, bits):
    """The inverse of `pack_column`, int64 of shape (rows,)."""
    weights, row, sign = np.zeros(rows, np.int64), 0, 1 << bits - 1
    for word in words:
        row += word >> bits
        weight = word & (1 << bits) - 1
        if weight:
            weights[row] = (weight ^ sign) - sign
    return weights


@pytest.mark.parametrize("bits", [4, 8])
@pytest.mark.parametrize("density", [0, 0.003, 0.1, 1])
def test_unpacking_gives_the_same_weights(bits, density):
    random = np.random.default_rng(bits)
    limit = 1 << bits - 1
    weights = random.integers(-limit, limit, 3000) * (random.random(3000) < density)
    words = pack_column(weights, bits)
    np.testing.assert_array_equal(unpack_column(words, 3000, bits), weights)
    assert all(0 <= word < 1 << 16 for word in words)


def test_rows_too_far_apart_are_bridged_by_words_without_weight():
    weights = np.zeros(600, int)
    weights[[3, 599]] = 1, -1
    assert pack_column(weights, 8) == [3 << 8 | 1, 255 << 8, 255 << 8, 86 << 8 | 255]


def test_rows_are_numbered_as_sums_lie():
    layer = network(5, 20, kinds=("gru",)).layers[0]
    rows = column_weights(layer, "hidden", 16).reshape(20, 2, 4, 16)
    for number, sweep in enumerate(layer.cell.passes):
        found = rows[:, :, number].reshape(20, 32)
        wanted = layer.weight_h[sweep.gate].T if sweep.hidden else 0
        np.testing.assert_array_equal(found[:, :20], np.broadcast_to(wanted, (20, 20)))
        assert not found[:, 20:].any()


def test_columns_of_a_layer_are_as_long_as_its_longest():
    net = network(5, 20, kinds=("gru",))
    layer = masked(net, lambda weights: np.arange(weights.shape[2]) != 3).layers[0]
    words = packed_words(layer, 16, 8)
    assert words.shape[0] == 25
    assert words.shape[1] % 8 == 0
    assert words.shape[1] >= np.count_nonzero(layer.weight_h, axis=(0, 1)).max()
    assert not words[3].any()


def test_layers_are_packed_where_that_is_shorter():
    net = network(40, 40, 40, kinds=("gru", "gru"))
    net = replace(net, layers=(net.layers[0], *pruned(net, 0.9).layers[1:]))
    image = build_streamed_image(net, SHAPE, ULX3S_SDRAM)
    assert [bool(row[0] & PACKED) for row in image.table[:2]] == [False, True]
    assert image.table[1, BURSTS_FIELD] < image.table[0, BURSTS_FIELD] / 2
    dense = build_streamed_image(net, SHAPE, ULX3S_SDRAM, packed=False)
    assert not any(row[0] & PACKED for row in dense.table)
