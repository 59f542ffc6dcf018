"""The core with columns in SDRAM: every integer equal, and the bus busy while columns are pending.

The lanes of a block are counted as they lie in the image: sums of P units are taken at a time.
"""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from core_driver import agree
from damage.bad_tables import FAULTS
from link_bench import network, pruned, walk
from sdram_bench import CLOCK_HZ, QUICK_SDRAM
from sdram_driver import NARROW, SHAPE, SdramDriver

from thresh.gateware.core import Core
from thresh.gateware.sdram.sdram_setup import SdramSetup
from thresh.hw.families import FAMILIES
from thresh.layout.link import Counter, Region
from thresh.layout.sdram_image import build_sdram_image


@cache
def driver(family="", geometry=SHAPE):
    """One simulation for all tests of a kind; networks are loaded one after another."""
    return SdramDriver(geometry, FAMILIES[family].primitives if family else None)


@pytest.mark.parametrize(
    ("family", "sizes", "kinds"),
    [
        ("", (3, 18, 9, 2), ("gru", "lstm", "linear")),
        ("ecp5", (7, 16, 5, 17), ("rnn_tanh", "linear_relu", "gru")),
    ],
)
def test_layers_of_any_kind_and_size_agree_with_the_golden_model(family, sizes, kinds):
    net = network(*sizes, kinds=kinds, threshold=200)
    agree(driver(family), net, walk(2, sizes[0]), walk(2, sizes[0], seed=5, stride=9000))


def test_columns_are_dense_where_the_geometry_says_so():
    """An engine for dense columns alone, of a network that is shorter when it is sparse."""
    dense = replace(SHAPE, sparse=False)
    net = pruned(network(6, 18, 5, kinds=("gru", "linear"), threshold=150), 0.9)
    assert build_sdram_image(net, SHAPE, QUICK_SDRAM).placement.layers[0].sparse
    agree(driver(geometry=dense), net, walk(3, 6), walk(2, 6, seed=5, stride=9000))
    assert not any(layer.sparse for layer in driver(geometry=dense).image.placement.layers)


def test_four_bit_weights_come_four_to_a_word():
    net = network(4, 33, 3, kinds=("gru", "linear"), weight_bits=4, threshold=100)
    agree(driver(geometry=NARROW), net, walk(3, 4))


def test_inputs_may_come_late_and_columns_wait_for_them():
    x = walk(2, 6)
    gaps = np.random.default_rng(2).integers(0, 60, x.size)
    agree(driver(), network(6, 17, 5), x, gaps=gaps)


def test_layers_that_have_settled_are_skipped():
    core, net = driver(), network(5, 12, 3, threshold=32767)
    x = np.zeros((20, 5), np.int64)
    agree(core, net, x)
    assert core.read(Region.COUNTERS, [Counter.SKIPPED_LAYERS])[0] > 0


def test_columns_are_loaded_through_a_window_page_by_page():
    core, net = driver(), network(5, 17, kinds=("gru",))
    image = build_sdram_image(net, SHAPE, QUICK_SDRAM)
    core.chip.words[:] = 0
    core.load_columns(image)
    np.testing.assert_array_equal(core.chip.words[: len(image.columns)], image.columns)
    assert len(list(image.pages(SHAPE.weight_depth // 2))) == 2


def test_refuses_columns_without_an_sdram_and_an_sdram_without_columns():
    with pytest.raises(ValueError, match="Columns in SDRAM need an SDRAM beside the core"):
        Core(geometry=SHAPE)
    sdram = SdramSetup(chip=QUICK_SDRAM, clock_hz=CLOCK_HZ)
    with pytest.raises(ValueError, match="An SDRAM has no use for columns on the chip"):
        Core(geometry=replace(SHAPE, columns="chip"), sdram=sdram)


def test_words_stream_while_columns_are_pending():
    core, net = driver(), network(30, 32, kinds=("gru",), threshold=0)
    core.load(net)
    core.new_sequence()
    x = walk(2, 30, stride=9000)
    core.step(x[0])
    before = core.read(Region.COUNTERS, [Counter.BUSY_CYCLES])[0]
    core.step(x[1])
    cycles, busy = core.read(Region.COUNTERS, [Counter.STEP_CYCLES, Counter.BUSY_CYCLES])
    # 62 columns of 48 words; the activation of 32 units is not hidden.
    assert busy - before > 55 * 48
    assert (busy - before) / (cycles - 200) > 0.95


@pytest.mark.parametrize("fault", ["no_last_layer", "not_encoded", "unknown_kind", "other_blocks"])
def test_a_step_over_no_network_ends_and_leaves_nothing_behind(fault):
    core, net = driver(), network(5, 12, 3)
    core.load(net)
    table = core.image.table.astype(np.uint16).copy()
    FAULTS[fault](table, [], np.random.default_rng(1))
    core.write(Region.TABLE, [int(word) for word in table.flat])
    core.new_sequence()
    core.step(walk(1, 5)[0])
    assert core.faulty() == (fault != "other_blocks")
    agree(core, net, walk(2, 5))
