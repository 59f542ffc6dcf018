"""Dimensions of an accelerator from a board's name, or from a network and its lanes."""

import pytest
from cli_cases import small_network
from link_bench import network as random_network

from thresh.hw.estimates.board_geometry import board_geometry, geometry_for, sdram_geometry
from thresh.hw.estimates.fit import fits_device
from thresh.hw.known_boards import find_board
from thresh.layout.image import build_image
from thresh.layout.sdram_chip import ULX3S_SDRAM
from thresh.layout.sdram_image import build_sdram_image


@pytest.mark.parametrize("lanes", [4, 8, 32])
def test_the_smallest_geometry_holds_its_network(lanes):
    network = small_network()
    geometry = geometry_for(network, lanes=lanes)
    assert build_image(network, geometry).placement.weight_words <= geometry.weight_depth
    assert geometry.lanes == lanes


@pytest.mark.parametrize(("bits", "lanes"), [(8, 16), (4, 32)])
@pytest.mark.parametrize("sparse", [False, True])
def test_the_smallest_geometry_with_an_sdram_holds_its_network(bits, lanes, sparse):
    network = random_network(5, 33, 7, kinds=("gru", "lstm"), weight_bits=bits)
    geometry = sdram_geometry(network, sparse=sparse)
    assert (geometry.lanes, geometry.columns, geometry.sparse) == (lanes, "sdram", sparse)
    image = build_sdram_image(network, geometry, ULX3S_SDRAM)
    assert len(image.weights) <= geometry.weight_depth // 2
    with pytest.raises(ValueError, match="cannot be laid out for columns in SDRAM"):
        build_image(network, geometry)


def test_lanes_that_no_accelerator_has_are_refused():
    with pytest.raises(ValueError, match="lanes must be 4, 8"):
        geometry_for(small_network(), lanes=7)


def test_a_boards_lanes_can_be_replaced():
    own, wide = board_geometry("ulx3s-85f"), board_geometry("ulx3s-85f", lanes=32)
    assert wide.lanes == 32
    assert wide.weight_word_bits * wide.weight_depth == own.weight_word_bits * own.weight_depth
    assert wide.beats == own.beats


def test_other_lanes_keep_the_weights_that_fit():
    assert board_geometry("ulx3s-45f", lanes=32).weight_depth == 4096
    assert board_geometry("ulx3s-12f", lanes=32).weight_depth == 2048


def test_the_widest_accelerator_fits_the_largest_board():
    wide = board_geometry("ulx3s-85f", lanes=128)
    assert (wide.lanes, wide.pointwise_lanes) == (128, 8)
    assert fits_device(find_board("ulx3s-85f"), wide)


@pytest.mark.parametrize("board", ["ulx3s-12f", "ulx3s-45f", "ulx3s-85f"])
def test_sparse_columns_leave_room_for_their_sums(board):
    sparse = board_geometry(board, sparse=True)
    assert sparse.sparse
    assert fits_device(find_board(board), sparse)
    assert sparse.lanes == board_geometry(board).lanes


def test_a_boards_geometry_has_the_networks_formats():
    narrow = random_network(5, 12, 3, weight_bits=4, value_bits=8, shift=3, threshold=20)
    geometry = board_geometry("icebreaker", network=narrow)
    # Two lanes share a multiplier.
    assert (geometry.lanes, geometry.weight_bits, geometry.value_bits) == (16, 4, 8)
    assert fits_device(find_board("icebreaker"), geometry)
    assert board_geometry("ulx3s-12f", network=narrow).lanes == 16
    wide = random_network(5, 12, 3, weight_bits=4)
    assert board_geometry("icebreaker", network=wide).lanes == 8
    assert build_image(narrow, geometry).geometry == geometry
