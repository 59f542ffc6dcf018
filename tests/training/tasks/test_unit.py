"""Trainings as pieces of work: the same bytes wherever they are done, and gone on from."""

from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="the extra [train] is not installed")
torch.set_num_threads(1)

from small_tasks import Small  # noqa: E402

from thresh.training.tasks import unit as units  # noqa: E402
from thresh.training.tasks.table import TASKS  # noqa: E402
from thresh.training.tasks.techniques import techniques  # noqa: E402
from thresh.training.tasks.training import pretrain, refine  # noqa: E402
from thresh.training.tasks.unit import Unit, run_unit, train_units  # noqa: E402
from thresh.training.trainer import loop  # noqa: E402

DELTA = next(one for one in techniques(Small()) if one.threshold_h)
START = Unit(task="sums", data=None, seed=2, start="s.pt", checkpoint="s.pt")
AFTER = replace(START, stage=DELTA, checkpoint="pairs/d.pt")
LAST = replace(
    AFTER, stage=replace(DELTA, name="last", quantised=True), checkpoint="pairs/i.pt", before=AFTER
)
"""In integers, after that."""


@pytest.fixture(autouse=True)
def small(monkeypatch, tmp_path):
    """The task by its name, and temporary files of the test alone."""
    monkeypatch.setitem(TASKS, "sums", Small)
    units._task.cache_clear()
    monkeypatch.setattr(units.tempfile, "gettempdir", lambda: str(tmp_path / "temporary"))


def here(function, calls):
    return (function(*call) for call in calls)


def weights(path):
    return torch.load(path, weights_only=True)["net"]


def test_units_leave_what_a_training_here_leaves(tmp_path):
    done = list(train_units([LAST, AFTER, START], tmp_path / "units", here))
    assert [unit.checkpoint for unit in done] == ["s.pt", "pairs/d.pt", "pairs/i.pt"]
    own = tmp_path / "own"
    net = pretrain(Small(), seed=2, checkpoint=own / "s.pt")
    delta = refine(net, Small(), DELTA, seed=2, checkpoint=own / "pairs/d.pt")
    refine(delta, Small(), LAST.stage, seed=2, checkpoint=own / "pairs/i.pt")
    for name in ("s.pt", "pairs/d.pt", "pairs/i.pt"):
        found, wanted = weights(tmp_path / "units" / name), weights(own / name)
        assert found.keys() == wanted.keys()
        assert all(torch.equal(found[key], wanted[key]) for key in wanted)


def test_a_machine_without_the_folder_is_sent_the_start_and_gives_the_rest_back(tmp_path):
    folder = tmp_path / "units"

    def elsewhere(function, calls):
        return (function(*words, Path("/nowhere/units")) for *words, _ in calls)

    done = [unit.title for unit in train_units([START, AFTER, LAST], folder, elsewhere)]
    assert done == ["sums, seed 2, plain net", f"sums, seed 2, {DELTA.name}", "sums, seed 2, last"]
    there = tmp_path / "temporary" / "thresh-units" / "units"
    for name in ("pairs/d.pt", "pairs/i.pt"):
        assert (there / name).read_bytes() == (folder / name).read_bytes()


def test_a_unit_is_sent_all_that_it_goes_on_from(tmp_path):
    list(train_units([START, AFTER], tmp_path, here))
    sent = []

    def watched(function, calls):
        sent.extend(sorted(kept) for _, kept, _ in calls)
        return here(function, calls)

    list(train_units([LAST], tmp_path, watched))
    list(train_units([LAST, START], tmp_path, watched))
    assert sent == [["pairs/d.pt", "s.pt"], ["s.pt"], ["pairs/d.pt", "pairs/i.pt", "s.pt"]]


def test_an_interrupted_unit_goes_on_from_its_last_epoch(tmp_path, monkeypatch):
    trained, epoch = [], loop._epoch

    def counted(net, task, stage, *others):
        number = others[-2]
        trained.append((stage.name, number))
        if len(trained) == 2:
            raise KeyboardInterrupt
        return epoch(net, task, stage, *others)

    monkeypatch.setattr(loop, "_epoch", counted)
    with pytest.raises(KeyboardInterrupt):
        list(train_units([START, AFTER], tmp_path, here))
    list(train_units([START, AFTER], tmp_path, here))
    before = len(trained)
    list(train_units([START, AFTER], tmp_path, here))
    names = [name for name, _ in trained]
    assert [number for name, number in trained if name == "pretrained"] == [0, 1, 1, 2]
    assert (names.count(DELTA.name), len(trained)) == (DELTA.epochs, before)


def test_what_is_kept_here_is_gone_on_from_there(tmp_path):
    (tmp_path / "a").mkdir()
    run_unit(START, {}, tmp_path / "a")
    content = (tmp_path / "a" / "s.pt").read_bytes()
    name, found = run_unit(START, {"s.pt": content}, Path("/nowhere/b"))
    assert (name, found) == ("s.pt", content)
