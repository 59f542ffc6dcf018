"""What a point of a search is measured as."""

from dataclasses import replace

import numpy as np
import pytest
from cli_cases import small_network

from thresh.data.inputs import Sequence
from thresh.hw.estimates.estimate import estimate
from thresh.hw.known_boards import BOARDS
from thresh.model.decision import decide
from thresh.sim.golden_runs import run_golden
from thresh.tuning.measured import measure_activity
from thresh.tuning.scoring import evaluate, fitting_boards, problem_of

RANDOM = np.random.default_rng(1)
X = [RANDOM.integers(-4000, 4000, (6, 5)) for _ in range(4)]


def inputs(**more):
    return [
        Sequence(name=f"x[{place}]", x=x, **{name: value[place] for name, value in more.items()})
        for place, x in enumerate(X)
    ]


@pytest.fixture
def deciding():
    return replace(small_network(), decision="mean", classes=("a", "b", "c"))


def test_the_error_is_the_share_of_wrong_decisions(deciding):
    heard = [decide(deciding, run.outputs) for run in run_golden(deciding, X)]
    wrong = "abc"[("abc".index(heard[0]) + 1) % 3]
    problem = problem_of(deciding, inputs(label=[wrong, *heard[1:]]), [])
    assert problem.unit == "%"
    assert evaluate(problem, (600, 300))["error"] == 25


def test_with_ctc_the_error_is_the_label_error_rate(deciding):
    network = replace(deciding, decision="ctc", classes=("a", "b", "-"))
    heard = [decide(network, run.outputs) for run in run_golden(network, X)]
    problem = problem_of(network, inputs(label=[text + "ab" for text in heard]), [])
    labels = sum(map(len, heard))
    assert evaluate(problem, (600, 300))["error"] == pytest.approx(800 / (labels + 8))


def test_without_a_decision_outputs_are_compared_with_those_at_zero():
    problem = problem_of(small_network(), inputs(), [])
    assert problem.unit == "rms"
    assert evaluate(problem, (0, 0))["error"] == 0
    assert 0 < evaluate(problem, (600, 300))["error"] < evaluate(problem, (9000, 9000))["error"]


def test_without_a_decision_targets_are_what_is_wanted():
    network = small_network()
    outputs = [run.outputs / 2.0 ** network.layers[-1].h_frac for run in run_golden(network, X)]
    every = problem_of(network, inputs(target=[y + 0.5 for y in outputs]), [])
    assert evaluate(every, (600, 300))["error"] == pytest.approx(0.5)
    last = problem_of(network, inputs(target=[y[-1] - 0.25 for y in outputs]), [])
    assert evaluate(last, (600, 300))["error"] == pytest.approx(0.25)


def test_cycles_are_those_of_the_estimate(tmp_path):
    network = small_network()
    board = BOARDS["icebreaker"]
    wanted = estimate(network, board, activity=measure_activity(network, X, "arrays"))
    found = evaluate(problem_of(network, inputs(), ["icebreaker", "ulx3s-25f"]), (600, 300))
    assert found["boards"]["icebreaker"]["cycles"] == pytest.approx(wanted.cycles.mean)
    assert found["boards"]["icebreaker"]["ideal"] == pytest.approx(wanted.cycles.ideal)
    assert set(found["boards"]) == {"icebreaker", "ulx3s-25f"}


def test_labels_that_do_not_fit_are_refused(deciding):
    with pytest.raises(ValueError, match=r"'d' of x\[0\] is none of the classes of small"):
        problem_of(deciding, inputs(label=list("daaa")), [])
    with pytest.raises(ValueError, match=r"x\[0\] has no label"):
        problem_of(deciding, inputs(), [])
    with pytest.raises(ValueError, match=r"3 outputs of the last step or of all 6 steps"):
        problem_of(small_network(), inputs(target=[np.zeros((6, 2))] * 4), [])


def test_the_digest_is_of_all_but_thresholds_and_notes(deciding):
    def digest(network=deciding, labels="aabb", boards=()):
        return problem_of(network, inputs(label=list(labels)), boards).digest

    layers = deciding.layers
    same = replace(deciding, notes={"a": 1}, name="other")
    same = replace(same, layers=(replace(layers[0], threshold_x=5), layers[1]))
    assert digest() == digest(same)
    changed = replace(layers[1], bias=layers[1].bias + 1)
    others = {
        digest(), digest(labels="aabc"), digest(boards=["icebreaker"]),
        digest(replace(deciding, layers=(layers[0], changed))),
    }  # fmt: skip
    assert len(others) == 4


def test_boards_are_those_that_hold_the_network():
    small = [board.name for board in fitting_boards(small_network())]
    assert small[:2] == ["icebreaker", "ulx3s-12f"]
    assert "icesugar" not in small  # the same device at the same clock
    large = [board.name for board in fitting_boards(small_network(units=400))]
    assert "icebreaker" not in large
