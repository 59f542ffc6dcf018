import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from link_bench import geometry, golden, network, walk

from thresh.layout.image import build_image
from thresh.layout.layer_table import HEADER_FIELDS, threshold_h_word
from thresh.layout.memories import read_map, read_network
from thresh.model.cells import CELLS

LARGE = {
    "weight_depth": 4096, "accumulator_depth": 1024, "state_depth": 1024, "value_depth": 128,
}  # fmt: skip


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from(sorted(CELLS)), min_size=1, max_size=3),
    st.lists(st.integers(1, 14), min_size=4, max_size=4),
    st.sampled_from([(4, 8, 1), (8, 8, 2), (8, 4, 1), (16, 4, 2)]),
    st.integers(9, 16),
    st.integers(0, 99),
)
def test_a_network_comes_back_from_its_memories(kinds, sizes, shape, value_bits, seed):
    lanes, weight_bits, pointwise_lanes = shape
    fields = {"weight_bits": weight_bits, "value_bits": value_bits}
    accelerator = geometry(lanes=lanes, pointwise_lanes=pointwise_lanes, **fields, **LARGE)
    threshold = 1 + seed % 7
    wanted = network(
        *sizes[: len(kinds) + 1], kinds=tuple(kinds), seed=seed, threshold=threshold, **fields
    )
    image = build_image(wanted, accelerator)
    plan = read_map(image.table, image.header, accelerator)
    came = read_network(plan, image.weights)
    assert plan == image.placement
    assert (plan.inputs, plan.outputs) == (wanted.inputs, wanted.outputs)
    for before, after in zip(wanted.layers, came.layers, strict=True):
        for name in ("weight_x", "weight_h", "bias"):
            np.testing.assert_array_equal(getattr(after, name), getattr(before, name))
        for name in ("kind", "shift", "threshold_x", "threshold_h"):
            assert getattr(after, name) == getattr(before, name)
    x = walk(4, wanted.inputs, stride=1 << (value_bits - 6))
    np.testing.assert_array_equal(golden(came, x)[0], golden(wanted, x)[0])


@pytest.mark.parametrize("lanes", [4, 8])
def test_accumulators_are_stored_by_group_pass_block_and_unit(lanes):
    accelerator = geometry(lanes=lanes, pointwise_lanes=1)
    units = 2 * lanes + 1
    image = build_image(network(2, units, 1), accelerator)
    layer = read_map(image.table, image.header, accelerator).layers[0]
    m = np.arange(4 * units).reshape(4, units)
    flat = layer.pack_accumulators(m)
    paired = [(0, 0), (1, 0), (0, 1), (1, 1), (0, 2), (1, 2), (0, 3), (1, 3)]
    alone = [(0, 0), (0, 1), (0, 2), (0, 3), (1, 0), (1, 1), (1, 2), (1, 3)]
    for row, (block, pass_) in zip(flat.reshape(-1, lanes), paired if lanes == 4 else alone,
                                   strict=False):  # fmt: skip
        assert row.tolist() == m[pass_, block * lanes : (block + 1) * lanes].tolist()
    assert flat[8 * lanes : 9 * lanes].tolist() == [m[0, -1], *[0] * (lanes - 1)]
    np.testing.assert_array_equal(layer.unpack_accumulators(flat), m)


def test_the_threshold_word_is_where_the_image_has_it():
    image = build_image(network(2, 6, 1, threshold=777), geometry())
    assert image.table.reshape(-1)[threshold_h_word(0)] == 777


@pytest.mark.parametrize(
    ("place", "word", "sentence"),
    [
        ((0, 0), 0, "Layer 0 of the layer table has two values of kind"),
        ((1, [0, 8]), 0, "Layer 1 of the layer table has the unknown kind 0"),
        ((0, [1, 9]), 7, "Layer 0 of the layer table has inconsistent sizes"),
        ((0, 2), 7, "inputs do not agree"),
    ],
)
def test_what_is_no_layer_table_is_refused(place, word, sentence):
    image = build_image(network(2, 6, 1), geometry())
    table = image.table.copy()
    table[place] = word
    with pytest.raises(ValueError, match=sentence):
        read_map(table, image.header, geometry())


@pytest.mark.parametrize("place", range(2, 6))
def test_a_header_that_is_not_the_layers_is_refused(place):
    image = build_image(network(2, 6, 1), geometry())
    header = list(image.header)
    header[place] += 1
    name = HEADER_FIELDS[place]
    if name == "bias_base":  # Wherever the biases lie, all else follows from the layers.
        assert read_map(image.table, header, geometry()).bias_base == header[place]
        return
    with pytest.raises(ValueError, match=f"The header's {name} must be {image.header[place]} as"):
        read_map(image.table, header, geometry())


def test_a_layer_table_without_an_end_is_refused():
    image = build_image(network(2, 6, 1), geometry())
    with pytest.raises(ValueError, match="without a last layer"):
        read_map(np.repeat(image.table[:1], 8, axis=0), image.header, geometry())
