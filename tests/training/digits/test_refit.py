"""A trained network behind the front end for gateware."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from thresh.audio.chain import read_features, read_microphone, read_spotter
from thresh.audio.decimator import Decimator
from thresh.audio.front_ends import raw_front_end
from thresh.audio.magnitude_front_end import MagnitudeFrontEnd
from thresh.data.audio_file import read_audio
from thresh.model.model_file import load_network
from thresh.sim.golden import GoldenModel

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")

from thresh.training.device.announced import announcing  # noqa: E402
from thresh.training.digits import recipe  # noqa: E402
from thresh.training.digits.refit import QUIET, between_silences, refitted  # noqa: E402
from thresh.training.sets.fsdd import Recording  # noqa: E402

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


@pytest.mark.parametrize("name", ["digits-gru128", "digits-gru128-magnitude"])
def test_shipped_ones_name_the_command_that_trains_them(name):
    assert load_network(EXAMPLES / f"{name}.safetensors").notes["command"] == recipe.COMMAND


def test_the_shipped_one_hears_every_clip():
    front_end = read_features(SHIPPED)
    for digit, pcm in enumerate(clips()):
        trace = GoldenModel(SHIPPED).run(front_end.features(pcm)[None])
        assert trace.outputs[0].sum(axis=0).argmax() == digit


def test_the_shipped_one_is_a_device_and_announces_every_clip_once_or_more():
    assert read_microphone(SHIPPED) == Decimator(order=3, ratio=125, halve=True)
    assert read_microphone(SHIPPED).bits_per_sample * read_features(SHIPPED).rate == 2_000_000
    front_end, spotter, quiet = read_features(SHIPPED), read_spotter(SHIPPED), np.zeros(QUIET)
    for digit, pcm in enumerate(clips()):
        x = front_end.features(np.concatenate((quiet, pcm, quiet)).astype(np.int16))
        heard, _ = spotter.spot(GoldenModel(SHIPPED).run(x[None]).outputs[0])
        assert {label for _, label in heard} == {digit}


def test_announcements_are_chosen_on_the_golden_integers():
    spoken = [
        Recording(pcm=pcm, digit=digit, speaker="one", take=0) for digit, pcm in enumerate(clips())
    ]
    made, fit = announcing(SHIPPED, between_silences(SHIPPED, spoken), rest=50)
    assert fit.right == fit.clips == len(spoken)
    assert read_spotter(made) == fit.spotter
    assert fit.spotter.refractory == (50,) * 10
    front_end, quiet = read_features(SHIPPED), np.zeros(QUIET)
    for one in spoken:
        x = front_end.features(np.concatenate((quiet, one.pcm, quiet)).astype(np.int16))
        heard, _ = fit.spotter.spot(GoldenModel(SHIPPED).run(x[None]).outputs[0])
        assert {label for _, label in heard} == {one.digit}


def test_refuses_another_number_of_bands():
    narrow = replace(MagnitudeFrontEnd(), bands=20, offsets=(0,) * 20, scales=(1,) * 20)
    with pytest.raises(ValueError, match="20 bands cannot feed the 40 inputs of digits-gru128"):
        refitted(NETWORK, narrow, clips())
