import numpy as np
import pytest
from link_bench import network

from thresh.model.decision import (
    class_names,
    decide,
    decide_classes,
    edit_distance,
    joined,
    parted,
    scores,
    top_classes,
)
from thresh.model.network import DECISIONS

OUTPUTS = np.array([[9, 0, 0], [0, 4, 0], [0, 4, 0], [0, 0, 5], [0, 4, 3]])


def test_last_looks_at_the_last_step_only():
    assert decide_classes(OUTPUTS, "last") == (1,)


def test_mean_sums_all_steps_without_overflow():
    assert decide_classes(OUTPUTS, "mean") == (1,)
    assert decide_classes(np.full((9, 2), [30000, 30001], np.int16), "mean") == (1,)


def test_ctc_merges_repeats_unless_a_blank_lies_between():
    assert decide_classes(OUTPUTS, "ctc") == (0, 1, 1)


def test_none_decides_nothing():
    assert decide_classes(OUTPUTS, "none") == ()
    assert decide(network(2, 6, 3), OUTPUTS) is None


def test_classes_are_named():
    named = network(2, 6, 3, decision="mean", classes=("yes", "no", "silence"))
    assert decide(named, OUTPUTS) == "no"
    assert decide(network(2, 6, 3, decision="mean"), OUTPUTS) == "1"
    assert decide(network(2, 6, 3, decision="ctc"), OUTPUTS) == "011"
    words = network(2, 6, 3, decision="ctc", classes=("yes", "no", "silence"))
    assert decide(words, OUTPUTS) == "yes no no"


@pytest.mark.parametrize("classes", [(), ("y", "n", "-"), ("yes", "no", "silence")])
def test_parts_of_a_text_are_the_names_that_were_joined(classes):
    path = network(2, 6, 3, decision="ctc", classes=classes)
    for numbers in ((), (1,), (0, 1, 1)):
        names = [class_names(path)[number] for number in numbers]
        assert parted(path, joined(path, numbers)) == names
    single = network(2, 6, 3, decision="mean", classes=classes and ("a b", "no", "x"))
    assert [parted(single, joined(single, [n])) for n in range(3)] == [
        [name] for name in class_names(single)
    ]


def test_the_best_classes_come_with_their_integer_scores():
    named = network(2, 6, 3, decision="mean", classes=("yes", "no", "silence"))
    totals = OUTPUTS.sum(axis=0)
    (first, score), *rest = top_classes(named, OUTPUTS, 2)
    assert (first, score) == ("no", totals.max())
    assert len(rest) == 1
    assert [name for name, _ in top_classes(named, OUTPUTS, 99)] == [
        named.classes[number] for number in np.argsort(-totals, kind="stable")
    ]
    last = network(2, 6, 3)
    assert top_classes(last, np.array([[9, 9, 9], [4, 7, 7]]), 3) == [("1", 7), ("2", 7), ("0", 4)]


def test_the_best_class_is_the_one_decided():
    random = np.random.default_rng(0)
    for decision in ("last", "mean"):
        net = network(2, 6, 3, decision=decision)
        for _ in range(20):
            outputs = random.integers(-3, 3, (5, 3))
            assert top_classes(net, outputs, 1)[0][0] == decide(net, outputs)


def test_refuses_best_classes_that_there_are_not():
    with pytest.raises(ValueError, match="must be at least 1, not 0"):
        top_classes(network(2, 6, 3), OUTPUTS, 0)
    with pytest.raises(ValueError, match="decided by ctc gives a path, so that classes have no"):
        top_classes(network(2, 6, 3, decision="ctc"), OUTPUTS, 1)
    with pytest.raises(ValueError, match="not 'vote'"):
        scores(OUTPUTS, "vote")


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (3,), (1, 2, 3)])
def test_refuses_what_is_not_a_sequence_of_outputs(shape):
    with pytest.raises(ValueError, match=r"shape \(steps, outputs\), not"):
        decide_classes(np.zeros(shape), "mean")


def test_refuses_an_unknown_decision():
    with pytest.raises(ValueError, match="not 'vote'"):
        decide_classes(OUTPUTS, "vote")


@pytest.mark.parametrize(
    ("said", "wanted", "edits"),
    [("", "", 0), ("", "ab", 2), ("kitten", "sitting", 3), ("abc", "abc", 0),
     ([1, 9, 2], [1, 2], 1), ([3, 2], [1, 2], 1), ([2, 1], [1, 2], 2)],
)  # fmt: skip
def test_edits_are_the_fewest(said, wanted, edits):
    assert edit_distance(said, wanted) == edits
    assert edit_distance(wanted, said) == edits


def test_a_decision_is_one_of_those_that_are_listed():
    for decision in DECISIONS:
        assert network(2, 6, 3, decision=decision).decision == decision
    with pytest.raises(ValueError, match="decision must be none, last, mean or ctc, not 'max'"):
        network(2, 6, 3, decision="max")
