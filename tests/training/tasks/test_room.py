"""Pairs trained alike, and the pieces that come of them."""

import math
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from small_tasks import Small  # noqa: E402

from thresh.sim.golden import GoldenModel  # noqa: E402
from thresh.training.tasks import room as module  # noqa: E402
from thresh.training.tasks.integers import in_integers  # noqa: E402
from thresh.training.tasks.room import START, Room, files_of, recipe_of, scaled  # noqa: E402
from thresh.training.tasks.techniques import TRIED, pair  # noqa: E402
from thresh.training.tasks.training import make_net, pretrain, refine  # noqa: E402
from thresh.training.trainer import loop  # noqa: E402
from thresh.training.trainer.pairing import Pairing  # noqa: E402
from thresh.training.trainer.scoring import evaluate, outputs_of  # noqa: E402


class Folded(Small):
    """Folds of the running mean, each of sequences of its own."""

    allowance, folds = 1.0, 3
    sparse_pairing = Pairing(zeros=0.75)

    def __init__(self, fold):
        super().__init__()
        self.fold = fold or 0

    def items(self, split):
        items = super().items(split)
        return [
            replace(item, x=item.x + self.fold, target=item.target + self.fold,
                    source=f"{split} {self.fold} {number % 2}")
            for number, item in enumerate(items)
        ]  # fmt: skip


*STAGES, LAST = (replace(stage, epochs=3, size=4) for stage in pair(Folded))


@pytest.fixture
def room(tmp_path):
    return Room(Folded, STAGES, (0.5, 1.0), tmp_path)


def test_a_pair_is_trained_alike(monkeypatch):
    control, delta, integers = pair(Folded)
    alike = ("size", "varied", "dropout", "draws", "decay", "rates")
    for other in (delta, integers):
        assert all(getattr(control, name) == getattr(other, name) for name in alike)
    assert control.rate == delta.rate
    assert control.epochs == delta.epochs + integers.epochs
    assert (control.quantised, delta.quantised, integers.quantised) == (False, False, True)
    assert integers.thresholds() == delta.thresholds()
    assert (control.threshold_x, control.threshold_h, control.activity_h) == (0, 0, 0)
    assert delta.threshold_h > 0
    seen = []
    monkeypatch.setattr(loop, "pad", lambda items, own=loop.pad: seen.append(items) or own(items))
    for stage in (control, delta):
        torch.manual_seed(2)
        loop.train(make_net(Small()), Folded(0), replace(stage, epochs=1), seed=1)
    half = len(seen) // 2
    for one, other in zip(seen[:half], seen[half:], strict=True):
        assert all(np.array_equal(a.x, b.x) for a, b in zip(one, other, strict=True))


def test_what_has_classes_follows_the_plain_network():
    assert pair(Folded)[1].distil == 0
    control, delta, integers = pair(type("Classes", (Folded,), {"outputs": 3}))
    assert delta.distil == integers.distil > control.distil == 0


def test_settings_are_of_the_task():
    own = Pairing(
        epochs=20, integers=5, rate=3e-3, last_rate=1e-3, size=16, varied=True, dropout=0.1,
        thresholds=(0.6, 0.3), noise=0.5, activity_h=2.0, follows=10.0,
    )  # fmt: skip
    found = pair(type("Own", (Folded,), {"outputs": 3, "pairing": own}))
    assert [stage.epochs for stage in found] == [20, 15, 5]
    assert [stage.rate for stage in found] == [3e-3, 3e-3, 1e-3]
    assert {(stage.size, stage.varied, stage.dropout) for stage in found} == {(16, True, 0.1)}
    assert [stage.noise for stage in found[:2]] == [(0, 0), (0.3, 0.15)]
    for stage in found[1:]:
        assert (stage.thresholds(), stage.distil) == ((0.6, 0.3), 10.0)
        assert stage.activity_h == 2
    none = pair(type("None", (Folded,), {"pairing": replace(own, integers=0)}))
    assert [(stage.epochs, stage.quantised) for stage in none] == [(20, False)] * 2
    assert pair(Folded)[1].thresholds() == pytest.approx((0.075, 0.0775))


def test_weights_vanish_in_the_delta_network_of_a_sparse_pair_alone():
    dense, sparse = pair(Folded), pair(Folded, sparse=True)
    assert [stage.sparsity for stage in sparse] == [0, 0.75, 0.75]
    assert sparse == (dense[0], *(replace(one, sparsity=0.75) for one in dense[1:]))
    assert set(files_of(dense)) & set(files_of(sparse)) == {files_of(dense)[0]}
    other = replace(dense[0], rate=0.5)
    assert not set(files_of(dense)) & set(files_of((other, *sparse[1:])))
    with pytest.raises(ValueError, match="sums has no pair with sparse columns"):
        pair(Small, sparse=True)


def test_zeros_stay_while_the_last_stage_is_in_integers(tmp_path):
    stages = [replace(stage, epochs=2, size=4) for stage in pair(Folded, sparse=True)]
    floats = Room(Folded, stages[:2], (1.0,), tmp_path).trained(Folded(0), 0, 1)[1]
    integers = Room(Folded, stages, (1.0,), tmp_path).trained(Folded(0), 0, 1)[1]
    for before, after in zip(floats.gru.parameters(), integers.gru.parameters(), strict=True):
        assert torch.equal(after[before == 0], before[before == 0])


