"""Checkpoints: whose they are, what is none, and what they count."""

import math
from dataclasses import replace

import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from small_tasks import Sums  # noqa: E402

from thresh.training.tasks.training import make_net  # noqa: E402
from thresh.training.trainer import loop  # noqa: E402
from thresh.training.trainer.checkpoint import seconds_of  # noqa: E402
from thresh.training.trainer.loop import train  # noqa: E402
from thresh.training.trainer.stage import Stage  # noqa: E402


def fresh(seed: int = 1):
    torch.manual_seed(seed)
    return make_net(Sums())


class Interrupted(Exception):
    """Raised in place of a power cut."""


class Others(Sums):
    """The same task, but for one value of a sequence or of its target."""

    def __init__(self, split: str, part: str):
        self.changed = split, part

    def items(self, split):
        first, *others = super().items(split)
        changed, part = self.changed
        if split == changed:
            value = getattr(first, part).copy()
            value[-1] += 1
            first = replace(first, **{part: value})
        return [first, *others]


CHANGED = [(split, part) for split in ("train", "validation", "test") for part in ("x", "target")]


@pytest.mark.parametrize(
    "change",
    [
        {"stage": Stage(name="other", epochs=1)},
        {"stage": Stage(name="one", epochs=1, dropout=0.1)},
        {"seed": 2},
        {"net": 2},
        *({"task": Others(*place)} for place in CHANGED),
    ],
    ids=["name", "setting", "seed", "start", *map(" ".join, CHANGED)],
)
def test_checkpoint_of_another_training_is_not_used(tmp_path, change):
    seen = []
    own = {"stage": Stage(name="one", epochs=1), "seed": 1, "net": 1, "task": Sums()}
    for words in (own, own, own | change):
        train(
            fresh(words["net"]), words["task"], words["stage"], seed=words["seed"],
            checkpoint=tmp_path / "c.pt", report=lambda epoch, *more: seen.append(epoch),
        )  # fmt: skip
    assert seen == [0, 0]


def test_a_checkpoint_counts_the_seconds_of_all_its_epochs(tmp_path, monkeypatch):
    times = iter(range(100))
    monkeypatch.setattr(loop.time, "process_time", lambda: float(next(times)))
    path, stage = tmp_path / "c.pt", Stage(name="t", epochs=5)

    def stop(epoch, loss, outcome):
        if epoch == 2:
            raise Interrupted

    with pytest.raises(Interrupted):
        train(fresh(), Sums(), stage, seed=1, checkpoint=path, report=stop)
    assert seconds_of(path) == 3
    train(fresh(), Sums(), stage, seed=1, checkpoint=path)
    assert seconds_of(path) == 5
    saved = torch.load(path, weights_only=True)
    del saved["progress"]["seconds"]
    saved["progress"]["epochs"] = 4
    torch.save(saved, path)
    train(fresh(), Sums(), stage, seed=1, checkpoint=path)
    assert math.isnan(seconds_of(path))


@pytest.mark.parametrize("content", [b"", b"no archive", None])
def test_a_file_that_is_no_checkpoint_is_refused(tmp_path, content):
    path = tmp_path / "c.pt"
    torch.save({"epochs": 3}, path) if content is None else path.write_bytes(content)
    with pytest.raises(ValueError, match=r"c\.pt is not a checkpoint of a training: delete it"):
        train(fresh(), Sums(), Stage(name="t", epochs=1), seed=1, checkpoint=path)
