"""Distillation: following the posteriors of the network that a stage starts from, or of another."""

import copy
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from small_tasks import Sums  # noqa: E402

from thresh.training.tasks.training import make_net  # noqa: E402
from thresh.training.trainer.batches import pad  # noqa: E402
from thresh.training.trainer.classification import Classification  # noqa: E402
from thresh.training.trainer.distillation import Teacher  # noqa: E402
from thresh.training.trainer.loop import train  # noqa: E402
from thresh.training.trainer.stage import Stage  # noqa: E402


class Classes(Sums):
    """Three outputs that nothing but distillation moves."""

    outputs = 3

    def loss(self, outputs, lengths, targets):
        return 0 * outputs.sum()

    def tally(self, output, target):
        return np.ones(2)


class OnGrid(Classes):
    """The same with inputs that integers can be."""

    def items(self, split):
        return [replace(item, x=np.rint(item.x * 2**8) / 2.0**8) for item in super().items(split)]


@pytest.fixture
def net():
    torch.manual_seed(4)
    made = make_net(Classes())
    with torch.no_grad():
        made.linear.weight *= 10
    return made


def test_the_cost_is_the_mean_divergence_of_the_frames_that_count(net):
    batch = pad(Classes().items("train"))
    outputs = torch.randn(net(batch.x).outputs.shape)
    with torch.no_grad():
        wanted, came = net(batch.x).outputs.softmax(2), outputs.softmax(2)
    each = (wanted * (wanted / came).log()).sum(2)
    frames = [each[row, : len(item.x)] for row, item in enumerate(Classes().items("train"))]
    assert Teacher(net, Classes()).cost(outputs, batch) == pytest.approx(
        torch.cat(frames).mean().item()
    )
    assert Teacher(net, Classes()).cost(net(batch.x).outputs, batch).item() == pytest.approx(
        0, abs=1e-6
    )


@pytest.mark.parametrize("decision", ["mean", "last"])
def test_what_is_decided_once_is_followed_once(net, decision):
    items = Classes().items("train")
    batch = pad(items)
    task = type("Decided", (Classification,), {"decision": decision})()
    outputs = torch.randn(net(batch.x).outputs.shape)
    with torch.no_grad():
        wanted = net(batch.x).outputs
    each = []
    for row, item in enumerate(items):
        steps = slice(len(item.x)) if decision == "mean" else slice(len(item.x) - 1, len(item.x))
        of, came = (one[row, steps].mean(0).softmax(0) for one in (wanted, outputs))
        each.append((of * (of / came).log()).sum().item())
    cost = Teacher(net, task).cost(outputs, batch).item()
    assert cost == pytest.approx(sum(each) / len(each), rel=1e-5)


def test_without_a_decision_every_frame_is_followed(net):
    batch = pad(Classes().items("train"))
    outputs = torch.randn(net(batch.x).outputs.shape)
    undecided = type("Undecided", (Classification,), {"decision": "none"})()
    every = Teacher(net, Classes()).cost(outputs, batch)
    assert Teacher(net, undecided).cost(outputs, batch) == every


def test_a_teacher_has_no_thresholds_and_does_not_learn(net):
    batch = pad(Classes().items("train"))
    plain = net(batch.x).outputs.detach()
    net.set_thresholds(0.3, 0.3)
    net.dropout = 0.5
    net.train()
    teacher = Teacher(net, Classes())
    with torch.no_grad():
        for value in net.parameters():
            value.zero_()
    assert teacher.cost(plain, batch).item() == pytest.approx(0, abs=1e-6)
    assert (net.gru.threshold_h, net.training) == (pytest.approx(0.3, abs=1e-3), True)


def test_a_network_with_thresholds_comes_nearer_to_its_start(net):
    """Nothing else is wanted of it, so that without distillation it stays as it is."""
    batch, found = pad(Classes().items("train")), {}
    teacher = Teacher(net, Classes())
    for weight in (0.0, 1.0):
        other = copy.deepcopy(net)
        stage = Stage(name="one", epochs=20, rate=0.02, decay=0.0, threshold_x=0.5,
                      threshold_h=0.1, distil=weight)  # fmt: skip
        train(other, Classes(), stage, seed=1)
        found[weight] = teacher.cost(other(batch.x).outputs, batch).item()
    assert 0 < found[1.0] < 0.8 * found[0.0]


@pytest.mark.parametrize("quantised", [False, True])
def test_another_network_may_be_the_teacher(net, quantised):
    batch = pad(Classes().items("train"))
    if quantised:
        batch = replace(batch, x=batch.x.mul(2**8).round().div(2**8))
        net.gru.set_formats(replace(net.gru.formats, x_frac=8))
    torch.manual_seed(5)
    other = make_net(Classes())
    other.set_thresholds(0.5, 0.5)
    teacher = Teacher(other, Classes())
    before = teacher.cost(net(batch.x).outputs, batch).item()
    stage = Stage(name="one", epochs=20, rate=0.02, decay=0.0, distil=1.0, quantised=quantised)
    train(net, OnGrid() if quantised else Classes(), stage, seed=1, teacher=other)
    assert teacher.cost(net(batch.x).outputs, batch).item() < 0.5 * before
    assert (other.gru.threshold_h, other.training) == (0.5, True)


def test_a_training_with_another_teacher_is_another_one(net, tmp_path):
    seen = []
    stage = Stage(name="one", epochs=1, distil=1.0)
    torch.manual_seed(5)
    other, start = make_net(Classes()), copy.deepcopy(net.state_dict())
    for asked, teacher in ((stage, None), (stage, None), (stage, other), (stage, other)):
        net.load_state_dict(start)
        train(net, Classes(), asked, seed=1, checkpoint=tmp_path / "c.pt", teacher=teacher,
              report=lambda epoch, *more: seen.append(epoch))  # fmt: skip
    assert seen == [0, 0]
    plain = replace(stage, distil=0.0)
    for teacher in (None, other):
        net.load_state_dict(start)
        train(net, Classes(), plain, seed=1, checkpoint=tmp_path / "p.pt", teacher=teacher,
              report=lambda epoch, *more: seen.append(epoch))  # fmt: skip
    assert seen == [0, 0, 0]


def test_learned_thresholds_are_no_hindrance(net):
    train(net, Classes(), Stage(name="one", epochs=1, threshold_x=0.1, threshold_h=0.1,
                                learned=True, distil=1.0), seed=1)  # fmt: skip
    assert net.gru.threshold_h.min() > 0


def test_one_output_and_a_negative_weight_are_refused():
    with pytest.raises(ValueError, match="posteriors of two classes or more: there is 1"):
        Teacher(make_net(Sums()), Sums())
    with pytest.raises(ValueError, match=r"distil of stage one must be 0 or more, not -0\.5"):
        Stage(name="one", epochs=1, distil=-0.5)
