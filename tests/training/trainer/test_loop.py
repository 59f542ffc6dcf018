"""The loop: resumed to the same result, pruned, annealed, stopped, counted."""

import copy
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from small_tasks import Sums  # noqa: E402

from thresh.training.tasks.connected_digits import ctc_loss  # noqa: E402
from thresh.training.tasks.techniques import techniques  # noqa: E402
from thresh.training.tasks.training import make_net  # noqa: E402
from thresh.training.trainer import loop  # noqa: E402
from thresh.training.trainer.batches import in_order, pad, shuffled  # noqa: E402
from thresh.training.trainer.classification import decide  # noqa: E402
from thresh.training.trainer.loop import NonFiniteGradient, refuse_non_finite, train  # noqa: E402
from thresh.training.trainer.net import Net  # noqa: E402
from thresh.training.trainer.scoring import evaluate  # noqa: E402
from thresh.training.trainer.stage import Stage  # noqa: E402


def fresh(seed: int = 1):
    torch.manual_seed(seed)
    return make_net(Sums())


SILENT = Stage(name="silent", epochs=1, threshold_x=0.1, threshold_h=1.5)
"""No state reaches its threshold."""


class Interrupted(Exception):
    """Raised in place of a power cut."""


class Several(Sums):
    """Three outputs, of which one counts: posteriors can be followed; inputs are on a grid."""

    outputs = 3

    def items(self, split):
        return [replace(one, x=np.rint(one.x * 2**12) / 2**12) for one in super().items(split)]


RESUMED = [
    {}, {"patience": 9}, {"learned": True, "fetches": 1.0}, {"sparsity": 0.5}, {"distil": 1.0},
    {"dropout": 0.3}, {"rise": 0.75}, {"quantised": True}, {"straight": True, "noise": (0.1, 0.1)},
    {"sparsity": 0.5, "distil": 1.0, "dropout": 0.3, "rise": 0.75, "quantised": True},
]  # fmt: skip


@pytest.mark.parametrize("last", [0, 1, 2])
@pytest.mark.parametrize("more", RESUMED, ids=lambda more: ", ".join(more) or "plain")
def test_interrupted_training_ends_as_uninterrupted_training_does(tmp_path, more, last):
    stage = Stage(name="t", epochs=4, threshold_x=0.1, threshold_h=0.1, activity=0.1, **more)
    settings = {"seed": 1, "checkpoint": tmp_path / "a.pt"}
    task = Several()

    def start():
        torch.manual_seed(1)
        return make_net(task)

    whole = start()
    train(whole, task, stage, **settings)

    def stop(epoch, loss, outcome):
        assert (outcome is None) == (stage.patience is None)
        if epoch == last:
            raise Interrupted

    settings["checkpoint"] = tmp_path / "b.pt"
    with pytest.raises(Interrupted):
        train(start(), task, stage, report=stop, **settings)
    seen = []
    again = start()
    train(again, task, stage, report=lambda epoch, *more: seen.append(epoch), **settings)
    assert seen == [*range(last + 1, 4)]
    for name, value in whole.state_dict().items():
        assert torch.equal(value, again.state_dict()[name]), name
    assert torch.equal(
        torch.as_tensor(whole.gru.threshold_h), torch.as_tensor(again.gru.threshold_h)
    )


def test_the_best_epoch_is_kept_and_ends_the_stage(monkeypatch):
    """Validation errors as given: the third epoch is the best, two more are waited for."""
    errors, states = iter([5.0, 3.0, 2.0, 4.0, 2.5, 9.0, 9.0]), []

    def scored(net, task, items):
        states.append({name: value.clone() for name, value in net.state_dict().items()})
        found = evaluate(net, task, items)
        return replace(found, score=replace(found.score, error=next(errors)))

    monkeypatch.setattr(loop, "evaluate", scored)
    net = fresh()
    train(net, Sums(), Stage(name="t", epochs=7, patience=2), seed=1)
    assert len(states) == 5
    assert all(torch.equal(value, states[2][name]) for name, value in net.state_dict().items())


