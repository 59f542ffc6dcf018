"""The bench of simulators: the line sees every integer, and one that is wrong ends it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from link_bench import network, walk

from bench.software import simulation_speed
from thresh.host.client import Client
from thresh.hw.estimates.board_geometry import geometry_for

FOLDER = Path(__file__).parent.parent.parent / "build" / "sim"
NET = network(5, 12, 3)
X = walk(4, 5)


def row():
    return simulation_speed.time_engine("line", NET, X, geometry_for(NET, lanes=4), FOLDER)


def test_every_integer_is_seen_through_the_pins():
    found = row()
    # M, state and references alone, in every step.
    assert found["integers_compared"] > 4 * (4 * 12 + 12 + 12 + 5)
    assert found["frames"] == 3
    assert found["cycles"] > 0


def test_a_wrong_integer_ends_the_bench(monkeypatch):
    step = Client.step
    monkeypatch.setattr(
        Client, "step", lambda *args: replace(took := step(*args), outputs=took.outputs + 1)
    )
    with pytest.raises(RuntimeError, match=r"^step 0, .*output"):
        row()


def test_the_golden_model_runs_every_sequence_from_its_own_frame(monkeypatch):
    seen = []
    monkeypatch.setattr(
        simulation_speed.GoldenModel, "run", lambda model, x: seen.append((model.batch, x))
    )
    found = simulation_speed.time_golden(NET, X, batch=6, frames=7)
    (batch, x), *_ = seen
    assert (batch, x.shape, found["frames"]) == (6, (6, 7, 5), 42)
    for sequence in x:
        (start,) = {int(at) for at in range(4) if (sequence[:4] == np.roll(X, -at, axis=0)).all()}
        np.testing.assert_array_equal(sequence[4:], X[(start + np.arange(4, 7)) % 4])
