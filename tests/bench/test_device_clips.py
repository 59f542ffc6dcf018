"""Power-ups of a device that hears recordings: their clocks, clips and bits, and the table."""

import numpy as np
import pytest

from bench.cycles import device as bench
from bench.pages import device as page
from thresh.audio.decimator import Decimator
from thresh.audio.i2s_words import I2sWords

CORE, AUDIO = 83_333, 500_000


def test_phases_are_three_ways_of_two_clocks():
    beside, between, drifting = (bench.clocks(2_000_000, phase, 0) for phase in range(3))
    for steady in (beside, between):
        assert (steady.audio_period, steady.core_period) == (AUDIO, CORE)
        assert steady.audio_spread == steady.core_spread == 0
        assert steady.start[0] == steady.start[1]
    assert beside.start[0] == 0
    assert between.start[0] % AUDIO == pytest.approx(CORE / 2, abs=1)
    assert drifting.audio_spread > 0 < drifting.core_spread
    assert drifting.start == (0, 100_000_000)
    assert drifting != bench.clocks(2_000_000, 2, 1)
    assert bench.clocks(4_000_000, 0, 0).audio_period == AUDIO // 2


def test_every_clip_is_heard_once_at_each_phase(monkeypatch):
    clips = [np.array([number], np.int16) for number in range(bench.CLIPS)]
    heard = {}
    for case in bench.CASES.values():
        monkeypatch.setitem(vars(case.set), "clips", lambda: clips)
        found = heard.setdefault((case.name, case.kind, case.phase), [])
        found += [int(clip[0]) for clip in bench.clips_of(case)]
    assert all(sorted(found) == list(range(bench.CLIPS)) for found in heard.values())
    phases = {}
    for name, kind, phase in heard:
        phases.setdefault((name, kind), set()).add(phase)
    assert phases == {
        case: {0, 1, 2} for case in (
            ("fsdd", "pdm"), ("fsdd", "i2s"), ("keywords", "pdm"), ("keywords", "i2s"),
            ("vm3011", "pdm"),
        )
    }  # fmt: skip
    assert bench.SETS["keywords"].network.startswith("keywords")


def test_a_microphone_says_bits_words_or_what_was_recorded():
    clip = np.array([-3, 7], np.int16)
    assert bench.said(clip, I2sWords(bits=24)).tolist() == [-768, 1792]
    decimator = Decimator()
    bits = bench.said(clip, decimator)
    assert len(bits) == 2 * decimator.bits_per_sample
    assert set(np.unique(bits)) <= {0, 1}
    assert bench.said(np.array([0xA0], np.uint8), decimator).tolist() == [1, 0, 1, 0, 0, 0, 0, 0]


def row(**changes):
    return {
        "set": "fsdd", "kind": "pdm", "phase": 0, "network": "digits", "clips": 10, "frames": 100,
        "integers": 1000, "first_difference": None, "mean_cycles": 14000, "most_cycles": 15000,
    } | changes  # fmt: skip


def test_only_phases_that_heard_every_clip_are_counted(monkeypatch):
    rows = [
        row(), row(frames=300, mean_cycles=14400, most_cycles=16000), row(phase=1),
        row(kind="i2s", phase=2, first_difference="samples 3: 1 in golden, 2 in device"),
        row(network="other"),
    ]  # fmt: skip
    monkeypatch.setattr(page, "load", lambda name: rows)
    lines = page.clips().splitlines()[2:]
    assert lines == [
        "| fsdd | PDM | digits | 20 | 1 | 500 | 3,000 | 0 of 3 | 14,240 | 16,000 |",
        "| fsdd | I2S | digits | 10 | 1 | 100 | 1,000 | 1 of 1 | 14,000 | 15,000 |",
        "| fsdd | PDM | other | 10 | 1 | 100 | 1,000 | 0 of 1 | 14,000 | 15,000 |",
    ]
