"""The streamed core on sparse columns: equal to the golden model in every integer."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from core_driver import agree
from link_bench import masked, network, pruned, walk
from sdram_bench import QUICK_SDRAM
from sdram_driver import NARROW, SHAPE, SdramDriver

from thresh.hw.families import FAMILIES
from thresh.layout.layer_table import SPARSE
from thresh.layout.sdram_image import build_sdram_image


@cache
def driver(family="", geometry=SHAPE, sparse=True):
    """One simulation for all tests of a kind."""
    primitives = FAMILIES[family].primitives if family else None
    return SdramDriver(geometry, primitives, sparse)


@pytest.mark.parametrize(
    ("family", "kinds", "share"),
    [("", ("gru", "linear"), 0), ("", ("gru", "linear"), 1), ("", ("min_gru", "linear"), 0.9),
     ("ecp5", ("lstm", "gru"), 0.5), ("ecp5", ("lstm", "gru"), 0.95)],
)  # fmt: skip
def test_any_share_of_zeros_agrees_with_the_golden_model(family, kinds, share):
    net = pruned(network(7, 18, 9, kinds=kinds, threshold=150), share)
    agree(driver(family), net, walk(3, 7), walk(2, 7, seed=5, stride=9000))


def test_a_row_that_ends_one_column_may_begin_the_next():
    """Columns of eight weights, one burst: rows 0 to 7, then 7 to 14, and so on in turn."""
    net = network(8, 16, 2, kinds=("rnn_tanh", "linear"))

    def keeps(weights):
        unit, column = np.arange(weights.shape[1])[:, None], np.arange(weights.shape[2])
        return (unit >= 7 * (column % 2)) & (unit < 8 + 7 * (column % 2))

    x = walk(3, 8, stride=9000)
    agree(driver("ecp5"), masked(net, keeps), x)
    agree(driver(), masked(net, keeps), x)


def test_four_bit_weights_have_longer_offsets():
    net = pruned(network(4, 33, 3, kinds=("gru", "linear"), weight_bits=4, threshold=100), 0.8)
    agree(driver(geometry=NARROW), net, walk(3, 4))


def test_sparse_and_dense_layers_go_together():
    net = network(6, 33, 33, kinds=("gru", "gru"), threshold=100)
    net = replace(net, layers=(net.layers[0], *pruned(net, 0.95).layers[1:]))
    core = driver(sparse=None)
    flags = [bool(row[0] & SPARSE) for row in build_sdram_image(net, SHAPE, QUICK_SDRAM).table]
    assert flags[:2] == [False, True]
    agree(core, net, walk(3, 6))
