"""What an accelerator may be like, and in one sentence why not."""

import pytest
from link_bench import network

from thresh.layout.geometry import Geometry
from thresh.layout.image import build_image

FIELDS = {
    "lanes": 8, "weight_depth": 1024, "accumulator_depth": 256, "state_depth": 128,
    "value_depth": 64,
}  # fmt: skip


def geometry(**changes):
    return Geometry(**(FIELDS | changes))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"lanes": 3}, "lanes must be 4, 8, 16, 32, 64 or 128, not 3"),
        ({"lanes": 256}, "lanes must be 4, 8, 16, 32, 64 or 128, not 256"),
        ({"lanes": "8"}, "lanes must be 4, 8, 16, 32, 64 or 128, not '8'"),
        ({"weight_bits": 6}, "weight_bits must be 4 or 8, not 6"),
        ({"value_bits": 7}, "value_bits must be 8 to 16, not 7"),
        ({"value_bits": 17}, "value_bits must be 8 to 16, not 17"),
        (
            {"pointwise_lanes": 4},
            "pointwise_lanes must be a power of two up to 2 for 8 lanes of 8-bit weights, not 4",
        ),
        (
            {"pointwise_lanes": 2, "weight_bits": 4},
            "pointwise_lanes must be a power of two up to 1 for 8 lanes of 4-bit weights, not 2",
        ),
        (
            {"pointwise_lanes": 3, "lanes": 32},
            "pointwise_lanes must be a power of two up to 8 for 32 lanes of 8-bit weights, not 3",
        ),
        (
            {"pointwise_lanes": 0},
            "pointwise_lanes must be a power of two up to 2 for 8 lanes of 8-bit weights, not",
        ),
        (
            {"weight_depth": 1500},
            "weight_depth must be a power of two or a multiple of 1024 up to 65536, not 1500",
        ),
        (
            {"weight_depth": 131072},
            "weight_depth must be a power of two or a multiple of 1024 up to 65536, not 131072",
        ),
        (
            {"accumulator_depth": 3000},
            "accumulator_depth must be a power of two or a multiple of 128 up to 65536, not 3000",
        ),
        (
            {"accumulator_depth": 640, "sparse": True},
            "accumulator_depth must be a power of two up to 65536, not 640",
        ),
        ({"state_depth": 1}, "state_depth must be a power of two up to 65536, not 1"),
        ({"value_depth": 0}, "value_depth must be a power of two up to 65536, not 0"),
        ({"packet_bytes": 300}, "packet_bytes must be a power of two from 256 to 4096, not 300"),
        ({"columns": "flash"}, "columns must be chip or sdram, not 'flash'"),
        (
            {"columns": "sdram", "lanes": 16},
            "SDRAM columns need pointwise_lanes = 2 for 8-bit weights, not 1",
        ),
        (
            {"columns": "sdram", "lanes": 32, "pointwise_lanes": 2},
            "SDRAM columns need lanes = 16 for 8-bit weights, not 32",
        ),
        (
            {"columns": "sdram", "lanes": 16, "pointwise_lanes": 2, "weight_bits": 4},
            "SDRAM columns need pointwise_lanes = 4 for 4-bit weights, not 2",
        ),
        ({"packet_bytes": 128}, "packet_bytes must be a power of two from 256 to 4096, not 128"),
    ],
)
def test_what_cannot_be_built_is_refused(changes, sentence):
    with pytest.raises(ValueError, match=sentence):
        geometry(**changes)


def test_weights_may_fill_several_banks():
    assert geometry(weight_depth=3 * 1024).weight_depth == 3072


def test_widths_follow_from_lanes_and_pointwise_lanes():
    shape = geometry(lanes=16, pointwise_lanes=2, weight_bits=4)
    assert (shape.beats, shape.temporaries) == (8, 5 * 8)
    assert (shape.weight_word_bits, shape.accumulator_word_bits) == (64, 64)
    assert shape.biases_per_word == 1
    assert Geometry.from_dict(shape.to_dict()) == shape


def test_where_columns_lie_and_whether_they_are_sparse_are_two_choices():
    sdram = geometry(columns="sdram", lanes=16, pointwise_lanes=2, sparse=True)
    assert not sdram.sparse_memory
    assert geometry(sparse=True).sparse_memory
    assert Geometry.from_dict(sdram.to_dict()) == sdram
    assert geometry().to_dict().keys().isdisjoint(("columns", "packed"))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"weight_depth": 64}, r"weight memory: it needs \d+ words of 64 bits, .* 8 lanes has 64"),
        ({"accumulator_depth": 32}, r"delta memory: it needs \d+ words, .* has 32"),
        ({"state_depth": 32}, r"state memory: it needs \d+ words, the accelerator .* has 32"),
        ({"value_depth": 16}, r"value memory: it needs 17 values, the accelerator .* has 16"),
        ({"value_bits": 12}, r"The network has value_bits 16, the accelerator 12"),
        ({"weight_bits": 4}, r"The network has weight_bits 8, the accelerator 4"),
    ],
)
def test_a_network_that_does_not_fit_is_refused_with_the_numbers(changes, sentence):
    """So that no list, sum or state can run over its memory."""
    net = network(5, 12, 3)
    build_image(net, geometry())
    with pytest.raises(ValueError, match=sentence):
        build_image(net, geometry(**changes))
