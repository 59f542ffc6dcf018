"""Pairs trained alike, and the pieces that come of them."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from small_tasks import Small  # noqa: E402

from thresh.training.tasks import room as module  # noqa: E402
from thresh.training.tasks.room import Room, recipe_of, scaled  # noqa: E402
from thresh.training.tasks.techniques import TRIED, pair  # noqa: E402
from thresh.training.tasks.training import make_net  # noqa: E402
from thresh.training.trainer import loop  # noqa: E402
from thresh.training.trainer.scoring import evaluate  # noqa: E402


class Folded(Small):
    """Folds of the running mean, each of sequences of its own."""

    allowance, folds = 1.0, 3

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


STAGES = tuple(replace(stage, epochs=3, size=4) for stage in pair(Folded))


@pytest.fixture
def room(tmp_path):
    return Room(Folded, STAGES, (0.5, 1.0), tmp_path)


def test_a_pair_is_trained_alike(monkeypatch):
    control, delta = pair(Folded)
    alike = ("epochs", "rate", "size", "varied", "dropout", "draws", "decay", "rates")
    assert all(getattr(control, name) == getattr(delta, name) for name in alike)
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
    control, delta = pair(type("Classes", (Folded,), {"outputs": 3}))
    assert delta.distil > control.distil == 0


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


def test_the_test_is_of_integers(room, monkeypatch):
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


def test_an_interrupted_piece_goes_on(room, tmp_path):
    first = room.piece(None, 1)
    heard = []
    again = Room(Folded, STAGES, (0.5, 1.0), tmp_path, lambda *words: heard.append(words))
    second = again.piece(None, 1)
    assert heard == []
    assert (first.minutes is None, second.minutes is None) == (False, True)
    assert second == replace(first, minutes=None)


def test_a_recipe_is_all_that_is_asked_of_a_pair():
    control, delta = pair(Folded)
    known = recipe_of(Folded, (control, delta), TRIED)
    assert recipe_of(Folded(1), (control, delta), TRIED) == known
    others = {
        recipe_of(Folded, (control, replace(delta, rise=0.5)), TRIED),
        recipe_of(Folded, (control, delta), TRIED[1:]),
        recipe_of(type("Wider", (Folded,), {"units": 17}), (control, delta), TRIED),
        recipe_of(type("Longer", (Folded,), {"pretraining": 4}), (control, delta), TRIED),
    }
    assert len(others | {known}) == 5
