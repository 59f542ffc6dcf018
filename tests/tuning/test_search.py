"""A search: what it tries, what it does not try twice, and which point it chooses."""

import numpy as np
import pytest
from cli_cases import small_network

from thresh.data.inputs import Sequence
from thresh.tuning.journal import Journal
from thresh.tuning.scoring import Problem, problem_of
from thresh.tuning.search import Plan, choose, described, front_of, interval, run_search

BASE = {"point": [0, 0], "error": 2.0, "fetches_per_frame": 900.0}
ROWS = [
    BASE,
    {"point": [1, 0], "error": 2.5, "fetches_per_frame": 500.0},
    {"point": [0, 1], "error": 2.6, "fetches_per_frame": 300.0},
    {"point": [1, 1], "error": 1.5, "fetches_per_frame": 950.0},
    {"point": [2, 2], "error": 2.5, "fetches_per_frame": 600.0},
]


def score(point):
    """Fetches fall and the error rises with both thresholds, the second costing more."""
    x, h = point
    return {
        "point": list(point), "error": (x / 4096) ** 2 + 4 * (h / 16384) ** 2,
        "fetches_per_frame": 1000 / (1 + x / 4096 + h / 16384), "reduction": 2.0,
        "events_per_frame": 3.0, "saturations": 0, "boards": {},
    }  # fmt: skip


@pytest.fixture
def problem():
    random = np.random.default_rng(1)
    inputs = (Sequence(name="x", x=random.integers(-4000, 4000, (20, 5))),)
    return Problem(network=small_network(), inputs=inputs, wanted=(), boards=())


def search(problem, journal, plan, tried=None, stop=None):
    def evaluate(points):
        for count, point in enumerate(points):
            if count == stop:
                raise KeyboardInterrupt
            if tried is not None:
                tried.append(point)
            yield score(point)

    return run_search(problem, plan, journal, evaluate, lambda done, total: None)


def test_the_grid_comes_first_with_zero_and_the_present_point(problem, tmp_path):
    points = search(problem, Journal(tmp_path / "j"), Plan(levels=3, rounds=0))
    assert points[0] == (0, 0)
    assert points[1] == (600, 300)
    assert len(points) == 2 + 8


def test_rounds_refine_the_front(problem, tmp_path):
    journal = Journal(tmp_path / "j")
    coarse = search(problem, journal, Plan(levels=3, rounds=0))
    fine = search(problem, journal, Plan(levels=3, rounds=2))
    assert fine[: len(coarse)] == coarse
    assert len(fine) > len(coarse)
    rows = [score(point) for point in fine]
    assert len(front_of(rows)) > len(front_of(rows[: len(coarse)]))


def test_an_interrupted_search_goes_on_without_trying_twice(problem, tmp_path):
    plan, tried = Plan(levels=4, rounds=1), []
    with pytest.raises(KeyboardInterrupt):
        search(problem, Journal(tmp_path / "j"), plan, tried, stop=7)
    assert len(Journal(tmp_path / "j").points) == 7
    resumed = search(problem, Journal(tmp_path / "j"), plan, tried)
    assert len(tried) == len(set(tried)) == len(resumed)
    assert resumed == search(problem, Journal(tmp_path / "other"), plan)


def test_progress_counts_what_was_done_before(problem, tmp_path):
    journal, told = Journal(tmp_path / "j"), []
    search(problem, journal, Plan(levels=3, rounds=0))
    run_search(
        problem, Plan(levels=3, rounds=0), journal, lambda points: iter(()),
        lambda done, total: told.append((done, total)),
    )  # fmt: skip
    assert told == [(10, 10)]


def test_the_cheapest_point_within_the_loss_is_chosen():
    assert choose(ROWS, BASE, 0.5) is ROWS[1]
    assert choose(ROWS, BASE, 0.6) is ROWS[2]


def test_of_points_that_cost_about_the_same_the_better_one_is_chosen():
    noisy = [
        {"point": [0, 0], "error": 6.0, "fetches_per_frame": 4000.0},
        {"point": [1, 0], "error": 9.38, "fetches_per_frame": 1831.0},
        {"point": [0, 1], "error": 6.25, "fetches_per_frame": 1942.0},
        {"point": [0, 2], "error": 6.1, "fetches_per_frame": 2100.0},
    ]
    assert choose(noisy, noisy[0], 4.0) is noisy[2]
    assert choose(noisy[:2], noisy[0], 4.0) is noisy[1]
    close = [BASE, BASE | {"point": [1, 1], "error": 2.4, "fetches_per_frame": 880.0}]
    assert choose(close, BASE, 0.5) is close[1]


def test_few_sequences_know_an_error_badly():
    low, high = interval(6.25, 96)
    assert (round(low, 1), round(high, 1)) == (2.9, 13.0)
    assert interval(0.0, 96)[0] == 0
    low, high = interval(6.25, 9600)
    assert high - low < 1


@pytest.mark.parametrize("max_loss", [0.4, -0.2, -9])
def test_no_point_within_the_loss_is_refused(max_loss):
    with pytest.raises(ValueError, match=r"lose at most .* the least that was lost is -0\.5"):
        choose(ROWS, BASE, max_loss)


@pytest.mark.parametrize(("plan", "text"), [({"levels": 2}, "3 levels"), ({"rounds": -1}, "0 or")])
def test_plans_that_are_none_are_refused(plan, text):
    with pytest.raises(ValueError, match=text):
        Plan(**plan)


def test_a_point_is_described_with_time_and_an_estimate_of_energy():
    row = score((2048, 4096)) | {"boards": {"icebreaker": {"cycles": 420.0, "ideal": 300.0}}}
    found = described(problem_of(small_network(), [], ["icebreaker"]), row, score((0, 0)))
    assert (found["threshold_x"], found["threshold_h"]) == (0.5, [0.25])
    assert found["loss"] == pytest.approx(0.5)
    cost = found["boards"]["icebreaker"]
    assert cost["microseconds_per_frame"] == pytest.approx(10)
    assert 0 < cost["energy_estimate_microjoules"] < 1
