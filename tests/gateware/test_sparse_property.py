"""Random networks in sparse columns on the chip: the compiled core equals the golden model."""

from dataclasses import replace
from functools import partial

import pytest
from compiled_stacks import check, core
from hypothesis import strategies as st
from link_bench import LONGER, pruned
from random_networks import SIZES, bursts, networks, run_examples

from thresh.model.network import MAX_LAYERS

FAST_EXAMPLES, SLOW_EXAMPLES = 20, 300
"""Networks per core."""

CORES = [
    # lanes, pointwise_lanes, weight_bits, value_bits, primitives
    (8, 1, 8, 9, "logic"),
    (16, 4, 8, 16, "ecp5"),
    (16, 2, 4, 12, "slowest"),
    (32, 8, 8, 16, "default"),
    (128, 32, 8, 16, "ecp5"),
]


@st.composite
def cases(draw, geometry):
    """A network with zeros, and two sequences in bursts, perhaps behind a save and a restore."""
    dense = replace(geometry, sparse=False, weight_depth=geometry.weight_depth // LONGER)
    whole = draw(networks(dense, max_layers=MAX_LAYERS, sizes=SIZES))
    network = pruned(whole, draw(st.sampled_from((0, 0.5, 0.9, 1))), draw(st.integers(0, 99)))
    return network, bursts(draw, network, lambda part: st.booleans())


def run(shape, examples):
    made = core(*shape, sparse=True)
    run_examples(
        cases(made.geometry), partial(check, made), examples, repeatable=examples == FAST_EXAMPLES
    )


@pytest.mark.parametrize("shape", CORES[:2], ids=lambda shape: "-".join(map(str, shape)))
def test_networks_with_zeros_agree_in_every_integer(shape):
    run(shape, FAST_EXAMPLES)


@pytest.mark.slow
@pytest.mark.parametrize("shape", CORES, ids=lambda shape: "-".join(map(str, shape)))
def test_fifteen_hundred_networks_with_zeros_agree_in_every_integer(shape):
    run(shape, SLOW_EXAMPLES)
