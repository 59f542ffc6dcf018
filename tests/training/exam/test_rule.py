"""The rule: pooled pairs, an interval over clusters, and when a loss may be called negligible."""

import itertools

import numpy as np
import pytest

from thresh.training.exam.evidence import Evidence
from thresh.training.exam.rule import Verdict, judge


def rate(sums: np.ndarray) -> np.ndarray:
    """Wrong labels per label, per cent."""
    return 100 * sums[..., 0] / sums[..., 1]


def evidence(rows: list[tuple[str, int, int, int]]) -> Evidence:
    """Of (cluster, errors of the control, errors of the network, labels)."""
    return Evidence(
        clusters=tuple(row[0] for row in rows),
        control=np.array([[row[1], row[3]] for row in rows], float),
        delta=np.array([[row[2], row[3]] for row in rows], float),
    )


ROWS = [("ann", 1, 2, 50), ("ann", 0, 1, 30), ("bob", 3, 3, 60), ("eve", 0, 2, 10)]


def test_the_difference_is_of_everything_that_was_tested():
    verdict = judge(evidence(ROWS), rate, allowance=0.5)
    assert verdict.control == pytest.approx(100 * 4 / 150)
    assert verdict.delta == pytest.approx(100 * 8 / 150)
    assert verdict.difference == pytest.approx(100 * 4 / 150)
    assert (verdict.clusters, verdict.sequences) == (3, 4)


def test_a_relative_allowance_is_a_part_of_the_control():
    assert judge(evidence(ROWS), rate, allowance=0.02, relative=True).allowance == pytest.approx(
        0.02 * 400 / 150
    )


def test_the_interval_is_that_of_all_draws_of_clusters():
    """Three clusters have 27 equally likely draws, whose quantiles are known."""
    control = {"ann": (1, 80), "bob": (3, 60), "eve": (0, 10)}
    delta = {"ann": (3, 80), "bob": (3, 60), "eve": (2, 10)}
    every = []
    for draw in itertools.product(control, repeat=3):
        sums = [np.sum([side[name] for name in draw], axis=0) for side in (control, delta)]
        every.append(rate(sums[1]) - rate(sums[0]))
    verdict = judge(evidence(ROWS), rate, allowance=0.5, resamples=200_000)
    wanted = np.quantile(np.repeat(every, 1000), (0.025, 0.975))
    assert (verdict.low, verdict.high) == pytest.approx(tuple(wanted))


def test_sequences_of_one_speaker_are_no_evidence_of_others():
    """The same sequences are worth less when they are of fewer speakers."""
    draw = np.random.default_rng(3)
    of_speaker = np.repeat(draw.integers(0, 4, 8), 25)
    rows = [(number, 1, 1 + (draw.random() < 0.2 * more), 10)
            for number, more in enumerate(of_speaker)]  # fmt: skip
    many = judge(evidence([(f"{n}", *rest) for n, *rest in rows]), rate, allowance=1)
    few = judge(evidence([(f"{n // 25}", *rest) for n, *rest in rows]), rate, allowance=1)
    assert many.difference == few.difference
    assert few.high - few.low > 1.5 * (many.high - many.low)
    assert few.few
    assert not many.few


def test_the_interval_holds_the_truth_as_often_as_it_says():
    """Of 200 exams of 40 speakers whose true difference is known, about 95 % hold it."""
    draw, held = np.random.default_rng(4), 0
    truth = 2 * np.clip(draw.normal(1.0, 0.8, 1_000_000), 0.01, None).mean()
    for _ in range(200):
        wrong = draw.poisson(2 * np.clip(draw.normal(1.0, 0.8, 40), 0.01, None))
        rows = [(f"{n}", 2, 2 + int(more), 100) for n, more in enumerate(wrong)]
        verdict = judge(evidence(rows), rate, allowance=1, resamples=1000)
        held += verdict.low <= truth <= verdict.high
    assert 0.90 <= held / 200 <= 0.98


@pytest.mark.parametrize(
    ("delta", "high", "word"),
    [
        (2.4, 0.9, "negligible"), (1.0, 0.2, "negligible"), (2.4, 1.0, "within the allowance"),
        (2.6, 0.9, "not within the allowance"), (2.5, 0.99, "negligible"),
    ],
)  # fmt: skip
def test_words_follow_the_rule(delta, high, word):
    verdict = Verdict(control=2.0, delta=delta, low=-0.1, high=high, allowance=0.5, clusters=12,
                      sequences=90)  # fmt: skip
    assert verdict.word == word
    assert verdict.to_dict()["verdict"] == word
    assert verdict.negligible == (word == "negligible")


def test_folds_and_seeds_are_pooled():
    one, other = evidence(ROWS[:2]), evidence(ROWS[2:])
    joined = Evidence.joined([one, other])
    assert judge(joined, rate, allowance=0.5) == judge(evidence(ROWS), rate, allowance=0.5)


def test_what_is_not_paired_is_refused():
    with pytest.raises(ValueError, match="3 clusters, 2 sequences of the control and 3 of the"):
        Evidence(clusters=("a", "b", "c"), control=np.zeros((2, 2)), delta=np.zeros((3, 2)))
    with pytest.raises(ValueError, match="no sequence was tested"):
        Evidence.joined([])
    with pytest.raises(ValueError, match="everything tested is of ann"):
        judge(evidence(ROWS[:2]), rate, allowance=0.5)