def test_epochs_are_compared_at_the_thresholds_of_the_end(monkeypatch):
    seen = []

    def scored(net, task, items):
        seen.append((net.gru.threshold_x, net.gru.threshold_h))
        return evaluate(net, task, items)

    monkeypatch.setattr(loop, "evaluate", scored)
    stage = Stage(name="t", epochs=4, threshold_x=0.5, threshold_h=0.25, rise=0.5, patience=4)
    train(fresh(), Sums(), stage, seed=1)
    assert seen == [(0.5, 0.25)] * 4


def test_thresholds_rise_over_their_share_of_the_stage(monkeypatch):
    net, seen = fresh(), []
    forward = net.forward

    def watched(x):
        seen.append((net.gru.threshold_x, net.gru.threshold_h))
        return forward(x)

    monkeypatch.setattr(net, "forward", watched)
    stage = Stage(name="t", epochs=8, threshold_x=0.5, threshold_h=0.25, rise=0.5)
    train(net, Sums(), stage, seed=1)
    steps = [round(8 * x, 2) for x, _ in seen]
    assert steps == [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5] + [4] * 8
    assert all(h == pytest.approx(x / 2, abs=2**-13) for x, h in seen)


def test_every_layer_has_its_threshold_while_and_after_training(monkeypatch):
    torch.manual_seed(1)
    net, seen = Net(2, 16, 1, layers=2), []
    own = Net.set_thresholds
    monkeypatch.setattr(
        Net, "set_thresholds", lambda self, x, h: seen.append((x, h)) or own(self, x, h)
    )
    stage = Stage(name="t", epochs=2, threshold_x=0.5, threshold_h=(0.25, 0.125), rise=0.5)
    train(net, Sums(), stage, seed=1)
    assert seen[0] == seen[-1] == (0.5, [0.25, 0.125])
    assert seen[1] == (0.0, [0.0, 0.0])
    assert seen[2] == (0.25, [0.125, 0.0625])
    assert net.gru.threshold_h == (0.25, 0.125)
    assert net.linear.threshold_x == 0.125
    assert stage.thresholds(2.0) == (1.0, [0.5, 0.25])
    wrong = Stage(name="t", epochs=1, threshold_h=(0.1, 0.1, 0.1))
    with pytest.raises(ValueError, match="one per layer of 2, not 3"):
        train(net, Sums(), wrong, seed=1)


def test_dropout_is_of_the_linear_layer_while_training(monkeypatch):
    net = fresh()
    net.dropout = 0.5
    x = torch.randn(4, 50, 2)
    heard = []
    monkeypatch.setattr(net.linear, "of_sent", lambda sent: heard.append(sent) or sent[..., :1])
    net.train()(x)
    net.eval()(x)
    zeros = [float((one == 0).double().mean()) for one in heard]
    assert zeros[0] == pytest.approx(0.5, abs=0.05)
    assert zeros[1] == 0


@pytest.mark.parametrize(
    ("words", "text"),
    [({"rise": 1.0}, "rise of stage s must be 0 to below 1, not 1.0"),
     ({"dropout": -0.1}, "dropout of stage s"), ({"sparsity": 1.5}, "sparsity of stage s"),
     ({"epochs": -1}, "epochs of stage s must be 0 or more, not -1")],
)  # fmt: skip
def test_settings_out_of_range_are_refused(words, text):
    with pytest.raises(ValueError, match=text):
        Stage(**{"name": "s", "epochs": 1} | words)


def test_stops_at_a_gradient_that_is_not_finite():
    net = fresh()
    net.gru.weight_hh_l0.grad = torch.full((48, 16), torch.nan)
    with pytest.raises(NonFiniteGradient, match=r"weight_hh_l0 is not finite at .* step 7"):
        refuse_non_finite(net, 7)


