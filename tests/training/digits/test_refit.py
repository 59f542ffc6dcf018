"""A trained network behind the front end for gateware."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from thresh.audio.chain import read_features
from thresh.audio.front_ends import raw_front_end
from thresh.audio.magnitude_front_end import MagnitudeFrontEnd
from thresh.data.audio_file import read_audio
from thresh.model.model_file import load_network
from thresh.sim.golden import GoldenModel
from thresh.training.digits.refit import refitted

EXAMPLES = Path(__file__).parent.parent.parent.parent / "examples"
NETWORK = load_network(EXAMPLES / "digits-gru128.safetensors")
SHIPPED = load_network(EXAMPLES / "digits-gru128-magnitude.safetensors")


def clips():
    return [read_audio(EXAMPLES / f"{word}.wav", 8000)[0] for word in NETWORK.classes]


def test_only_the_front_end_changes():
    made = refitted(NETWORK, raw_front_end("magnitude-mel"), clips())
    assert made.layers == NETWORK.layers == SHIPPED.layers
    front_end = read_features(made)
    assert isinstance(front_end, MagnitudeFrontEnd)
    features = np.concatenate([front_end.features(pcm) for pcm in clips()]) / 4096
    np.testing.assert_allclose(features.mean(axis=0), 0, atol=0.05)
    np.testing.assert_allclose(features.std(axis=0), 1, atol=0.05)
    assert "test_accuracy" not in made.notes


def test_the_shipped_one_hears_every_clip():
    front_end = read_features(SHIPPED)
    for digit, pcm in enumerate(clips()):
        trace = GoldenModel(SHIPPED).run(front_end.features(pcm)[None])
        assert trace.outputs[0].sum(axis=0).argmax() == digit


def test_refuses_another_number_of_bands():
    narrow = replace(MagnitudeFrontEnd(), bands=20, offsets=(0,) * 20, scales=(1,) * 20)
    with pytest.raises(ValueError, match="20 bands cannot feed the 40 inputs of digits-gru128"):
        refitted(NETWORK, narrow, clips())
