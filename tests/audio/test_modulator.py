"""The modulator: its bits say what was said, and the decimator hears it."""

import numpy as np
import pytest
from hearing.cases import samples
from hypothesis import given, settings

from thresh.audio.decimator import Decimator
from thresh.audio.modulator import FULL_SCALE, pdm_bits


@settings(max_examples=40)
@given(samples(most=60))
def test_the_running_sum_of_the_bits_follows_the_samples(pcm):
    """Both integrators stay bounded: the sums differ by less than some full scales."""
    bits = pdm_bits(pcm, 16)
    ends = np.concatenate(([0], pcm.astype(np.int64)))
    said = np.cumsum((2 * bits.astype(np.int64) - 1) * FULL_SCALE)
    wanted = np.cumsum(16 * ends[:-1] + 8.5 * np.diff(ends))
    assert np.abs(said[15::16] - wanted).max() < 8 * FULL_SCALE


def test_is_the_equation_bit_by_bit():
    pcm = np.random.default_rng(2).integers(-20000, 20000, 40).astype(np.int16)
    first = second = place = 0
    bits = pdm_bits(pcm, 7)
    begin = 0
    for end in pcm.tolist():
        for step in range(1, 8):
            assert bits[place] == (second >= 0)
            y = FULL_SCALE if second >= 0 else -FULL_SCALE
            first += begin + (end - begin) * step // 7 - y
            second += first - y
            place += 1
        begin = end


def test_the_decimator_hears_a_tone_at_half_its_range():
    seconds = np.arange(80 * 400) / 80_000
    tone = (20000 * np.sin(2 * np.pi * 440 * seconds)).astype(np.int16)
    decimator = Decimator(order=3, ratio=125, halve=True)
    heard = decimator.samples(pdm_bits(tone, 25)).astype(float)[50:]
    gain = decimator.gain / (1 << decimator.shift) / FULL_SCALE
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    peak = spectrum.argmax()
    assert peak == round(440 * len(heard) / 8000)
    assert np.sqrt(2) * heard.std() == pytest.approx(20000 * gain, rel=0.03)
    apart = np.abs(np.arange(len(spectrum)) - peak) > 6
    assert spectrum[apart].max() < spectrum[peak] / 1000


def test_refusals():
    with pytest.raises(ValueError, match="one channel of int16 samples, not float64 of shape"):
        pdm_bits(np.zeros(4), 8)
    with pytest.raises(ValueError, match="must be at least 1, not 0"):
        pdm_bits(np.zeros(4, np.int16), 0)
