"""The decimator: its recurrence, its range, and streaming."""

import numpy as np
import pytest
from hearing.cases import modulated, pdm_bits, pieces
from hypothesis import given, settings
from hypothesis import strategies as st

from thresh.audio.decimator import Decimator

KINDS = [
    Decimator(), Decimator(order=4), Decimator(ratio=250, halve=False),
    Decimator(order=2, ratio=64, halve=False),
]  # fmt: skip


def step_by_step(decimator, bits):
    """The same in Python's integers, one bit after another."""
    sums, delays, taken, samples = [0] * decimator.order, [0] * decimator.order, [], []
    half = 1 << (decimator.bits - 1)
    limit = half >> decimator.shift
    for place, bit in enumerate(bits):
        value = 2 * int(bit) - 1
        for stage in range(decimator.order):
            value = sums[stage] = (sums[stage] + value + half) % (2 * half) - half
        if (place + 1) % decimator.ratio == 0:
            value >>= decimator.shift
            for stage in range(decimator.order):
                value, delays[stage] = value - delays[stage], value
            taken.append((value + limit) % (2 * limit) - limit)
    if not decimator.halve:
        return taken
    for place in range(0, len(taken) - 2, 2):
        first, second, third = taken[place : place + 3]
        samples.append((first + 2 * second + third) >> 2)
    return samples


@pytest.mark.parametrize("decimator", KINDS)
@settings(max_examples=20)
@given(bits=pdm_bits())
def test_equals_its_recurrence(decimator, bits):
    assert decimator.samples(bits).tolist() == step_by_step(decimator, bits)


@pytest.mark.parametrize("decimator", KINDS)
@settings(max_examples=20)
@given(bits=pdm_bits(), cuts=st.lists(st.integers(0, 4000), max_size=6))
def test_streaming_equals_batch(decimator, bits, cuts):
    stream = decimator.stream()
    parts = [stream.take(part) for part in pieces(bits, cuts)]
    np.testing.assert_array_equal(np.concatenate(parts), decimator.samples(bits))


@pytest.mark.parametrize("decimator", KINDS)
@settings(max_examples=20)
@given(bits=pdm_bits(most=12_000))
def test_no_sample_wraps_and_the_narrowing_moves_none_far(decimator, bits):
    kernel = np.ones(1, np.int64)
    for _ in range(decimator.order):
        kernel = np.convolve(kernel, np.ones(decimator.ratio, np.int64))
    exact = np.convolve(2 * bits.astype(np.int64) - 1, kernel)[: len(bits)]
    exact = exact[decimator.ratio - 1 :: decimator.ratio]
    if decimator.halve:
        count = max(0, len(exact) - 1) // 2
        thirds = [exact[place : place + 2 * count : 2] for place in range(3)]
        exact = (thirds[0] + 2 * thirds[1] + thirds[2]) / 4
    error = decimator.samples(bits) - exact / 2**decimator.shift
    assert np.abs(error).max(initial=0) <= 2**decimator.order


def test_a_full_scale_level_comes_through():
    ones = np.ones(125 * 20, np.uint8)
    assert decimator_tail(ones) == 125**3 >> 6
    assert decimator_tail(1 - ones) == -(-(125**3) // -64) - 1
    assert abs(decimator_tail(np.arange(2500) % 2)) <= 8


def decimator_tail(bits):
    return int(Decimator().samples(bits)[-1])


def test_a_tone_is_heard():
    time = np.arange(400) / 8000
    tone = np.rint(20_000 * np.sin(2 * np.pi * 500 * time)).astype(np.int16)
    heard = Decimator().samples(modulated(tone, 250)).astype(float)
    spectrum = np.abs(np.fft.rfft(heard[32:352] * np.hanning(320)))
    assert spectrum.argmax() == 500 * 320 // 8000
    assert spectrum[40:].max() < spectrum.max() / 300


def test_json_round_trip():
    for decimator in KINDS:
        assert Decimator.from_dict(decimator.to_dict()) == decimator


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"order": 5}, r"order must be one of \(2, 3, 4\), not 5"),
        ({"ratio": 4}, "ratio must be 8 to 512, not 4"),
        ({"ratio": 12.5}, "ratio must be an integer, not 12.5"),
        ({"halve": 1}, "halve must be true or false, not 1"),
        ({"version": 2}, "reads version 1, not version 2 of 'pdm-cic'"),
        ({"taps": 1}, "the entries must be"),
    ],
)
def test_refuses_settings_by_name(change, sentence):
    with pytest.raises(ValueError, match=sentence):
        Decimator.from_dict(Decimator().to_dict() | change)


@pytest.mark.parametrize("bits", [np.zeros((2, 8)), np.array([0, 1, 2]), np.array([0.5])])
def test_refuses_what_are_not_bits(bits):
    with pytest.raises(ValueError, match="one channel of bits"):
        Decimator().samples(bits)
