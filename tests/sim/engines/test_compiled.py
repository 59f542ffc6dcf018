"""The compiled core: random networks of every kind and size equal the golden model."""

import os
from functools import partial

import pytest
from board_twins import GEOMETRIES
from compiled_stacks import WEIGHTS, check, core
from hypothesis import given, settings
from hypothesis import strategies as st
from random_networks import SIZES, bursts, networks, run_examples

from thresh.layout.geometry import Geometry
from thresh.layout.image import build_image
from thresh.model.cells import CELLS
from thresh.model.network import MAX_LAYERS

FAST_EXAMPLES = 25
SLOW_EXAMPLES = int(os.environ.get("THRESH_EXAMPLES", "500"))
"""Networks per geometry, of which there are thirteen."""

WIDE = [(64, 8, 8, 16, "ecp5"), (128, 8, 8, 16, "ecp5")]
"""Geometries too large for Amaranth's own simulator."""


@st.composite
def cases(draw, geometry):
    """A network and two sequences in bursts, each burst perhaps behind a save and a restore."""
    network = draw(networks(geometry, max_layers=MAX_LAYERS, sizes=SIZES))
    return network, bursts(draw, network, lambda part: st.booleans())


def run(shape, examples):
    made = core(*shape)
    run_examples(
        cases(made.geometry), partial(check, made), examples, repeatable=examples == FAST_EXAMPLES
    )


def test_stacks_of_every_kind_and_size_agree_in_every_integer():
    run((8, 1, 8, 16, "default"), FAST_EXAMPLES)


@pytest.mark.slow
@pytest.mark.parametrize("shape", [*GEOMETRIES, *WIDE], ids=lambda shape: "-".join(map(str, shape)))
def test_five_thousand_stacks_agree_in_every_integer(shape):
    run(shape, SLOW_EXAMPLES)


def test_stacks_have_every_kind_every_odd_size_and_up_to_eight_layers():
    """What the strategies make, so that a kind that never came up would be seen."""
    kinds, sizes, depths = set(), set(), set()
    shape = Geometry(
        lanes=4, weight_depth=WEIGHTS // 4, accumulator_depth=4096, state_depth=2048,
        value_depth=1024,
    )  # fmt: skip

    @settings(max_examples=200, database=None, derandomize=True)
    @given(networks(shape, max_layers=MAX_LAYERS, sizes=SIZES))
    def collect(network):
        build_image(network, shape)
        depths.add(len(network.layers))
        kinds.update(layer.kind for layer in network.layers)
        sizes.update(layer.units for layer in network.layers)

    collect()
    assert kinds == set(CELLS)
    assert {1, 3, 17, 40, 127} <= sizes
    assert {1, MAX_LAYERS} <= depths
