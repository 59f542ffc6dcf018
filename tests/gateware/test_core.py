"""The whole core: idle steps, cycles, and every fault that was found in EdgeDRNN.

Its state survives a reset; back-pressure on the last output hangs it; fewer than two rows of units
are wrong; inputs that are no multiple of the lanes hang it; layers of unequal size fail; overflow
wraps; its bench cannot fail.
"""

import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from core_driver import CoreDriver, agree
from link_bench import network, walk

from thresh.layout.geometry import Geometry
from thresh.layout.link import Counter, Region
from thresh.model.network import Layer, Network
from thresh.sim import golden_snapshot
from thresh.sim.comparison import Comparison
from thresh.sim.golden import GoldenModel
from thresh.sim.observation import used_words

SHAPE = Geometry(
    lanes=8,
    pointwise_lanes=2,
    weight_depth=1024,
    accumulator_depth=256,
    state_depth=128,
    value_depth=64,
)
IDLE_CYCLES_PER_LAYER = 24
HIGHEST = (1 << 15) - 1


@cache
def driver():
    """One simulation for all tests; networks are loaded one after another."""
    return CoreDriver(SHAPE)


def linear(weights, bias):
    """A layer of weights (units, inputs) without any narrowing."""
    weights = np.asarray(weights)
    return Layer(
        kind="linear",
        weight_x=weights[None],
        weight_h=np.zeros((1, len(weights), 0), int),
        bias=np.asarray(bias)[None],
        x_frac=11,
        weight_x_frac=0,
        weight_h_frac=0,
    )


@pytest.mark.parametrize(
    ("sizes", "kinds"),
    [
        ((5, 12), ("gru",)),
        ((5, 12, 3), ("gru", "linear")),
        ((3, 9, 17, 2), ("rnn_tanh", "gru", "linear")),
    ],
)
def test_a_settled_step_costs_a_few_cycles_per_layer(sizes, kinds):
    # Nothing fires any more, and the state comes to rest.
    net, core = network(*sizes, kinds=kinds, threshold=HIGHEST), driver()
    core.load(net)
    core.new_sequence()
    layers, before = len(kinds), 0
    for _ in range(60):
        core.step([0] * sizes[0])
        cycles, skipped = core.read(Region.COUNTERS, [Counter.STEP_CYCLES, Counter.SKIPPED_LAYERS])
        if skipped - before == layers:
            break
        before = skipped
    else:
        pytest.fail("The layers never settle")
    assert cycles <= IDLE_CYCLES_PER_LAYER * layers


def test_the_same_steps_take_the_same_cycles_every_time():
    net, x, core = network(5, 12, 3), walk(5, 5), driver()
    cycles = []
    for _ in range(2):
        core.load(net)
        core.new_sequence()  # meanwhile the table is read
        for _ in range(2):
            core.new_sequence()
            cycles.append([])
            for values in x:
                core.step(values)
                cycles[-1] += core.read(Region.COUNTERS, [Counter.STEP_CYCLES])
    assert len(set(cycles[0])) > 1
    assert cycles[1:] == cycles[:1] * 3


@pytest.mark.parametrize(
    ("kinds", "steps"),
    [(("gru", "linear"), 1), (("lstm", "li_gru"), 6), (("rnn_relu", "min_gru"), 2)],
)
def test_a_restored_sequence_goes_on_as_if_nothing_had_happened(kinds, steps):
    net, core = network(4, 9, 11, kinds=kinds, threshold=100, shift=11), driver()
    core.load(net)
    core.new_sequence()
    x, model = walk(12, 4, stride=8000), GoldenModel(net)
    core.burst(x[:6])
    model.run(x[None, :6])
    kept = core.state(net).save()
    core.new_sequence()
    core.burst(walk(steps, 4, seed=3, stride=8000))
    core.state(net).restore(kept)
    comparison = Comparison(net, core.plan)
    comparison.new_sequence()
    golden_snapshot.restore(comparison.model, kept)
    for now, values in enumerate(x[6:]):
        core.step(values)
        comparison.advance(values)
        comparison.compare(core.observe(), f"step {now} after the restore")
        assert not comparison.mismatches, comparison.first_difference
        model.step(values[None])
        assert core.state(net).save().to_bytes() == golden_snapshot.save(model).to_bytes()


@pytest.mark.parametrize("kind", ["gru", "lstm"])
def test_no_state_survives_a_new_sequence(kind):
    net, core = network(4, 9, 3, kinds=(kind, "linear"), threshold=100, shift=11), driver()
    first, second = walk(4, 4, seed=3, stride=8000), walk(3, 4, seed=4)
    agree(driver(), net, first, second, first)
    core.new_sequence()
    comparison = Comparison(net, core.plan)
    comparison.new_sequence()
    core.burst(second)
    for values in second:
        comparison.advance(values)
    record = core.observe()
    assert comparison.compare(record, "again") == 0, comparison.first_difference
    core.new_sequence()
    for region, count in used_words(core.plan).items():
        if region != Region.ACCUMULATORS:
            assert not any(core.read(region, range(count)))


