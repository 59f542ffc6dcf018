"""Cycles from the lengths of lists; `tests/hw/estimates` holds them equal to the simulated core."""

import numpy as np
import pytest

from thresh.layout.geometry import Geometry
from thresh.layout.placement import measure
from thresh.layout.program_schedule import Slot
from thresh.model.network import Layer, Network
from thresh.performance.cycles import CycleModel
from thresh.performance.timing import Timing

PROGRAM = tuple(
    Slot(number=number, accumulates=number < 4, emits=number == 4, deferred=False, gap=0)
    for number in range(5)
)

TIMING = Timing(
    captures=1, capture_latency=7, credit_latency=1, mark_interval=4, result_latency=14,
    fetch_cycles=8, recall_cycles=2, launch_latency=14, skip_latency=13, encode_latency=3,
    list_latency=2, notice_latency=1, block_latency=3, programs={"gru": PROGRAM},
)  # fmt: skip
"""An accelerator's latencies."""


def model_of(network, pointwise_lanes=1):
    """Cycles of a network on an accelerator of 8 lanes."""
    shape = Geometry(
        lanes=8, pointwise_lanes=pointwise_lanes, weight_depth=1024, accumulator_depth=1024,
        state_depth=1024, value_depth=1024,
    )  # fmt: skip
    return CycleModel(measure(network, shape), TIMING)


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
    model = model_of(network(layers=2))
    assert model.ideal([(5, 2), (0, 3)]) == 4 * (3 * 5 + 3 * 2) + 4 * 3 * 3
    assert model.ideal([None, None]) == 0


def test_more_events_never_cost_less():
    model = model_of(network())
    cycles = [model.step([(hidden, 3)]) for hidden in range(1, 33)]
    assert cycles == sorted(cycles)
    assert cycles[-1] <= model.worst()


def test_full_lists_cost_the_ideal_and_a_constant():
    lost = []
    for units in (32, 64, 128):
        model = model_of(network(units))
        lost.append(model.worst() - model.ideal([(units, 10)]))
    assert len(set(lost)) == 1


def test_a_skipped_layer_costs_no_pass_over_its_units():
    small, large = (model_of(network(units)) for units in (8, 256))
    assert small.step([None]) == large.step([None]) < small.step([(0, 0)])


@pytest.mark.parametrize("pointwise_lanes", [1, 2])
def test_few_events_cost_the_program(pointwise_lanes):
    model = model_of(network(64), pointwise_lanes)
    assert model.step([(1, 0)]) >= 8 * 5 * 8 // pointwise_lanes
