"""Words of I2S microphones."""

import numpy as np
import pytest

from thresh.audio.i2s_words import FRAME_CLOCKS, PARTS, I2sWords


@pytest.mark.parametrize("bits", [16, 18, 24, 32])
def test_keeps_the_upper_16_bits(bits):
    highest = (1 << (bits - 1)) - 1
    unit = 1 << (bits - 16)
    words = np.array([highest, -highest - 1, unit, unit - 1, -1, -unit, 0])
    wanted = [32767, -32768, 1, 0, -1, -1, 0]
    assert I2sWords(bits=bits).samples(words).tolist() == wanted


def test_halves_the_rate():
    words = np.array([4, 8, 12, 16, 20, 0, 0], np.int64) << 2
    samples = I2sWords(bits=18, halve=True).samples(words)
    assert samples.tolist() == [(4 + 16 + 12) >> 2, (12 + 32 + 20) >> 2, (20 + 0 + 0) >> 2]


@pytest.mark.parametrize("level", [-(1 << 17), (1 << 17) - 1])
def test_halving_keeps_full_scale(level):
    assert set(I2sWords(bits=18, halve=True).samples(np.full(9, level))) == {level >> 2}


def test_the_parts_of_the_iceBreaker_clock():
    served = {
        divisor: {
            name
            for name, part in PARTS.items()
            if part.slowest <= 12_000_000 / divisor / FRAME_CLOCKS <= part.fastest
        }
        for divisor in (24, 10)
    }
    assert served == {24: {"INMP441", "ICS-43434"}, 10: {"INMP441", "ICS-43434", "SPH0645"}}
    assert {name: part.bits for name, part in PARTS.items()} == {
        "INMP441": 24, "ICS-43434": 24, "SPH0645": 18,
    }  # fmt: skip


def test_json_round_trip():
    words = I2sWords(bits=18, halve=True)
    assert I2sWords.from_dict(words.to_dict()) == words


@pytest.mark.parametrize(
    ("bits", "words", "sentence"),
    [
        (12, [0], "bits must be 16 to 32, not 12"),
        (18, [1 << 17], "I2S words of 18 bits lie in -131072 to 131071, not 131072 to 131072"),
        (18, [[1]], "one channel of integers, not int64 of shape"),
        (18, [0.5], "one channel of integers, not float64"),
    ],
)
def test_refusals(bits, words, sentence):
    with pytest.raises(ValueError, match=sentence):
        I2sWords(bits=bits).samples(np.array(words))
