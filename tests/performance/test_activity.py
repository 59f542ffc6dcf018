"""Activity of a network: measured, kept with it, or drawn."""

from dataclasses import replace

import numpy as np
import pytest
from cli_cases import small_network

from thresh.model.model_file import ACTIVITY_NOTE
from thresh.performance.activity import (
    TYPICAL,
    Activity,
    measured_steps,
    random_steps,
    read_note,
    typical,
)
from thresh.sim.golden import GoldenModel

STEPS = (((0, 5), (0, 7)), ((7, 0), None), (None, None))


def test_steps_are_what_the_golden_model_multiplies():
    network = small_network()
    x = np.random.default_rng(1).integers(-9000, 9000, (1, 6, network.inputs))
    x[0, 3] = x[0, 2]
    trace = GoldenModel(network).run(x)
    steps = measured_steps(network, trace.fired_x[0], trace.fired_h[0], trace.skipped[0])
    sent = 0
    for now, (gru, linear) in enumerate(steps):
        assert gru == (sent, trace.fired_x[0, now])
        sent = trace.fired_h[0, now, 0]
        assert linear in (None, (0, sent))


def test_a_note_is_read_back():
    activity = Activity(source="clips", steps=STEPS)
    network = replace(small_network(), notes={ACTIVITY_NOTE: activity.to_note()})
    assert read_note(network) == activity
    assert activity.events() == pytest.approx((5 + 7 + 7) / 3)


def test_a_network_without_a_note_has_none():
    assert read_note(small_network()) is None


@pytest.mark.parametrize(
    "note",
    [
        {},
        {"source": "x", "steps": []},
        {"source": "x", "steps": [[[1, 2]]]},
        {"source": "x", "steps": [[[13, 0], [0, 0]]]},
        {"source": "x", "steps": [[[0], [0, 0]]]},
        "lively",
    ],
)
def test_a_damaged_note_is_refused(note):
    with pytest.raises(ValueError, match="note of its activity"):
        read_note(replace(small_network(), notes={ACTIVITY_NOTE: note}))


def test_typical_steps_have_the_mean_of_all():
    random = np.random.default_rng(1)
    steps = [((int(h), int(x)),) for h, x in random.integers(0, 100, (1000, 2))]
    kept = typical(steps)
    assert len(kept) == TYPICAL
    assert np.mean([sum(step[0]) for step in kept]) == pytest.approx(
        np.mean([sum(step[0]) for step in steps]), rel=0.01
    )
    assert typical(steps[:3]) == sorted(steps[:3], key=lambda step: sum(step[0]))


def test_drawn_steps_fire_at_the_rate():
    network = small_network()
    steps = random_steps(network, 0.25, 2000)
    assert np.mean([step[0] for step in steps], axis=0) == pytest.approx([3, 1.25], rel=0.1)
    assert random_steps(network, 0, 5) == [(None, None)]
    assert set(random_steps(network, 1, 5)) == {((12, 5), (0, 12))}
    with pytest.raises(ValueError, match="must be 0 to 1, not 3"):
        random_steps(network, 3, 1)
