"""Audio that tries the corners of the chain: silence, full scale, square waves, DC, one bit."""

import numpy as np
from hypothesis import strategies as st

EXTREMES = (-32768, -1, 0, 1, 32767)


@st.composite
def samples(draw, most=1200):
    """int16 samples of one of the kinds, or of several one after another."""
    parts = draw(st.lists(_part(), min_size=1, max_size=3))
    return np.concatenate(parts)[:most].astype(np.int16)


@st.composite
def _part(draw):
    length = draw(st.integers(1, 600))
    kind = draw(st.sampled_from(["constant", "square", "impulse", "noise", "one bit"]))
    level = draw(st.sampled_from(EXTREMES) | st.integers(-32768, 32767))
    if kind == "constant":
        return np.full(length, level)
    if kind == "square":
        period = draw(st.integers(1, 130))
        return np.where(np.arange(length) // period % 2, level, -1 - level)
    if kind == "impulse":
        part = np.zeros(length, np.int64)
        part[draw(st.integers(0, length - 1))] = level
        return part
    random = np.random.default_rng(draw(st.integers(0, 99)))
    if kind == "one bit":
        return random.choice([level, -1 - level], length)
    return random.integers(-abs(level) - 1, abs(level) + 1, length).clip(-32768, 32767)


@st.composite
def pdm_bits(draw, most=4000):
    """Bits of a microphone: constant, alternating, random, or of slow waves at full scale."""
    length = draw(st.integers(1, most))
    kind = draw(st.sampled_from(["constant", "alternating", "random", "runs"]))
    random = np.random.default_rng(draw(st.integers(0, 99)))
    if kind == "constant":
        return np.full(length, draw(st.integers(0, 1)), np.uint8)
    if kind == "alternating":
        return (np.arange(length) % 2).astype(np.uint8)
    if kind == "random":
        return random.integers(0, 2, length, dtype=np.uint8)
    return (np.arange(length) // draw(st.integers(1, 500)) % 2).astype(np.uint8)


def modulated(pcm, ratio):
    """Bits of a second-order sigma-delta modulator that holds each sample for ``ratio`` bits."""
    first = second = 0.0
    bit, bits = 1.0, np.empty(len(pcm) * ratio, np.uint8)
    for place, value in enumerate(np.repeat(np.asarray(pcm) / 65536, ratio)):
        first += value - bit
        second += first - bit
        bit = 1.0 if second >= 0 else -1.0
        bits[place] = bit > 0
    return bits


def pieces(values, cuts):
    """``values`` in parts that end at each of ``cuts``, taken modulo the length."""
    places = sorted(cut % (len(values) + 1) for cut in cuts)
    return np.split(values, places)