def test_a_piece_is_what_the_networks_do(room):
    piece = room.piece(1, 2)
    task = Folded(1)
    control, delta = room.trained(task, 1, 2)
    plain = evaluate(control, task, task.items("validation"))
    outcome = evaluate(scaled(delta, STAGES[1], 0.5), task, task.items("validation"))
    side = piece.validation
    assert side.sequences == {"validation 1 0": 3, "validation 1 1": 3}
    assert np.allclose(sum(map(np.array, side.control.values())), plain.tallies.sum(axis=0))
    assert np.allclose(side.delta[0.5]["validation 1 0"], outcome.tallies[::2].sum(axis=0))
    assert side.work[0.5] == outcome.work
    assert side.work[0.5].reduction < side.work[1.0].reduction
    assert (piece.fold, piece.seed, piece.material) == (1, 2, task.digest)
    assert piece.minutes is not None


def test_the_test_is_of_integers(room, tmp_path, monkeypatch):
    seen = []
    own = evaluate
    monkeypatch.setattr(
        module, "evaluate",
        lambda net, task, items: seen.append((items[0].source, net.quantised))
        or own(net, task, items),
    )  # fmt: skip
    room.piece(0, 1)
    kinds = {(source.split()[0], quantised) for source, quantised in seen}
    assert kinds == {("validation", False), ("test", False), ("test", True)}
    assert seen.count(("test 0 0", True)) == 2
    assert seen.count(("test 0 0", False)) == 1
    seen.clear()
    Room(Folded, (*STAGES, LAST), (0.5, 1.0), tmp_path).piece(0, 1)
    assert seen.count(("validation 0 0", True)) == seen.count(("test 0 0", True)) == 2


def test_a_last_stage_is_trained_in_integers_from_what_the_delta_network_has_learned(tmp_path):
    task = Folded(0)
    before = Room(Folded, STAGES, (1.0,), tmp_path).trained(task, 0, 1)
    none = replace(LAST, epochs=0)
    after = Room(Folded, (*STAGES, none), (1.0,), tmp_path / "none").trained(task, 0, 1)
    _, exact = in_integers(before[1], task)
    items = task.items("test")
    assert after[1].quantised
    for one, other in zip(outputs_of(after[1], items), outputs_of(exact, items), strict=True):
        np.testing.assert_array_equal(one, other)
    weights = before[1].gru.weight_hh_l0
    assert torch.equal(after[1].gru.weight_hh_l0, weights.double())
    assert not torch.equal(exact.gru.weight_hh_l0, weights.double())
    room = Room(Folded, (*STAGES, LAST), (1.0,), tmp_path)
    control, delta = room.trained(task, 0, 1)
    assert torch.equal(control.gru.weight_hh_l0, before[0].gru.weight_hh_l0)
    assert not torch.equal(delta.gru.weight_hh_l0, weights.double())
    piece, heard = room.piece(0, 1), []
    again = Room(Folded, (*STAGES, LAST), (1.0,), tmp_path, lambda *words: heard.append(words))
    assert replace(again.piece(0, 1), minutes=0) == replace(piece, minutes=0)
    assert heard == []
    golden = GoldenModel(in_integers(delta, task)[0])
    frac = golden.network.layers[0].x_frac
    (item, *_), (found, *_) = items, outputs_of(delta, items)
    run = golden.run(np.rint(item.x[None] * 2.0**frac).astype(np.int64))
    np.testing.assert_array_equal(found * 2.0**11, run.outputs[0])


class Classes(Folded):
    """Three outputs, of which one counts."""

    outputs = 3


def test_the_delta_network_follows_the_control(tmp_path):
    task, home = Classes(0), tmp_path / "fold0-seed1"
    stages = tuple(replace(stage, epochs=2, size=4) for stage in pair(Classes))
    control, delta = Room(Classes, stages, (1.0,), tmp_path).trained(task, 0, 1)
    start = pretrain(task, seed=1, checkpoint=home / START)
    found = start
    for name, stage in zip(("d.pt", "i.pt"), stages[1:], strict=True):
        found = refine(found, task, stage, seed=1, checkpoint=tmp_path / name, teacher=control)
    assert torch.equal(found.linear.weight, delta.linear.weight)
    other = refine(start, task, stages[1], seed=1, checkpoint=tmp_path / "o.pt")
    followed = refine(start, task, stages[1], seed=1, checkpoint=tmp_path / "d.pt", teacher=control)
    assert not torch.equal(other.linear.weight, followed.linear.weight)


def test_an_interrupted_piece_goes_on(room, tmp_path):
    first = room.piece(None, 1)
    heard = []
    again = Room(Folded, STAGES, (0.5, 1.0), tmp_path, lambda *words: heard.append(words))
    second = again.piece(None, 1)
    assert heard == []
    assert first.minutes is not None
    assert second == replace(first, minutes=second.minutes)


def test_a_piece_takes_all_that_its_networks_took(room, tmp_path, monkeypatch):
    room.piece(None, 1)
    control, delta = files_of(STAGES)
    seconds = {START: 60.0, control: 120.0, delta: 180.0}
    monkeypatch.setattr(module.time, "process_time", lambda: 0.0)
    monkeypatch.setattr(module, "seconds_of", lambda path: seconds[path.name])
    assert room.piece(None, 1).minutes == 6.0
    seconds[delta] = math.nan
    assert room.piece(None, 1).minutes is None


def test_a_recipe_is_all_that_is_asked_of_a_pair():
    control, delta, integers = pair(Folded)
    known = recipe_of(Folded, (control, delta), TRIED)
    assert recipe_of(Folded(1), (control, delta), TRIED) == known
    others = {
        recipe_of(Folded, (control, replace(delta, rise=0.5)), TRIED),
        recipe_of(Folded, (control, delta), TRIED[1:]),
        recipe_of(Folded, (control, delta, integers), TRIED),
        recipe_of(type("Wider", (Folded,), {"units": 17}), (control, delta), TRIED),
        recipe_of(type("Longer", (Folded,), {"pretraining": 4}), (control, delta), TRIED),
    }
    assert len(others | {known}) == 6
