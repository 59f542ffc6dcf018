"""Stimuli: what a microphone says of audio, and of bits and words that were recorded."""

import numpy as np
import pytest

from thresh.audio.decimator import Decimator
from thresh.audio.i2s_words import I2sWords
from thresh.audio.modulator import pdm_bits
from thresh.data.audio_file import write_wav
from thresh.data.stimulus import finer_than, stimulus_of

PDM = Decimator(order=3, ratio=125, halve=True)
NOISE = np.random.default_rng(5).integers(-9000, 9000, 800).astype(np.int16)


def test_audio_at_the_rate_of_the_bits(tmp_path):
    write_wav(tmp_path / "noise.wav", NOISE, 80_000)
    bits, note = stimulus_of(tmp_path / "noise.wav", PDM, 8000)
    np.testing.assert_array_equal(bits, pdm_bits(NOISE, 25))
    assert note is None
    write_wav(tmp_path / "slow.wav", NOISE, 8_000)
    bits, note = stimulus_of(tmp_path / "slow.wav", PDM, 8000)
    assert len(bits) == 250 * 800
    assert note == "slow.wav: resampled from 8000 Hz to 80000 Hz"
    longer, _ = stimulus_of(tmp_path / "slow.wav", PDM, 8000, silence=0.01)
    assert len(longer) == 250 * 880
    np.testing.assert_array_equal(longer[: len(bits)], bits)


def test_words_of_an_i2s_microphone(tmp_path):
    write_wav(tmp_path / "noise.wav", NOISE, 16_000)
    words, _ = stimulus_of(tmp_path / "noise.wav", I2sWords(bits=18, halve=True), 8000)
    np.testing.assert_array_equal(words, NOISE.astype(np.int64) * 4)


def test_recorded_bits_are_taken_as_they_are(tmp_path):
    bits = np.random.default_rng(1).integers(0, 2, 4000, dtype=np.uint8)
    np.save(tmp_path / "bits.npy", bits)
    np.savez(tmp_path / "packed.npz", yes=np.packbits(bits), no=1 - bits)
    for name, array in (("bits.npy", None), ("packed.npz", "yes")):
        np.testing.assert_array_equal(stimulus_of(tmp_path / name, PDM, 8000, array)[0], bits)


@pytest.mark.parametrize(("bits", "finer"), [(250, 10), (128, 8), (8, 8), (7, 7), (509, 1)])
def test_a_whole_number_of_bits_per_sample(bits, finer):
    assert finer_than(bits) == finer


@pytest.mark.parametrize(
    ("arrays", "microphone", "sentence"),
    [
        ({"a": [0, 2]}, PDM, "must hold bits from 0 to 1, not 0 to 2"),
        ({"a": [1 << 23]}, I2sWords(bits=24), "must hold words from -8388608 to 8388607"),
        ({"a": [0.5]}, PDM, "PDM bits or I2S words, not float64 of shape"),
        ({"a": [1], "b": [1]}, PDM, "f.npz holds 2 arrays, a, b, and one must be named"),
    ],
)
def test_refusals(tmp_path, arrays, microphone, sentence):
    np.savez(tmp_path / "f.npz", **arrays)
    with pytest.raises(ValueError, match=sentence):
        stimulus_of(tmp_path / "f.npz", microphone, 8000)


def test_an_unknown_array_is_said(tmp_path):
    np.savez(tmp_path / "f.npz", a=[1], b=[1])
    with pytest.raises(ValueError, match="holds 2 arrays, a, b, and none is called 'c'"):
        stimulus_of(tmp_path / "f.npz", PDM, 8000, "c")
