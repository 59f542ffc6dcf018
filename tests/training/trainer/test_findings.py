"""Why a network does not get sparse: numbers that are right, and the causes they stand for."""

from dataclasses import replace

import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from small_tasks import Sums  # noqa: E402

from thresh.training.tasks.training import make_net  # noqa: E402
from thresh.training.trainer import findings  # noqa: E402
from thresh.training.trainer.findings import CAUSES, Finding, causes, look  # noqa: E402

PLAIN = Finding(
    train_error=2.0, validation_error=4.0, fired_x=40, fired_h=128, inputs=40, states=128,
    share_x=0.2, reduction=1.0,
)  # fmt: skip
DELTA = replace(PLAIN, fired_x=4.0, fired_h=11.0, share_x=0.3, reduction=11.0)


@pytest.mark.parametrize(
    ("plain", "delta", "wanted"),
    [
        ({}, {}, ["states"]),
        ({}, {"share_x": 0.6}, ["inputs"]),
        ({}, {"validation_error": 6.0, "train_error": 3.5}, ["states", "underfits"]),
        ({}, {"validation_error": 6.0, "train_error": 2.1}, ["states"]),
        ({"train_error": 0.1}, {"validation_error": 6.0, "train_error": 0.2},
         ["states", "by heart"]),
        ({"train_error": 0.1}, {"validation_error": 6.0, "train_error": 2.0},
         ["states", "underfits", "by heart"]),
        ({"train_error": 0.1}, {"validation_error": 4.1}, ["states"]),
    ],
)  # fmt: skip
def test_causes_follow_from_the_numbers(plain, delta, wanted):
    found = causes(replace(PLAIN, **plain), replace(DELTA, **delta))
    assert found == wanted
    assert set(found) <= set(CAUSES)


def test_numbers_are_those_of_the_network(monkeypatch):
    torch.manual_seed(1)
    task, net = Sums(), make_net(Sums())
    net.set_thresholds(0.4, 0.05)
    monkeypatch.setattr(findings, "MOST", 3)
    seen = []
    monkeypatch.setattr(
        findings, "evaluate",
        lambda *words, own=findings.evaluate: seen.append(len(words[2])) or own(*words),
    )  # fmt: skip
    found = look(net, task)
    assert sorted(seen) == [3, 6]
    outcome = findings.evaluate(net, task, task.items("validation"))
    assert found.validation_error == outcome.score.error
    assert found.train_error == findings.evaluate(net, task, task.items("train")[::2]).score.error
    assert (found.fired_x, found.fired_h) == (outcome.work.fired_x, outcome.work.fired_h)
    assert (found.inputs, found.states, found.reduction) == (2, 16, outcome.work.reduction)
    of_states = outcome.work.entries_h * (48 + 1)
    assert found.share_x == pytest.approx(1 - of_states / outcome.work.delta)
    assert found.to_dict()["share_x"] == found.share_x
