"""Whether a network fits a board."""

from dataclasses import replace

import pytest

from thresh.gateware.lib.memory_shape import MemoryShape
from thresh.hw.estimates.block_rams import block_count
from thresh.hw.estimates.board_geometry import board_geometry
from thresh.hw.estimates.fit import estimate_fit, fits_device
from thresh.hw.families import FAMILIES
from thresh.hw.known_boards import BOARDS
from thresh.layout.placement import place
from thresh.model.model_file import load_network
from thresh.model.network import Layer, Network

DIGITS = "examples/digits-gru128.safetensors"


def network(units, inputs=40, outputs=10, weight_bits=8):
    from numpy import zeros

    def layer(kind, gates, passes, units, inputs, hidden, **formats):
        return Layer(
            kind=kind,
            weight_x=zeros((gates, units, inputs), int),
            weight_h=zeros((gates, units, hidden), int),
            bias=zeros((passes, units), int),
            weight_bits=weight_bits,
            **formats,
        )

    gru = layer("gru", 3, 4, units, inputs, units, x_frac=12, weight_x_frac=8, weight_h_frac=6)
    linear = layer("linear", 1, 1, outputs, units, 0, x_frac=14, weight_x_frac=7, weight_h_frac=0)
    return Network(layers=(gru, linear))


@pytest.fixture(scope="module")
def digits():
    return load_network(DIGITS)


@pytest.mark.parametrize("name", BOARDS)
def test_digits_network_fits_every_board(name, digits):
    fit = estimate_fit(digits, BOARDS[name])
    assert fit.fits
    assert fit.needs["weight memory"].needed == place(digits, BOARDS[name].geometry).weight_words


@pytest.mark.parametrize(
    ("name", "pointwise_lanes", "blocks", "multipliers"),
    [("icebreaker", 1, 30, 8), ("ulx3s-85f", 2, 146, 18)],
)
def test_counts_blocks_as_routed(name, pointwise_lanes, blocks, multipliers, digits):
    shape = replace(BOARDS[name].geometry, pointwise_lanes=pointwise_lanes, accumulator_depth=1024)
    needs = estimate_fit(digits, BOARDS[name], shape).needs
    assert needs["block RAM"].needed == blocks
    assert needs["multiplier"].needed == multipliers


@pytest.mark.parametrize("units", [8, 128, 200, 256, 400])
@pytest.mark.parametrize("name", ["icebreaker", "ulx3s-85f"])
def test_agrees_with_the_placement(name, units):
    board = BOARDS[name]
    fit = estimate_fit(network(units), board)
    try:
        place(network(units), board.geometry)
    except ValueError:
        assert not fit.fits
    else:
        assert fit.fits


@pytest.mark.parametrize("lanes", [4, 8, 16, 32, 64, 128])
@pytest.mark.parametrize("name", BOARDS)
def test_a_weight_memory_that_fits_can_be_made(name, lanes):
    board, geometry = BOARDS[name], board_geometry(name, lanes=lanes)
    if fits_device(board, geometry):
        memory = FAMILIES[board.family].primitives.column_memory
        memory(width=geometry.weight_word_bits, depth=geometry.weight_depth)


def test_says_what_to_change():
    advice = estimate_fit(network(200), BOARDS["icebreaker"]).advice
    assert advice == (
        "The network does not fit the weight memory of icebreaker with 8 lanes: it needs 18,808 "
        "words of 64 bits of 16,384; use fewer units or layers, 4-bit weights or the board "
        "ulx3s-45f"
    )


def test_refuses_an_accelerator_the_device_cannot_carry(digits):
    board = BOARDS["icebreaker"]
    wide = replace(board.geometry, lanes=16)
    fit = estimate_fit(digits, board, wide)
    assert not fit.fits
    assert "multiplier" in fit.advice or "SPRAM" in fit.advice


@pytest.mark.parametrize(
    ("family", "width", "depth", "count"),
    [
        ("ice40", 16, 256, 1),
        ("ice40", 32, 1024, 8),
        ("ice40", 14, 1024, 4),
        ("ecp5", 64, 2048, 8),
        ("ecp5", 32, 1024, 2),
        ("ecp5", 32, 8, 0),
    ],
)
def test_counts_the_cheapest_shape(family, width, depth, count):
    assert block_count(family, MemoryShape(bits=width, words=depth)) == count


def test_blocks_of_every_bank_are_whole(digits):
    # 16 lanes: a bank of 2048 words takes 16 blocks of 8 bits, one of 16384 words 128 of one bit.
    board = BOARDS["ulx3s-85f"]
    blocks = [
        estimate_fit(digits, board, replace(board.geometry, weight_depth=depth)).needs["block RAM"]
        for depth in (10240, 12288, 16384)
    ]
    shared = blocks[0].needed - 5 * 16
    assert [count.needed - shared for count in blocks[1:]] == [6 * 16, 128]


def test_is_json(digits):
    fit = estimate_fit(digits, BOARDS["ulx3s-12f"]).to_dict()
    assert fit["fits"] is True
    assert fit["needs"]["delta memory"] == {"needed": 264, "available": 512, "unit": "words"}


def test_a_network_too_large_for_sparse_columns_is_told_so(digits):
    board = BOARDS["ulx3s-12f"]
    shape = replace(board.geometry, sparse=True, weight_depth=4096)
    assert "columns that are not sparse" in estimate_fit(digits, board, shape).advice
