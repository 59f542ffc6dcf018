"""Snapshots: as bytes and back, what they refuse, and that a golden model goes on from one."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from link_bench import geometry, network, walk
from random_networks import networks, sequences

from thresh.layout.image import build_image
from thresh.layout.memories import read_map, read_network
from thresh.model.cells import CELLS
from thresh.model.network import Network
from thresh.model.snapshot import fingerprint, read_snapshot
from thresh.sim.golden import GoldenModel
from thresh.sim.golden_snapshot import restore, save

NET = network(5, 13, 6, 3, kinds=("lstm", "rnn_tanh", "linear"), shift=11)


def after(net, x):
    """A model behind a sequence."""
    model = GoldenModel(net)
    model.run(x[None])
    return model


def equal(a, b):
    """Both snapshots hold the same."""
    return a.to_bytes() == b.to_bytes()


@given(data=st.data())
@settings(max_examples=60, suppress_health_check=list(HealthCheck), derandomize=True)
def test_a_restored_model_goes_on_as_if_nothing_had_happened(data):
    net = data.draw(networks(geometry(), max_layers=4))
    x, more = data.draw(sequences(net, max_steps=5)), data.draw(sequences(net, max_steps=5))
    model = after(net, x)
    kept = read_snapshot(save(model).to_bytes(), net)
    assert equal(kept, save(model))
    other = after(net, more)
    restore(other, kept)
    for values in more:
        np.testing.assert_array_equal(other.step(values[None]), model.step(values[None]))
        for one, two in zip(model.layers, other.layers, strict=True):
            np.testing.assert_array_equal(one.m, two.m)
        assert equal(save(other), save(model))


def test_any_of_several_sequences_is_saved_and_restored_into_all():
    model = GoldenModel(NET, 3)
    model.run(np.stack([walk(7, 5, seed) for seed in range(3)]))
    assert equal(save(model, 1), save(after(NET, walk(7, 5, 1))))
    restore(model, save(model, 1))
    assert equal(save(model, 0), save(model, 2))


def test_the_fingerprint_is_that_of_weights_and_shapes_alone():
    first, *rest = NET.layers
    seen = fingerprint(NET)
    assert fingerprint(replace(NET, layers=(replace(first, threshold_x=7), *rest))) == seen
    assert fingerprint(replace(NET, name="another")) == seen
    bias = np.array(first.bias)
    bias[0, 0] += 1
    assert fingerprint(replace(NET, layers=(replace(first, bias=bias), *rest))) != seen
    shape = geometry()
    image = build_image(NET, shape)
    plan = read_map(image.table, image.header, shape)
    assert fingerprint(read_network(plan, image.weights)) == seen


@pytest.mark.parametrize("kind", sorted(CELLS))
def test_a_snapshot_holds_what_the_kind_keeps(kind):
    net = network(3, 5, 2, kinds=(kind, "linear"))
    cell = CELLS[kind]
    values = 3 + 5 * (len(cell.persistent) + 1) + 2
    assert len(save(GoldenModel(net)).to_bytes()) == 14 + 2 * values + 4


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (lambda data: b"RIFF" + data[4:], "This is no snapshot: it does not begin with THSS"),
        (lambda data: data[:9], "This is no snapshot"),
        (lambda data: data[:4] + b"\x09" + data[5:], "has version 9, this program reads 1"),
        (lambda data: data[:-9], "damaged or cut off"),
        (lambda data: data[:30] + bytes((data[30] ^ 1,)) + data[31:], "damaged or cut off"),
    ],
)
def test_refuses_bytes_that_are_no_snapshot(edit, sentence):
    data = save(after(NET, walk(4, 5))).to_bytes()
    with pytest.raises(ValueError, match=sentence):
        read_snapshot(edit(data), NET)


def test_refuses_the_snapshot_of_another_network():
    kept, other = (
        save(after(NET, walk(4, 5))),
        network(5, 13, 6, 3, kinds=("lstm", "gru", "linear")),
    )
    with pytest.raises(ValueError, match="The snapshot is of a network with the fingerprint"):
        read_snapshot(kept.to_bytes(), other)
    with pytest.raises(ValueError, match="this one has"):
        restore(GoldenModel(other), kept)
    with pytest.raises(ValueError, match="this one has"):
        kept.accumulators(Network(layers=NET.layers[:2]))
