"""``M == bias + W ref``, of what the core itself keeps: no golden model, no other sequence.

A hidden delta is accumulated in the step after the one that sent it, so that M belongs to the
layer's references before its last step.
"""

from functools import cache

import numpy as np
import pytest
from core_driver import CoreDriver
from link_bench import geometry, network

from thresh.layout.link import Region

SHAPES = {
    "dense": {"lanes": 8, "pointwise_lanes": 2},
    "sparse": {"lanes": 4, "sparse": True},
}
NET = network(4, 11, 6, kinds=("gru", "lstm"), threshold=700)
ACCUMULATOR = 1 << 32
STEPS = 6


@cache
def driver(shape):
    return CoreDriver(geometry(**SHAPES[shape]))


def differences(core, before):
    """Accumulators that are not what the references say, of all layers."""
    client, count = core.state(NET), 0
    inputs, after = client.read_references()
    kept = zip(NET.layers, client.read_accumulators(), before, after, strict=True)
    for layer, m, hidden, sent in kept:
        for row, pass_ in enumerate(layer.cell.passes):
            wanted = layer.bias[row].copy()
            if pass_.inputs:
                wanted += layer.weight_x[pass_.gate] @ inputs
            if pass_.hidden:
                wanted += layer.weight_h[pass_.gate] @ hidden
            count += np.count_nonzero((m[row] - wanted) % ACCUMULATOR)
        inputs = sent
    return count


def hidden_references(core):
    """Of every layer; of the last one, whose output nothing but itself hears, too."""
    return core.state(NET).read_references()[1]


def walked(core, seed):
    """Steps of inputs that rest, walk and jump; the accumulators that differ after each."""
    random, x, found = np.random.default_rng(seed), np.zeros(4, np.int64), []
    core.load(NET)
    core.new_sequence()
    for step in range(STEPS):
        before = hidden_references(core)
        x = random.integers(-32768, 32768, 4) if step % 3 == 0 else x + random.integers(-900, 900)
        x = np.clip(x, -32768, 32767)
        core.step(x)
        found.append(differences(core, before))
    return found


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("shape", SHAPES)
def test_accumulators_are_what_was_sent_times_the_weights(shape, seed):
    assert walked(driver(shape), seed) == [0] * STEPS


def test_a_bit_that_flips_in_an_accumulator_is_seen():
    core = driver("dense")
    assert walked(core, 2) == [0] * STEPS
    before = hidden_references(core)
    word = core.read(Region.ACCUMULATORS, [1])[0]
    core.write(Region.ACCUMULATORS, [word ^ 1 << 9], first=1)
    core.step(np.zeros(4, np.int64))
    assert differences(core, before) == 1
