"""Strategies: valid small networks for a geometry, and inputs at and around every limit."""

import numpy as np
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from thresh.layout.placement import aligned
from thresh.layout.sizes import ceil_div
from thresh.layout.weight_layout import pass_columns
from thresh.model.arithmetic import pre_format
from thresh.model.cells import CELLS
from thresh.model.network import MAX_SHIFT, Layer, Network

FILLS = ("random", "extremes", "zeros", "lowest", "highest", "small")
"""How a tensor is filled."""

SIZES = st.one_of(st.integers(1, 13), st.sampled_from((1, 3, 17, 40, 127)))
"""Small sizes, and odd ones at which blocks of 4 to 32 lanes are almost empty or almost full."""


def fill(random, how, low, high, shape):
    """Integers of ``shape`` from ``low`` to ``high``."""
    if how == "zeros":
        return np.zeros(shape, np.int64)
    if how == "lowest":
        return np.full(shape, low)
    if how == "highest":
        return np.full(shape, high)
    if how == "extremes":
        return random.choice([low, low + 1, -1, 0, 1, high - 1, high], shape)
    if how == "small":
        return random.integers(max(low, -3), min(high, 3) + 1, shape)
    return random.integers(low, high + 1, shape)


class Room:
    """What of an accelerator's memories is not taken yet."""

    def __init__(self, geometry, inputs):
        self.geometry = geometry
        self.left = np.array(
            [
                geometry.weight_depth,
                geometry.accumulator_depth,
                geometry.state_depth - geometry.temporaries,
                geometry.value_depth - aligned(inputs, geometry),
            ]
        )

    def needs(self, cell, units, inputs):
        """Words of each memory."""
        shape, passes = self.geometry, len(cell.passes)
        blocks = ceil_div(units, shape.lanes)
        words = blocks * shape.beats
        columns = sum(pass_columns(cell, units * cell.recurrent, inputs))
        weights = blocks * columns + ceil_div(words * passes, shape.biases_per_word)
        return np.array(
            [weights, words * passes, words * len(cell.persistent), aligned(units, shape)]
        )

    def take(self, cell, units, inputs):
        """``units``, or as many as there is room for: 0 for none."""
        while units and (self.needs(cell, units, inputs) > self.left).any():
            units //= 2
        if units:
            self.left -= self.needs(cell, units, inputs)
        return units


@st.composite
def networks(draw, geometry, *, max_layers=3, max_size=13, sizes=None):
    """Networks of 1 to ``max_layers`` layers that fit ``geometry``."""
    bits, weight_bits = geometry.value_bits, geometry.weight_bits
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    fills = st.sampled_from(FILLS)
    sizes = st.integers(1, max_size) if sizes is None else sizes
    highest = (1 << (bits - 1)) - 1
    thresholds = st.one_of(
        st.sampled_from((0, 1, 2, highest - 1, highest)), st.integers(0, min(highest, 300))
    )
    weight = 1 << (weight_bits - 1)
    layers, inputs, x_frac = [], draw(sizes), bits - draw(st.integers(0, 6))
    threshold_x, room = draw(thresholds), Room(geometry, inputs)
    for _ in range(draw(st.integers(1, max_layers))):
        kind = draw(st.sampled_from(sorted(CELLS)))
        cell = CELLS[kind]
        units = room.take(cell, draw(sizes), inputs)
        if not units:
            break
        hidden = units if cell.recurrent else 0
        threshold_h = draw(thresholds)
        frac = pre_format(bits).frac + draw(st.integers(0, MAX_SHIFT))
        h_frac = bits - cell.integer_bits
        shape = (len(cell.gates), units)
        weight_x = fill(random, draw(fills), -weight, weight - 1, (*shape, inputs))
        weight_h = fill(random, draw(fills), -weight, weight - 1, (*shape, hidden))
        # No accumulator may overflow whatever the references: the bias takes what is left.
        columns = np.abs(weight_x).sum(axis=2).max() + np.abs(weight_h).sum(axis=2).max(initial=0)
        most = (1 << 31) - 1 - (int(columns) << (bits - 1))
        limit = draw(st.sampled_from((most, min(most, 1 << 20), min(most, 1 << 12))))
        bias = fill(random, draw(fills), -limit, limit, (len(cell.passes), units))
        layers.append(
            Layer(
                kind=kind,
                weight_x=weight_x,
                weight_h=weight_h,
                bias=bias,
                x_frac=x_frac,
                weight_x_frac=frac - x_frac,
                weight_h_frac=frac - h_frac,
                threshold_x=threshold_x,
                threshold_h=threshold_h,
                weight_bits=weight_bits,
                value_bits=bits,
            )
        )
        inputs, x_frac, threshold_x = units, h_frac, threshold_h
    # Many inputs may leave no room for a single unit.
    assume(layers)
    return Network(layers=tuple(layers))


@st.composite
def sequences(draw, network, *, max_steps=4):
    """Inputs (T, I): extremes, walks around the threshold, silence."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    highest = (1 << (network.value_bits - 1)) - 1
    shape = (draw(st.integers(1, max_steps)), network.inputs)
    how = draw(st.sampled_from((*FILLS, "boundary", "boundary")))
    if how == "boundary":
        # Changes by the threshold exactly, one less and one more.
        threshold = network.layers[0].threshold_x
        moves = random.choice([-1, 1], shape) * (threshold + random.integers(-1, 2, shape))
        return np.clip(np.cumsum(moves, axis=0), -highest - 1, highest)
    x = fill(random, how, -highest - 1, highest, shape)
    repeat = random.random(shape[0]) < 0.3
    for now in range(1, shape[0]):
        if repeat[now]:
            x[now] = x[now - 1]
    return x


@st.composite
def gaps(draw, count):
    """Cycles before each of ``count`` inputs: none, or some."""
    if draw(st.booleans()):
        return None
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return random.integers(0, 4, count) * random.integers(0, draw(st.integers(1, 60)), count)


def bursts(draw, network, beside):
    """Two sequences in bursts of steps, each beside what ``beside`` of its inputs draws."""
    runs = []
    for _ in range(2):
        x = draw(sequences(network))
        cut = draw(st.one_of(st.just(1), st.integers(1, len(x))))
        parts = [x[first : first + cut] for first in range(0, len(x), cut)]
        runs.append([(part, draw(beside(part))) for part in parts])
    return runs


def run_examples(cases, check, examples, *, repeatable):
    """``check(*case)`` of so many cases, the same every time where ``repeatable``.

    A case that fails is not made smaller, which would take minutes.
    """

    @settings(
        max_examples=examples,
        database=None,
        derandomize=repeatable,
        print_blob=True,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(cases)
    def agree(case):
        check(*case)

    agree()
