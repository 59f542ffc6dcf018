"""A word on recordings: words, false accepts and hours, and the threshold chosen."""

from dataclasses import replace

import numpy as np
import pytest
from hearing.tones import RATE, tone_folder, tone_network, write_clip

from thresh.audio.chain import read_features, read_spotter
from thresh.audio.spotter import NEVER
from thresh.data.audio_file import read_audio
from thresh.sim.golden_runs import run_golden
from thresh.tuning.spotting import announced, spot, word_of, words_of

SETTLED = 8
"""Steps after which the average of a clip that begins anew has forgotten its begin."""


def test_a_word_is_heard_and_nothing_else(tmp_path):
    found = spot(tone_network(), tone_folder(tmp_path))
    assert found.word == "word"
    assert found.clips == 14
    assert (found.chosen.missed, found.chosen.words, found.chosen.false_accepts) == (0, 6, 0)
    assert found.met
    seconds = 8 * 1.6
    assert 3600 * found.chosen.hours == pytest.approx(seconds, rel=0.5)
    assert found.chosen.hours > 0


def test_the_word_where_it_should_not_be_is_a_false_accept(tmp_path):
    home = tone_folder(tmp_path)
    for number in range(3):
        write_clip(home / "hum" / f"x{number}.wav", 1500, seconds=3.0, seed=number)
    found = spot(tone_network(), home, false_per_hour=0)
    lowest = found.points[0]
    assert lowest.missed == 0
    assert lowest.false_accepts >= 3
    assert not found.chosen.false_accepts


def test_one_long_recording_has_false_accepts_only(tmp_path):
    found = spot(tone_network(), write_clip(tmp_path / "long.wav", 150, seconds=130))
    assert found.chosen.misses is None
    assert found.chosen.false_accepts == 0
    assert 3600 * found.chosen.hours == pytest.approx(130, abs=0.1)


def test_the_tuned_network_announces_at_the_chosen_threshold(tmp_path):
    found = spot(tone_network(spotter=False), tone_folder(tmp_path), "word")
    tuned = found.tuned()
    spotter = read_spotter(tuned)
    assert spotter.thresholds == (NEVER, found.chosen.threshold)
    front_end = read_features(tuned)
    for path, own in words_of(tmp_path, tuned, "word"):
        pcm, _ = read_audio(path, RATE)
        (run,) = run_golden(tuned, [front_end.features(pcm)])
        heard = [step for step, _ in spotter.spot(run.outputs)[0] if step > SETTLED]
        assert bool(heard) == own


def test_a_false_accept_more_or_less_is_what_the_spotter_announces(tmp_path):
    path = write_clip(tmp_path / "one.wav", 1500, seconds=8)
    network = tone_network()
    found = spot(network, path)
    (run,) = run_golden(network, [read_features(network).features(read_audio(path, RATE)[0])])
    for point in found.points[:: len(found.points) // 9]:
        spotter = replace(found.spotter, thresholds=(NEVER, point.threshold))
        assert point.false_accepts == len(spotter.spot(run.outputs)[0])


def test_a_network_s_own_threshold_is_measured_too(tmp_path):
    home = tone_folder(tmp_path)
    assert spot(tone_network(spotter=False), home, "word").own is None
    tuned = spot(tone_network(), home).tuned()
    again = spot(tuned, write_clip(tmp_path / "more" / "word_1.wav", 1500).parent)
    assert again.own.threshold == read_spotter(tuned).thresholds[1]
    assert (again.own.words, again.own.missed, again.own.false_accepts) == (1, 0, 0)


def test_names_begin_with_the_word_in_a_folder_of_files(tmp_path):
    write_clip(tmp_path / "word_1.wav", 1500)
    write_clip(tmp_path / "other_1.wav", 150)
    assert sorted(own for _, own in words_of(tmp_path, tone_network(), "word")) == [False, True]


def test_the_only_announced_class_is_the_word():
    network = tone_network()
    assert announced(network) == [1]
    assert word_of(network) == 1
    assert word_of(network, "other") == 0


@pytest.mark.parametrize(
    ("network", "word", "sentence"),
    [
        (tone_network(spotter=False), None, "tones announces no class: name the word"),
        (tone_network(), "seven", "tones knows no 'seven': it knows other, word"),
        (replace(tone_network(), front_end={}), None, "tones has no front end"),
    ],
)
def test_refuses_what_cannot_be_scored(tmp_path, network, word, sentence):
    with pytest.raises(ValueError, match=sentence):
        spot(network, tone_folder(tmp_path), word)


@pytest.mark.parametrize("rate", [-1, float("nan"), float("inf")])
def test_refuses_other_rates(tmp_path, rate):
    with pytest.raises(ValueError, match="False accepts per hour must be 0 or more"):
        spot(tone_network(), tone_folder(tmp_path), false_per_hour=rate)


def test_refuses_an_empty_folder(tmp_path):
    with pytest.raises(ValueError, match="holds no audio files"):
        spot(tone_network(), tmp_path)
    with pytest.raises(FileNotFoundError):
        spot(tone_network(), tmp_path / "nothing.wav")
    write_clip(tmp_path / "short.wav", 150, seconds=0.01)
    with pytest.raises(ValueError, match="no recording is as long as a frame"):
        spot(tone_network(), tmp_path / "short.wav")


def test_pieces_of_several_minutes_add_up(tmp_path):
    for number in range(70):
        write_clip(tmp_path / "hum" / f"{number}.wav", 150, seconds=2.0, seed=number)
    write_clip(tmp_path / "word" / "w.wav", 1500)
    found = spot(tone_network(), tmp_path)
    assert (found.chosen.words, found.chosen.missed) == (1, 0)
    assert 3600 * found.chosen.hours == pytest.approx(140, abs=1)
    assert np.isfinite(found.chosen.per_hour_limit)
