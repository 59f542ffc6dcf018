"""The chain's ends in the model file."""

from dataclasses import replace

import pytest
from cli_cases import small_network

from thresh.audio.chain import read_features, read_microphone, read_spotter
from thresh.audio.decimator import Decimator
from thresh.audio.front_end import FrontEnd
from thresh.audio.i2s_words import I2sWords
from thresh.audio.magnitude_front_end import MagnitudeFrontEnd
from thresh.audio.spotter import NEVER, Spotter
from thresh.model.model_file import description_of, load_network, save_network

NETWORK = small_network()
CLASSES = NETWORK.outputs
SPOTTER = Spotter(thresholds=(NEVER,) * CLASSES, refractory=(64,) * CLASSES)
BANDS = NETWORK.inputs
FEATURES = MagnitudeFrontEnd(bands=BANDS, offsets=(0,) * BANDS, scales=(1,) * BANDS)


@pytest.mark.parametrize("microphone", [Decimator(order=4), I2sWords(bits=18, halve=True)])
def test_every_end_comes_back_from_the_file(tmp_path, microphone):
    device = replace(
        NETWORK, microphone=microphone.to_dict(), front_end=FEATURES.to_dict(),
        spotter=SPOTTER.to_dict(),
    )  # fmt: skip
    save_network(device, tmp_path / "net.safetensors")
    read = load_network(tmp_path / "net.safetensors")
    assert read_microphone(read) == microphone
    assert read_features(read) == FEATURES
    assert read_spotter(read) == SPOTTER


def test_a_file_without_them_is_as_it_was():
    plain = replace(NETWORK, front_end={})
    assert read_microphone(plain) is read_features(plain) is read_spotter(plain) is None
    text = description_of(plain)
    assert "microphone" not in text
    assert "spotter" not in text


def test_front_ends_of_older_files_are_read():
    settings = FrontEnd(
        window=60, points=64, high_hz=1500, bands=BANDS, offsets=(0,) * BANDS, scales=(1,) * BANDS
    ).to_dict()
    assert "kind" not in settings
    assert read_features(replace(NETWORK, front_end=settings)) == FrontEnd.from_dict(settings)


@pytest.mark.parametrize(
    ("read", "field", "settings", "sentence"),
    [
        (read_microphone, "microphone", {"kind": "tape"}, "one of pdm-cic, i2s-words, not 'tape'"),
        (read_spotter, "spotter", Spotter(thresholds=(1,) * 9, refractory=(1,) * 9).to_dict(),
         "A decision of 9 classes cannot tell the . outputs of"),
        (read_features, "front_end", MagnitudeFrontEnd().to_dict(),
         "A front end of 40 bands cannot feed the 5 inputs"),
    ],
)  # fmt: skip
def test_refusals(read, field, settings, sentence):
    with pytest.raises(ValueError, match=sentence):
        read(replace(NETWORK, **{field: settings}))
