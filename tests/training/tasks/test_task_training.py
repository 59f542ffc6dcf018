"""Training of the tasks: resumed, pruned, annealed, counted."""

import copy

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from small_tasks import Sums  # noqa: E402

from thresh.training.sequences import in_order, pad, shuffled  # noqa: E402
from thresh.training.tasks.task_recipes import techniques  # noqa: E402
from thresh.training.tasks.task_training import (  # noqa: E402
    Technique,
    evaluate,
    make_net,
    prune,
    train,
)


def fresh(seed: int = 1):
    torch.manual_seed(seed)
    return make_net(Sums())


def test_interrupted_training_ends_as_uninterrupted_training_does(tmp_path):
    settings = {"seed": 1, "checkpoint": tmp_path / "a.pt"}
    whole, technique = fresh(), Technique(name="t", threshold_x=0.1, threshold_h=0.1, activity=0.1)
    train(whole, Sums(), technique, 4, **settings)

    class Interrupted(Exception):
        pass

    def stop(epoch, loss):
        if epoch == 1:
            raise Interrupted

    settings["checkpoint"] = tmp_path / "b.pt"
    with pytest.raises(Interrupted):
        train(fresh(), Sums(), technique, 4, report=stop, **settings)
    seen = []
    again = fresh()
    train(again, Sums(), technique, 4, report=lambda epoch, loss: seen.append(epoch), **settings)
    assert seen == [2, 3]
    for name, value in whole.state_dict().items():
        assert torch.equal(value, again.state_dict()[name]), name


def test_another_technique_does_not_resume_from_a_checkpoint(tmp_path):
    seen = []
    for name in ("one", "other"):
        train(
            fresh(), Sums(), Technique(name=name), 1, seed=1, checkpoint=tmp_path / "c.pt",
            report=lambda epoch, loss: seen.append(epoch),
        )  # fmt: skip
    assert seen == [0, 0]


def test_pruned_weights_stay_zero_and_are_not_fetched(tmp_path):
    task, net = Sums(), fresh()
    technique = Technique(name="p", threshold_x=0.1, threshold_h=0.1, sparsity=0.5)
    train(net, task, technique, 3, seed=1, checkpoint=tmp_path / "p.pt")
    for pair in net.weights:
        for weight in pair:
            assert torch.count_nonzero(weight) == weight.numel() - weight.numel() // 2
    sparse = evaluate(net, task, task.items("test")).work
    full = copy.deepcopy(net)
    prune(full, 0.0)
    with torch.no_grad():
        for pair in full.weights:
            for weight in pair:
                weight[weight == 0] = 1e-30
    dense = evaluate(full, task, task.items("test")).work
    assert (sparse.entries_x, sparse.entries_h) == (dense.entries_x, dense.entries_h)
    assert sparse.delta < 0.6 * dense.delta


def test_work_counts_the_columns_of_what_was_sent():
    task, net = Sums(), fresh()
    net.set_thresholds(0.4, 0.05)
    batch = pad(task.items("test")[:1])
    run = net(batch.x)
    work = net.work(run, batch.valid)
    layer = run.trace.layers[0]
    sent_x, sent_h = int(layer.fired_x.sum()), int(layer.fired_h.sum())
    assert work.delta == sent_x * 48 + sent_h * (48 + 1)
    assert work.dense == 9 * (48 * 2 + 48 * 16 + 16)


def test_batches_hold_every_sequence_once():
    items = Sums().items("test")
    for found in (shuffled(items, 4, np.random.default_rng(1)), (b for _, b in in_order(items, 4))):
        lengths = [length for batch in found for length in batch.lengths.tolist()]
        assert sorted(lengths) == sorted(len(item.x) for item in items)


@pytest.mark.parametrize("technique", techniques(Sums()), ids=lambda one: one.name)
def test_every_technique_trains(technique, tmp_path):
    net, task = fresh(), Sums()
    if technique.learned:
        net.set_thresholds(0.1, 0.1)
        net.gru.learn_thresholds(per_neuron=True)
    train(net, task, technique, 2, seed=1, checkpoint=tmp_path / "t.pt")
    assert evaluate(net, task, task.items("test")).score.error < 1
    assert all(value.isfinite().all() for value in net.state_dict().values())
