"""The golden device: pieces equal the whole, and every stage is the golden chain's."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hearing.cases import modulated, pieces
from hypothesis import given, settings
from hypothesis import strategies as st

from thresh.audio.chain import read_features
from thresh.audio.decimator import Decimator
from thresh.audio.i2s_words import I2sWords
from thresh.audio.spotter import Spotter
from thresh.model.model_file import load_network
from thresh.model.network import Network
from thresh.sim.device.golden import GoldenDevice, golden_device, joined
from thresh.sim.device.trace import first_difference
from thresh.sim.golden import GoldenModel

SPOTTER = Spotter(shift=2, thresholds=(0,) * 10, refractory=(3,) * 10)
PDM = Decimator(order=3, ratio=8, halve=True)


def device_network() -> Network:
    digits = load_network(
        Path(__file__).parents[3] / "examples" / "digits-gru128-magnitude.safetensors"
    )
    return replace(digits, microphone=PDM.to_dict(), spotter=SPOTTER.to_dict())


def noise(count: int) -> np.ndarray:
    random = np.random.default_rng(3)
    return (random.normal(0, 4000, count) * np.hanning(count)).astype(np.int16)


BITS = modulated(noise(900), PDM.bits_per_sample)


def test_every_stage_is_the_golden_chains():
    network = device_network()
    trace = golden_device(network, BITS)
    samples = PDM.samples(BITS)
    features = read_features(network).features(samples)
    run = GoldenModel(network).run(features[None])
    heard, scores = SPOTTER.spot(run.outputs[0])
    assert trace.frames == len(features) == 9
    assert heard
    np.testing.assert_array_equal(trace.samples, samples)
    np.testing.assert_array_equal(trace.features, features)
    np.testing.assert_array_equal(trace.events[:, 0], run.fired_x[0])
    np.testing.assert_array_equal(trace.events[:, 1:], run.fired_h[0])
    np.testing.assert_array_equal(trace.outputs, run.outputs[0])
    np.testing.assert_array_equal(trace.scores, scores)
    np.testing.assert_array_equal(trace.best, scores.argmax(axis=1))
    np.testing.assert_array_equal(trace.score, scores.max(axis=1))
    assert [tuple(row) for row in trace.heard] == heard


@settings(max_examples=10)
@given(st.lists(st.integers(0, len(BITS)), max_size=6))
def test_pieces_equal_the_whole(cuts):
    device = GoldenDevice(device_network())
    trace = joined([device.take(piece) for piece in pieces(BITS, sorted(cuts))])
    assert first_difference(trace, golden_device(device_network(), BITS)) is None


def test_words_of_another_microphone_in_pieces():
    words = noise(901).astype(np.int64) << 8
    microphone = I2sWords(bits=24, halve=True)
    device = GoldenDevice(device_network(), microphone=microphone)
    trace = joined([device.take(piece) for piece in np.split(words, [1, 2, 333, 700])])
    whole = golden_device(device_network(), words, microphone=microphone)
    assert first_difference(trace, whole) is None
    assert len(trace.samples) == 450


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        ("microphone", "digits-gru128 names no microphone, so it cannot be a device"),
        ("spotter", "digits-gru128 has no decision, so it cannot be a device"),
        ("front_end", "digits-gru128 has no front end, so it cannot be a device"),
    ],
)
def test_refuses_a_network_without_a_part_of_the_chain(field, sentence):
    with pytest.raises(ValueError, match=sentence):
        GoldenDevice(replace(device_network(), **{field: {}}))


def test_refuses_a_readout():
    network = device_network()
    *layers, last = network.layers
    with pytest.raises(ValueError, match="a readout that only a host computes"):
        GoldenDevice(replace(network, layers=tuple(layers), readout=last))
