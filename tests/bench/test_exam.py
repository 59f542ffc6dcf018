"""The bench that holds an exam: folds, the official split beside them, and what is refused."""

import json

import pytest


@pytest.fixture
def exam(torch, monkeypatch, tmp_path):
    """The bench, with a task of seconds."""
    from small_tasks import Small

    from bench.training import exam as module

    class Folded(Small):
        """Three folds, whose fold moves the inputs."""

        folds, allowance, around = 3, 1.0, (1.0,)

        def __init__(self, directory=None, fold=None):
            super().__init__(directory)
            self.fold = fold

        def items(self, split):
            items = super().items(split + ("" if self.fold is None else "x" * self.fold))
            for number, item in enumerate(items):
                object.__setattr__(item, "source", f"{split} {self.fold} {number}")
            return items

    monkeypatch.setattr(module, "TASKS", {"sums": Folded, "whole": Small})
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "RESULTS", tmp_path)
    monkeypatch.setattr("bench.results.RESULTS", tmp_path)
    return module


def test_folds_and_the_official_split_stand_beside_each_other(exam, tmp_path, capsys):
    exam.main(["sums", "--seeds", "1"])
    exam.main(["sums", "--seeds", "1", "--official"])
    found = json.loads((tmp_path / "exam-sums.json").read_text())
    assert found["task"] == "sums"
    assert (found["folds"]["folds"], found["official"]["folds"]) == ([0, 1, 2], [0])
    assert found["folds"]["sequences"] == 3 * found["official"]["sequences"]
    assert found["official"]["command"] == "python -m bench.training.exam sums --official"
    assert found["folds"]["verdict"] in (
        "negligible", "within the allowance", "not within the allowance"
    )  # fmt: skip
    assert "fold 2, seed 1, delta of a pair" in capsys.readouterr().out


def test_a_cluster_trains_the_pairs_of_every_fold(exam, tmp_path, monkeypatch):
    distributed = pytest.importorskip("distributed", reason="[explore] is not installed")
    from thresh.training.tasks import unit
    from thresh.training.trainer import loop

    monkeypatch.setattr(unit, "TASKS", exam.TASKS)
    unit._task.cache_clear()
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
    ) as cluster:
        exam.main(["sums", "--seeds", "1", "--scheduler", cluster.scheduler_address])
    unit._task.cache_clear()
    found = json.loads((tmp_path / "exam-sums.json").read_text())
    monkeypatch.setattr(loop, "_epoch", None)
    exam.main(["sums", "--seeds", "1"])
    assert json.loads((tmp_path / "exam-sums.json").read_text()) == found


def test_a_task_without_folds_is_refused(exam, capsys):
    with pytest.raises(SystemExit) as stopped:
        exam.main(["whole"])
    assert stopped.value.code == 2
    assert "has too little for folds: ask for --official" in capsys.readouterr().err
