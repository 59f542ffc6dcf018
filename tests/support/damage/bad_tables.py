"""Layer tables and headers that are no network's, drawn by kind of fault."""

import numpy as np
from link_bench import network

from thresh.layout.image import build_image
from thresh.layout.layer_table import (
    COLUMN_WORDS,
    ENCODED,
    HEADER_FIELDS,
    LAST_LAYER,
    MAC_FIELDS,
    POINTWISE_FIELDS,
    POINTWISE_OFFSET,
    TABLE_WORDS,
)
from thresh.model.network import MAX_LAYERS

SHAPES = (((5, 12, 3), ("gru", "linear")), ((4, 9, 6, 3), ("lstm", "gru", "linear_tanh")))
KIND, BLOCKS, UNITS = 0, MAC_FIELDS.index("blocks_minus_1"), POINTWISE_FIELDS.index("units_minus_1")
SECOND = POINTWISE_OFFSET


def _empty(table, header, random):
    table[:], header[:] = 0, 0


def _no_last_layer(table, header, random):
    table[:, [KIND, SECOND]] &= ~LAST_LAYER & 0xFFFF


def _layers_that_go_round(table, header, random):
    """Eight of them, none of which is the last."""
    table[:] = table[0]
    table[:, [KIND, SECOND]] |= ENCODED


def _last_layer_in_one_half(table, header, random):
    at = random.integers(MAX_LAYERS)
    table[at, random.choice([KIND, SECOND])] ^= LAST_LAYER


def _zero_units(table, header, random):
    table[random.integers(2), [BLOCKS, SECOND + BLOCKS, SECOND + UNITS]] = 0xFFFF


def _other_units(table, header, random):
    table[random.integers(2), SECOND + UNITS] = random.integers(1 << 16)


def _other_blocks(table, header, random):
    table[random.integers(2), [BLOCKS, SECOND + BLOCKS]] = random.integers(1 << 16)


def _blocks_of_two_minds(table, header, random):
    table[random.integers(2), random.choice([BLOCKS, SECOND + BLOCKS])] = random.integers(1 << 16)


def _unknown_kind(table, header, random):
    kind = random.choice([0, 11, 12, 13, 14, 15])
    at = random.integers(2)
    table[at, [KIND, SECOND]] = table[at, [KIND, SECOND]] & 0xFFF0 | kind


def _kinds_of_two_minds(table, header, random):
    at = random.integers(2)
    table[at, random.choice([KIND, SECOND])] = random.integers(1 << 16)


def _not_encoded(table, header, random):
    table[0, [KIND, SECOND]] &= ~ENCODED & 0xFFFF


def _addresses(table, header, random):
    table[:2, [4, 5, 6, 11, 12, 13, 14]] = random.integers(1 << 16, size=(2, 7))


def _sizes(table, header, random):
    at = random.integers(2)
    table[at, [2, 3, COLUMN_WORDS]] = random.integers(1 << 16, size=3)


def _no_columns(table, header, random):
    table[random.integers(2), COLUMN_WORDS] = random.choice([0, 0xF000])


def _noise(table, header, random):
    table[:] = random.integers(1 << 16, size=table.shape)


def _header(table, header, random):
    header[:] = random.integers(1 << 16, size=len(header))


def _far_reset(table, header, random):
    header[HEADER_FIELDS.index("reset_minus_1")] = random.choice([0xFFFF, 0x8000, 0x03FF, 0])


def _many_outputs(table, header, random):
    at = HEADER_FIELDS.index("output_words_minus_1")
    header[at] = random.choice([0xFFFF, 0x0200, 0x01FF, 0x0080, 0x007C])


def _other_inputs(table, header, random):
    header[HEADER_FIELDS.index("inputs_minus_1")] = random.integers(1 << 16)


FAULTS = {
    function.__name__.strip("_"): function
    for function in (
        _empty, _no_last_layer, _layers_that_go_round, _last_layer_in_one_half, _zero_units,
        _other_units, _other_blocks, _blocks_of_two_minds, _unknown_kind, _kinds_of_two_minds,
        _not_encoded, _addresses, _sizes, _no_columns, _noise, _header, _far_reset, _many_outputs,
        _other_inputs,
    )
}  # fmt: skip
"""What may be wrong, by name."""


def bad_table(fault, seed, geometry):
    """An image, and its table and header with ``fault`` in them, both uint16."""
    random = np.random.default_rng([seed, *fault.encode()])
    sizes, kinds = SHAPES[seed % len(SHAPES)]
    image = build_image(network(*sizes, kinds=kinds, seed=seed), geometry)
    table = image.table.astype(np.uint16).reshape(MAX_LAYERS, TABLE_WORDS).copy()
    header = np.array(image.header, np.uint16)
    FAULTS[fault](table, header, random)
    return image, table, header