def test_steps_are_completed_though_nobody_takes_the_outputs():
    """The core waits for no one: outputs lie in its state until the next step."""
    net = network(3, 8, 8, kinds=("rnn_tanh", "linear"))
    agree(driver(), net, walk(12, 3, stride=2000))


@pytest.mark.parametrize("units", [1, 2, 3, 7])
@pytest.mark.parametrize("kind", ["gru", "lstm", "rnn_tanh"])
def test_a_layer_may_be_smaller_than_the_lanes(kind, units):
    net = network(3, units, kinds=(kind,), seed=units, threshold=50, shift=11)
    agree(driver(), net, walk(4, 3, seed=units, stride=6000))


@pytest.mark.parametrize("inputs", [1, 2, 5, 7, 9, 15, 17])
def test_inputs_need_not_be_a_multiple_of_the_lanes(inputs):
    net = network(inputs, 10, kinds=("gru",), seed=inputs, threshold=50)
    gaps = np.random.default_rng(inputs).integers(0, 5, 3 * inputs)
    agree(driver(), net, walk(3, inputs, seed=inputs, stride=6000), gaps=gaps)


@pytest.mark.parametrize(
    ("sizes", "kinds"),
    [
        ((2, 17, 1, 9, 3), ("gru", "linear_relu", "lstm", "linear")),
        ((9, 1, 16, 2), ("rnn_relu", "gru", "linear_sigmoid")),
    ],
)
def test_layers_may_be_of_any_sizes(sizes, kinds):
    net = network(*sizes, kinds=kinds, threshold=30, shift=11)
    agree(driver(), net, walk(4, sizes[0], stride=6000), walk(3, sizes[0], seed=9))


def test_an_accumulator_reaches_both_ends_of_its_range_and_does_not_wrap():
    inputs = 6
    up, down = [-128] * inputs, [127] * inputs
    room = [(1 << 31) - 1 - inputs * (size << 15) for size in (128, 127)]
    net = Network(layers=(linear([up, down], [room[0], -room[1]]),))
    lowest, highest = np.full((1, inputs), -HIGHEST - 1), np.full((1, inputs), HIGHEST)
    agree(driver(), net, lowest)
    accumulators = driver().read(Region.ACCUMULATORS, [0])[0]
    ends = [(1 << 31) - 1, -(1 << 31) + 1]
    assert accumulators == sum((end & 0xFFFF_FFFF) << 32 * n for n, end in enumerate(ends))
    # From one end to the other a delta is clipped; the rest is sent in the step after.
    agree(driver(), net, np.concatenate([lowest, highest, highest, lowest, lowest]))
    saturations = driver().counters()[Counter.SATURATIONS]
    assert saturations >= 2 * inputs


def test_a_network_that_could_overflow_is_refused():
    with pytest.raises(ValueError, match=r"An accumulator could reach 2147483648, which does not"):
        linear([[-128]], [(1 << 31) - (128 << 15)])


def run_with_fault(net, golden, x):
    """Steps one by one against another golden network; the comparison."""
    core = driver()
    core.load(net)
    comparison = Comparison(golden, core.plan)
    core.new_sequence()
    comparison.new_sequence()
    for step, values in enumerate(x):
        core.step(values)
        comparison.step(values, core.observe(), f"sequence 0, step {step}")
    return comparison


def test_one_wrong_weight_is_reported_with_layer_step_unit_and_both_integers():
    """The bench can fail."""
    net = network(4, 9, 3, threshold=0)
    x = np.zeros((3, 4), int)
    x[1:, 2] = 1000
    assert run_with_fault(net, net, x).first_difference is None
    weight_x = net.layers[0].weight_x.copy()
    weight_x[1, 5, 2] ^= 1
    change = int(weight_x[1, 5, 2] - net.layers[0].weight_x[1, 5, 2])
    wrong = Network(layers=(replace(net.layers[0], weight_x=weight_x), net.layers[1]))
    # Gate u is the third pass of a GRU.
    found = run_with_fault(wrong, net, x).first_difference
    pattern = (
        r"sequence 0, step 1, layer 0: accumulator 2 of unit 5 is (-?\d+), golden says (-?\d+)"
    )
    came, wanted = map(int, re.fullmatch(pattern, found).groups())
    assert came - wanted == 1000 * change
    # The same from the other side: a fault in the golden model.
    found = run_with_fault(net, wrong, x).first_difference
    assert re.fullmatch(pattern, found).groups() == (str(wanted), str(came))
