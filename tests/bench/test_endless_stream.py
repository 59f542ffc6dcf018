"""Streams of words, and what becomes of each."""

import numpy as np
import pytest

from bench.pages import hearing
from bench.software import endless_stream
from bench.software.endless_stream import AFTER, PAUSES, RATE, Counts, counted, stream_of
from thresh.training.sets.fsdd import Recording

SPANS = [(10, 20, 3), (20, 30, 4), (50, 60, 5)]


def test_every_announcement_is_counted_once():
    heard = [(5, 3), (10, 3), (19, 3), (20, 3), (29, 4), (30, 4), (49, 5), (59, 6)]
    found = counted(heard, SPANS, 100)
    assert found == Counts(words=3, heard=2, doubled=1, other=2, between=3, steps=100)
    assert found.errors == 1 + 1 + 2 + 3


def test_a_word_that_is_taken_for_another_first_is_heard_all_the_same():
    assert counted([(50, 1), (55, 5)], SPANS[2:], 60).heard == 1


def test_counts_of_streams_add_up_to_a_row():
    one = counted([(0, 1)], [], 180_000) + counted([(12, 3)], SPANS, 180_000)
    assert one.row() == {
        "words": 3, "heard": 1, "missed": 2, "doubled": 0, "other": 0, "between": 1, "hours": 1.0,
        "false_per_hour": 1.0,
    }  # fmt: skip


@pytest.fixture
def clips():
    return [Recording(pcm=np.full(800 + n, 1000, np.int16), digit=n, speaker="a") for n in range(3)]


def test_clips_lie_where_they_are_said_to(clips):
    samples, places = stream_of(clips, None, np.random.default_rng(1))
    assert [end - first for first, end in places] == [800, 801, 802]
    inside = np.concatenate([np.arange(*place) for place in places])
    assert (samples[inside] == 1000).all()
    assert not np.delete(samples, inside).any()
    starts, ends = [first for first, _ in places], [0, *(end for _, end in places)]
    pauses = np.array(starts) - ends[:-1]
    assert (pauses >= PAUSES[0] * RATE).all()
    assert (pauses <= PAUSES[1] * RATE).all()
    assert len(samples) == places[-1][1] + AFTER * RATE


def test_noise_is_so_much_softer_than_the_words(clips, monkeypatch):
    noise = np.random.default_rng(2).normal(size=RATE)
    monkeypatch.setattr(endless_stream, "noises", lambda: [noise / noise.std()])
    samples, places = stream_of(clips, 20.0, np.random.default_rng(1))
    pause = samples[: places[0][0]].astype(float)
    assert np.std(pause) == pytest.approx(100, rel=0.1)


def test_the_table_has_a_row_for_each_case(monkeypatch):
    counts = counted([(10, 3)], SPANS, 3600).row()
    rows = [{"case": case, **counts} for case in ("anew-silence", "stream-20dB", "tuned-10dB")]
    monkeypatch.setattr(hearing, "load", lambda name: rows)
    lines = hearing.endless().splitlines()
    assert lines[2] == "| each clip alone | silence | 3 | 33 % | 0 | 0 | 0 | 0 |"
    assert lines[3].startswith("| a stream | 20 dB | 3 |")
    assert lines[4].startswith("| a stream, with a threshold chosen on streams | 10 dB | 3 |")