def test_pruned_weights_stay_zero_and_are_not_fetched_from_sparse_columns():
    task, net = Sums(), fresh()
    stage = Stage(name="p", epochs=3, threshold_x=0.1, threshold_h=0.1, sparsity=0.5)
    train(net, task, stage, seed=1)
    for pair in net.weights:
        for weight in pair:
            assert torch.count_nonzero(weight) == weight.numel() - weight.numel() // 2
    work = evaluate(net, task, task.items("test")).work
    assert work.sparse < 0.6 * work.delta
    full = copy.deepcopy(net)
    with torch.no_grad():
        for pair in full.weights:
            for weight in pair:
                weight[weight == 0] = 1e-30
    other = evaluate(full, task, task.items("test")).work
    assert other.sparse == other.delta == work.delta


@pytest.mark.parametrize("layers", [1, 2])
def test_work_counts_the_columns_of_what_was_sent(layers):
    torch.manual_seed(1)
    net = Net(2, 16, 1, layers=layers)
    net.set_thresholds(0.4, 0.05)
    batch = pad(Sums().items("test")[:1])
    run = net(batch.x)
    work = net.work(run, batch.valid)
    sent_x = int(run.trace.layers[0].fired_x.sum())
    *hidden, last = (int(layer.fired_h.sum()) for layer in run.trace.layers)
    assert work.delta == work.sparse == sent_x * 48 + sum(hidden) * (48 + 48) + last * (48 + 1)
    assert work.dense == 9 * (48 * 2 + 48 * 16 + 16 + (layers - 1) * 48 * 32)
    assert (work.entries_x, work.entries_h) == (sent_x, sum(hidden) + last)
    assert work.reduction == work.reduction_sparse == work.dense / work.delta


def test_weights_that_are_zero_as_integers_are_not_fetched_from_sparse_columns():
    net = fresh()
    with torch.no_grad():
        net.gru.weight_ih_l0[:24] = 1e-5
    net.set_quantised(True)
    run = net(torch.full((1, 4, 2), 0.5))
    work = net.work(run, torch.ones(1, 4, dtype=torch.bool))
    left = 0
    for pair in net.gru.weights(0)[:2]:
        left += int(torch.count_nonzero(pair))
    assert left < 48 * 18 - 40
    assert work.sparse < work.delta


def test_batches_hold_every_sequence_once():
    items = Sums().items("test")
    batches = [pad(group) for group in shuffled(items, 4, np.random.default_rng(1))]
    for found in (batches, [batch for _, batch in in_order(items, 4)]):
        lengths = [length for batch in found for length in batch.lengths.tolist()]
        assert sorted(lengths) == sorted(len(item.x) for item in items)


@pytest.mark.parametrize("technique", techniques(Sums()), ids=lambda one: one.name)
def test_every_technique_trains(technique):
    net, task = fresh(), Sums()
    train(net, task, replace(technique, epochs=2), seed=1)
    assert evaluate(net, task, task.items("test")).score.error < 1
    assert all(value.isfinite().all() for value in net.state_dict().values())


HEADS = {
    "a step": lambda outputs, lengths: outputs[:, 7].square().sum(),
    "ctc": lambda outputs, lengths: ctc_loss(outputs, lengths, [[0], [1], [0]]),
    "mean": lambda outputs, lengths: decide(outputs, lengths, "mean")[:, 1].sum(),
    "last": lambda outputs, lengths: decide(outputs, lengths, "last")[:, 1].sum(),
}


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("quantised", [False, True])
@pytest.mark.parametrize("straight", [False, True])
def test_what_is_wanted_of_the_outputs_moves_silent_units(head, quantised, straight):
    """Of every layer, as the next one receives them too, by whatever reads the outputs."""
    torch.manual_seed(4)
    net = Net(2, 16, 3, layers=2)
    replace(SILENT, quantised=quantised, straight=straight).prepare(net)
    lengths = torch.tensor([12, 9, 11])
    run = net(torch.randint(-4096, 4096, (3, 12, 2)).to(net.linear.weight.dtype) / 4096)
    assert sum(int(layer.fired_h.sum()) for layer in run.trace.layers) == 0
    HEADS[head](run.outputs, lengths).backward()
    for name in ("bias_ih_l0", "bias_ih_l1", "weight_ih_l0"):
        of_units = getattr(net.gru, name).grad.reshape(3, 16, -1).abs().sum((0, 2))
        assert (of_units > 0).all(), name
