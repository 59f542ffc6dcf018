"""The transform of 16 bits with one exponent per block."""

import numpy as np
import pytest
from hearing.cases import samples
from hypothesis import given, settings

from thresh.audio.block_transform import (
    bit_reversed,
    cosines,
    exponents,
    magnitudes,
    transform,
    twiddle,
)


@pytest.mark.parametrize("points", [256, 512])
def test_twiddles_come_from_a_quarter_of_the_cosine(points):
    angle = np.arange(points // 2)
    cos, sin = twiddle(points, angle)
    phase = 2 * np.pi * angle / points
    np.testing.assert_array_equal(cos, np.rint(32768 * np.cos(phase)))
    np.testing.assert_array_equal(sin, np.rint(32768 * np.sin(phase)))
    assert cosines(points)[0] == 32768


@pytest.mark.parametrize("n", [8, 128, 256])
def test_is_the_discrete_fourier_transform(n):
    random = np.random.default_rng(n)
    re, im = random.integers(-(1 << 14), 1 << 14, (2, 5, n))
    came_re, came_im = transform(re, im)
    wanted = np.fft.fft(re + 1j * im) / n
    assert np.abs(came_re - wanted.real).max() < 3
    assert np.abs(came_im - wanted.imag).max() < 3


@pytest.mark.parametrize("n", [8, 128, 256])
def test_no_stage_leaves_16_bits(n):
    """Corners of the square of inputs, turned so that every sum is in phase."""
    turns = np.exp(2j * np.pi * np.outer(np.arange(n), np.arange(n)) / n)
    corner = ((1 << 14) - 1) * (np.sign(turns.real) + 1j * np.sign(turns.imag))
    re, im = transform(corner.real.astype(np.int64), corner.imag.astype(np.int64))
    assert max(np.abs(re).max(), np.abs(im).max()) < 1 << 15


def test_exponents_use_15_bits_up_to_a_limit():
    block = np.array([[0, 0], [1, 0], [-1, 0], [127, 0], [-128, 0], [128, 0], [32767, 0]])
    assert exponents(block).tolist() == [8, 8, 8, 8, 8, 7, 0]


@settings(max_examples=60)
@given(pcm=samples(most=256))
def test_magnitudes_are_those_of_the_block(pcm):
    block = np.zeros((1, 256), np.int64)
    block[0, : len(pcm)] = pcm
    sums, exponent = magnitudes(block)
    spectrum = np.fft.rfft(block[0])[1:-1] * 2.0 ** exponent[0] / 512
    wanted = np.abs(spectrum.real) + np.abs(spectrum.imag)
    assert np.abs(sums[0] - wanted).max() < 12
    assert sums.min() >= 0


def test_places_are_reversed():
    assert bit_reversed(8).tolist() == [0, 4, 2, 6, 1, 5, 3, 7]
