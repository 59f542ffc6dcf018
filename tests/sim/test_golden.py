"""The golden model keeps its promises for any network and input."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from link_bench import geometry, network, walk
from random_networks import networks, sequences

from thresh.sim.golden import GoldenModel

SHAPES = [
    geometry(),
    geometry(value_bits=8),
    geometry(lanes=8, weight_bits=4, value_bits=12),
    geometry(lanes=8, weight_bits=4, value_bits=9),
]


@st.composite
def cases(draw):
    """A network and a sequence; every fill, threshold and extreme of their strategies."""
    net = draw(networks(draw(st.sampled_from(SHAPES))))
    return net, draw(sequences(net, max_steps=8))


always = settings(
    max_examples=150,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def sent_before(state):
    """References of the hidden values as the layer's sums saw them: before this step's encoding."""
    return state.reference_h[0] - state.delta_h[0]


def from_scratch(layer, references_x, references_h):
    """``bias + W reference`` of every pass, shape (K, H)."""
    rows = []
    for number, pass_ in enumerate(layer.cell.passes):
        row = layer.bias[number].copy()
        if pass_.inputs:
            row += layer.weight_x[pass_.gate] @ references_x
        if pass_.hidden:
            row += layer.weight_h[pass_.gate] @ references_h
        rows.append(row)
    return np.array(rows)


@always
@given(cases())
def test_accumulators_are_bias_plus_weights_times_references(case):
    """Exactly, after every step, whatever was clipped or not sent; and within their bound."""
    net, x = case
    model = GoldenModel(net)
    for values in x:
        model.step(values[None])
        references = model.reference_x[0]
        for layer, state, encoded in zip(net.layers, model.layers, net.encoded, strict=True):
            np.testing.assert_array_equal(
                state.m[0], from_scratch(layer, references, sent_before(state))
            )
            assert (np.abs(state.m[0]) <= layer.largest_accumulator).all()
            references = state.reference_h[0]
            assert encoded or not references.any()


@always
@given(cases())
def test_a_reference_moves_by_at_least_the_threshold_or_not_at_all(case):
    net, x = case
    model = GoldenModel(net)
    highest = (1 << (net.value_bits - 1)) - 1
    before = model.reference_x[0]
    for values in x:
        model.step(values[None])
        moves = model.reference_x[0] - before
        before = model.reference_x[0]
        threshold = net.layers[0].threshold_x
        assert ((moves == 0) | (np.abs(moves) >= threshold)).all()
        # What was not sent is less than the threshold, or the rest of a clipped delta.
        rest = values - before
        silent = (rest == 0) | (np.abs(rest) < threshold)
        assert (silent | (np.abs(moves) >= highest)).all()
        assert (np.abs(before) <= highest + 1).all()


@always
@given(cases())
def test_a_skipped_layer_would_have_computed_what_it_holds(case):
    """The gateware skips a settled layer without events; the model computes it again."""
    net, x = case
    model = GoldenModel(net)
    x = np.concatenate([x, np.repeat(x[-1:], 8, axis=0)])
    for values in x:
        before = [(state.h.copy(), state.s.copy(), state.m.copy()) for state in model.layers]
        model.step(values[None])
        for number, (state, (h, s, m)) in enumerate(zip(model.layers, before, strict=True)):
            if model.skipped[0, number]:
                np.testing.assert_array_equal(state.h, h)
                np.testing.assert_array_equal(state.m, m)
                if "s" in net.layers[number].cell.persistent:
                    np.testing.assert_array_equal(state.s, s)


def test_layers_are_skipped_once_they_have_settled():
    model = GoldenModel(network(5, 12, 3, threshold=30_000))
    trace = model.run(np.zeros((1, 60, 5), int))
    assert trace.skipped[0, -1].all()
    assert not trace.skipped[0, 0].any()


@pytest.mark.parametrize("kind", ["gru", "lstm", "rnn_tanh", "linear_relu"])
def test_a_batch_is_its_sequences_side_by_side(kind):
    net = network(4, 6, 2, kinds=(kind, "linear"), threshold=200, shift=11)
    x = np.stack([walk(12, 4, seed=seed, stride=2000) for seed in range(3)])
    together = GoldenModel(net, 3).run(x)
    for number, sequence in enumerate(x):
        alone = GoldenModel(net).run(sequence[None])
        for name in ("outputs", "fired_x", "fired_h", "saturations", "skipped"):
            np.testing.assert_array_equal(getattr(together, name)[number], getattr(alone, name)[0])


def test_a_new_sequence_forgets_everything():
    net, x = network(4, 6, 2, threshold=200), walk(10, 4)[None]
    model = GoldenModel(net)
    first = model.run(x).outputs
    assert (model.run(x).outputs != first).any()
    model.new_sequence()
    np.testing.assert_array_equal(model.run(x).outputs, first)


def test_without_thresholds_every_value_is_its_reference():
    net, x = network(4, 6, 3, threshold=0), walk(10, 4)
    model = GoldenModel(net)
    for values in x:
        model.step(values[None])
        np.testing.assert_array_equal(model.reference_x[0], values)
        np.testing.assert_array_equal(model.layers[0].reference_h, model.layers[0].h)


@pytest.mark.parametrize("shape", [(2, 4), (2, 3, 4), (1, 3, 5)])
def test_inputs_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"Inputs must have shape \(1, steps, 4\), not \("):
        GoldenModel(network(4, 6, 2)).run(np.zeros(shape, int))
