"""The decision equals its golden model, with stalls and gaps, in its cycles."""

from functools import cache

import numpy as np
import pytest
from hearing.bench import Pins, compiled, number
from hypothesis import given, settings
from hypothesis import strategies as st

from thresh.audio.spotter import NEVER, Spotter
from thresh.gateware.audio.word_spotter import Section, WordSpotter


@cache
def simulation():
    return compiled(**{f"shift{shift}": WordSpotter(shift=shift) for shift in (0, 3)})


def prepare(spotter):
    pins = Pins(simulation(), f"shift{spotter.shift}")
    pins.restart()
    for section, words in (
        (Section.THRESHOLDS, spotter.thresholds),
        (Section.REFRACTORY, spotter.refractory),
    ):
        for address, word in enumerate(words):
            pins.set("write", 1)
            pins.set("section", section.value)
            pins.set("address", address)
            pins.set("data", word)
            pins.tick()
    pins.set("write", 0)
    return pins


def run(pins, outputs, gap=lambda: 0, stall=lambda: 0):
    """Label, score and heard of each step, and the cycles that each took."""
    words, cycles = [], []
    pins.set("clear", 1)
    pins.tick()
    pins.set("clear", 0)
    for row in outputs:
        begin = pins.cycles
        for place, value in enumerate(row):
            pins.set("i_valid", 0)
            for _ in range(gap()):
                pins.tick()
            pins.set("i_valid", 1)
            pins.set("i_payload", (int(value) & 0xFFFF) | (place == len(row) - 1) << 16)
            while pins.tick() or not pins.get("i_ready"):
                assert pins.cycles < begin + 5000
        pins.set("i_valid", 0)
        waits = stall()
        while True:
            pins.set("o_ready", waits == 0)
            pins.tick()
            assert pins.cycles < begin + 5000
            if pins.get("o_valid"):
                if waits == 0:
                    break
                waits -= 1
        word = pins.get("o_payload")
        score = number(word >> 6 & 0xFFFF)
        words.append((word & 63, score, word >> 22))
        cycles.append(pins.cycles - begin)
    pins.set("o_ready", 0)
    return words, cycles


def golden(spotter, outputs):
    heard, scores = spotter.spot(outputs)
    steps = {step for step, _ in heard}
    best = scores.argmax(axis=1)
    return [(int(c), int(scores[t, c]), int(t in steps)) for t, c in enumerate(best)]


@settings(max_examples=40)
@given(
    shift=st.sampled_from([0, 3]), classes=st.integers(1, 12), steps=st.integers(1, 40),
    level=st.sampled_from([2000, 32767]), seed=st.integers(0, 99), waits=st.booleans(),
)  # fmt: skip
def test_equals_the_golden_model(shift, classes, steps, level, seed, waits):
    random = np.random.default_rng(seed)
    thresholds = random.choice([NEVER, 0, level // 8, -level // 8, -32768], classes).tolist()
    spotter = Spotter(
        shift=shift, thresholds=tuple(thresholds),
        refractory=tuple(random.integers(0, 5, classes).tolist()),
    )  # fmt: skip
    outputs = random.integers(-level - 1, level + 1, (2, steps, classes))
    pins = prepare(spotter)

    def wait():
        return int(random.integers(4)) if waits else 0

    # Two sequences in one simulation: the second starts from nothing.
    for sequence in outputs:
        words, cycles = run(pins, sequence, wait, wait)
        assert words == golden(spotter, sequence)
        if not waits:
            assert set(cycles) == {3 * classes + 4}


@pytest.mark.parametrize("classes", [64])
def test_the_most_classes(classes):
    spotter = Spotter(thresholds=tuple(range(64)), refractory=(32767,) * 64)
    outputs = np.random.default_rng(1).integers(-500, 500, (12, classes))
    words, cycles = run(prepare(spotter), outputs)
    assert words == golden(spotter, outputs)
    assert set(cycles) == {3 * 64 + 4}
