"""Cycles from the lengths of lists; equality with the simulated core: test_hw_cycles.py."""

import numpy as np
import pytest

from thresh.model.network import Layer, Network
from thresh.performance.cycles import CycleModel
from thresh.performance.timing import Slot, Timing

PROGRAM = tuple(
    Slot(accumulates=number < 4, emits=number == 4, late=False, gap=0) for number in range(5)
)


def timing(lanes=8, pointwise_lanes=1):
    """An accelerator's latencies."""
    return Timing(
        lanes=lanes, pointwise_lanes=pointwise_lanes, interleave=1, captures=1, travel=7,
        hold=1, apart=4, result=14, fetch=8, recall=2, prepare=14, skip=13, encode=3, listed=2,
        heard=1, room=3,
        programs={"gru": PROGRAM},
    )  # fmt: skip


def network(units=32, layers=1, inputs=10):
    """GRU layers."""
    stack = []
    for _ in range(layers):
        stack.append(
            Layer(
                kind="gru",
                weight_x=np.zeros((3, units, inputs), int),
                weight_h=np.zeros((3, units, units), int),
                bias=np.zeros((4, units), int),
                x_frac=14, weight_x_frac=7, weight_h_frac=7,
            )
        )  # fmt: skip
        inputs = units
    return Network(layers=tuple(stack))


def test_the_ideal_is_events_by_passes_and_blocks():
    model = CycleModel(network(layers=2), timing())
    assert model.ideal([(5, 2), (0, 3)]) == 4 * (3 * 5 + 3 * 2) + 4 * 3 * 3
    assert model.ideal([None, None]) == 0


def test_more_events_never_cost_less():
    model = CycleModel(network(), timing())
    cycles = [model.step([(hidden, 3)]) for hidden in range(1, 33)]
    assert cycles == sorted(cycles)
    assert cycles[-1] <= model.worst()


def test_full_lists_cost_the_ideal_and_a_constant():
    lost = []
    for units in (32, 64, 128):
        model = CycleModel(network(units), timing())
        lost.append(model.worst() - model.ideal([(units, 10)]))
    assert len(set(lost)) == 1


def test_a_skipped_layer_costs_no_pass_over_its_units():
    small, large = (CycleModel(network(units), timing()) for units in (8, 256))
    assert small.step([None]) == large.step([None]) < small.step([(0, 0)])


@pytest.mark.parametrize("pointwise_lanes", [1, 2])
def test_few_events_cost_the_program(pointwise_lanes):
    model = CycleModel(network(64), timing(pointwise_lanes=pointwise_lanes))
    assert model.step([(1, 0)]) >= 8 * 5 * 8 // pointwise_lanes
