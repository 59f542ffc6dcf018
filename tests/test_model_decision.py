import numpy as np
import pytest
from link_bench import network

from thresh.model.decision import decide, decide_classes

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


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (3,), (1, 2, 3)])
def test_refuses_what_is_not_a_sequence_of_outputs(shape):
    with pytest.raises(ValueError, match=r"shape \(steps, outputs\), not"):
        decide_classes(np.zeros(shape), "mean")


def test_refuses_an_unknown_decision():
    with pytest.raises(ValueError, match="not 'vote'"):
        decide_classes(OUTPUTS, "vote")
