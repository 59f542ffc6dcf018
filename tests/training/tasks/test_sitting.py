"""An exam: pairs trained alike, thresholds chosen on validation, each sequence tested once."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from small_tasks import Small  # noqa: E402

from thresh.training.tasks import sitting  # noqa: E402
from thresh.training.tasks.sitting import Room, least_loss, sit  # noqa: E402
from thresh.training.tasks.techniques import pair  # noqa: E402
from thresh.training.trainer import loop  # noqa: E402


class Folded(Small):
    """Folds of the running mean, each of sequences of its own."""

    allowance, folds = 1.0, 3

    def __init__(self, fold):
        super().__init__()
        self.fold = fold

    def items(self, split):
        items = super().items(split)
        return [
            replace(item, x=item.x + self.fold, target=item.target + self.fold,
                    source=f"{split} {self.fold} {number % 2}")
            for number, item in enumerate(items)
        ]  # fmt: skip


@pytest.fixture
def room(tmp_path):
    stages = tuple(replace(stage, epochs=3, size=4) for stage in pair(Folded(0)))
    return Room(Folded, stages, tmp_path)


def test_a_pair_is_trained_alike(monkeypatch):
    control, delta = pair(Folded(0))
    alike = ("epochs", "rate", "size", "varied", "dropout", "draws", "decay", "rates")
    assert all(getattr(control, name) == getattr(delta, name) for name in alike)
    assert (control.threshold_x, control.threshold_h, control.activity_h) == (0, 0, 0)
    assert delta.threshold_h > 0
    seen = []
    monkeypatch.setattr(loop, "pad", lambda items, own=loop.pad: seen.append(items) or own(items))
    for stage in (control, delta):
        loop.train(sitting_net(), Folded(0), replace(stage, epochs=1), seed=1)
    half = len(seen) // 2
    for one, other in zip(seen[:half], seen[half:], strict=True):
        assert all(np.array_equal(a.x, b.x) for a, b in zip(one, other, strict=True))


def sitting_net():
    from thresh.training.tasks.training import make_net

    torch.manual_seed(2)
    return make_net(Small())


def test_everything_is_tested_once_for_every_seed(room):
    found = sit(room, folds=(0, 1, 2), seeds=(1, 2), scales=(0.5, 1.0))
    assert (found.verdict.sequences, found.verdict.clusters) == (3 * 2 * 6, 3 * 2)
    assert [point["scale"] for point in found.curve] == [0.5, 1.0]
    assert found.curve[1]["reduction"] > found.curve[0]["reduction"] > 1
    answer = found.to_dict()
    assert set(answer["reductions"]) == {"1", "2"}
    assert answer["reduction"] == pytest.approx(np.mean(list(answer["reductions"].values())), 0.3)
    assert answer["verdict"] == found.verdict.word


@pytest.mark.parametrize(("allowance", "scale"), [(100.0, 2.0), (-100.0, None)])
def test_the_largest_reduction_within_the_allowance_is_chosen(room, monkeypatch, allowance, scale):
    monkeypatch.setattr(Folded, "allowance", allowance)
    found = sit(room, folds=(0,), seeds=(1,), scales=(0.5, 1.0, 2.0))
    best = min(found.curve, key=lambda point: point["error"])["scale"]
    assert found.scale == (best if scale is None else scale)


def test_the_least_loss_is_chosen_at_the_wanted_reduction():
    curve = [
        {"reduction": 8.0, "loss": 0.3}, {"reduction": 10.0, "loss": 0.5},
        {"reduction": 12.0, "loss": 0.4}, {"reduction": 15.0, "loss": 0.6},
    ]  # fmt: skip
    assert least_loss(10.0)(curve)["reduction"] == 12.0
    assert least_loss(13.0)(curve)["reduction"] == 15.0
    assert least_loss(20.0)(curve)["reduction"] == 15.0


def test_what_chooses_a_scale_sees_the_losses_of_all(room):
    seen = []
    found = sit(
        room, folds=(0,), seeds=(1,), scales=(0.5, 1.0),
        choose=lambda curve: seen.append(curve) or curve[0],
    )  # fmt: skip
    assert found.scale == 0.5
    assert seen == [found.curve]
    assert all(point["loss"] == point["error"] > 0 for point in found.curve)


def test_an_interrupted_sitting_goes_on(room, tmp_path, monkeypatch):
    words = {"folds": (0, 1), "seeds": (1,), "scales": (1.0,)}
    whole = sit(room, **words)
    again = Room(Folded, room.pair, tmp_path)
    monkeypatch.setattr(sitting, "evaluate", lambda *words: pytest.fail("measured again"))
    trained = []
    monkeypatch.setattr(again, "report", lambda *words: trained.append(words))
    assert sit(again, **words) == whole
    assert trained == []
