"""Features of other rooms: what a level and a noise do to the logarithms of a front end."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")

from thresh.audio.front_end import LOG_FRAC  # noqa: E402
from thresh.training.sets.rooms import (  # noqa: E402
    LONGEST,
    MASKS,
    WIDEST,
    Elsewhere,
    _loudness,
    _sum,
    by_another_microphone,
    coloured,
    heard,
    masked,
    warped,
)  # fmt: skip
from thresh.training.tasks.spoken import BANDS, device_front_end  # noqa: E402

FRONT_END = device_front_end()
UNIT = 2.0**LOG_FRAC


def sound(seed, level=3000):
    """Noise that swells and ebbs, int16."""
    draw, time = np.random.default_rng(seed), np.arange(8000) / 8000
    return (level * np.abs(np.sin(9 * time)) * draw.standard_normal(8000)).astype(np.int16)


def test_energies_add_as_those_of_sounds_do():
    one, other = sound(1), sound(2)
    both = FRONT_END.log_mel((one.astype(int) + other).clip(-32768, 32767).astype(np.int16))
    made = _sum(FRONT_END.log_mel(one) / UNIT, FRONT_END.log_mel(other) / UNIT)
    difference = both / UNIT - made
    assert abs(difference.mean()) < 0.1
    assert difference.std() < 0.6


def test_a_level_is_a_sum():
    soft, loud = FRONT_END.log_mel(sound(1, 1000)), FRONT_END.log_mel(sound(1, 4000))
    np.testing.assert_allclose(_loudness(loud / UNIT) - _loudness(soft / UNIT), 2, atol=0.05)


def test_a_clip_keeps_its_length_and_follows_from_the_draw():
    log, noises = FRONT_END.log_mel(sound(1)), coloured(FRONT_END, np.random.default_rng(1))
    made = [heard(log, noises, np.random.default_rng(seed)) for seed in (5, 5, 6)]
    assert made[0].shape == log.shape
    assert made[0].dtype == np.int64
    np.testing.assert_array_equal(made[0], made[1])
    assert (made[0] != made[2]).any()
    assert all(one.min() >= 4 * UNIT for one in made)


def test_noises_are_white_and_brown():
    noises = coloured(FRONT_END, np.random.default_rng(1), count=1)
    white, brown = (one.mean(axis=0) / UNIT for one in noises)
    assert white.shape == (BANDS,)
    assert (brown[0] - brown[-1]) - (white[0] - white[-1]) > 2


def test_parts_that_are_left_out_are_zero():
    x = np.ones((98, BANDS), np.float32)
    shares = [float((masked(x, np.random.default_rng(seed)) == 0).mean()) for seed in range(60)]
    assert 0 < max(shares) <= MASKS * (LONGEST / 98 + WIDEST / BANDS)
    assert (x == 1).all()


def test_a_step_is_found_where_it_is_heard():
    log = np.full((120, BANDS), 4 * int(UNIT))
    log[70:76] = 12 * int(UNIT)
    for seed in range(20):
        room = Elsewhere.drawn((), np.random.default_rng(seed))
        loud = np.nonzero(room.of(log).mean(axis=1) > (8 + room.level) * UNIT)[0]
        assert loud[0] - 1 <= room.step(70, 120) <= loud[0] + 1
        assert loud[-1] <= room.step(76, 120) <= loud[-1] + 2


def test_formants_are_moved_and_nothing_is_without_a_factor():
    voice = np.exp(-0.5 * (np.arange(BANDS) - 9.0)[None] ** 2)
    np.testing.assert_array_equal(warped(voice, 1.0), voice)
    centre = [float((warped(voice, f) * np.arange(BANDS)).sum() / warped(voice, f).sum())
              for f in (0.9, 1.0, 1.1)]  # fmt: skip
    np.testing.assert_allclose(centre, [11 * f - 2 for f in (0.9, 1.0, 1.1)], atol=0.3)


def test_another_microphone_adds_the_same_to_every_frame():
    log = FRONT_END.log_mel(sound(1))
    added = by_another_microphone(log, np.random.default_rng(1)) - log
    assert (added == added[0]).all()
    assert len(np.unique(added[0])) > BANDS / 2
    draws = [np.random.default_rng(number) for number in range(40)]
    colours = [by_another_microphone(log, draw)[0] - log[0] for draw in draws]
    slopes = np.polyfit(np.arange(BANDS), np.transpose(colours), 1)[0]
    assert slopes.min() < 0 < slopes.max()
