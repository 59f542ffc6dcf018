"""An exam of seconds."""

from dataclasses import replace

import pytest


@pytest.fixture
def exam(torch, monkeypatch, tmp_path):
    """The bench, with a task of seconds."""
    from small_tasks import Small

    from bench.pages import exam as page
    from bench.training import exam as module
    from thresh.training.trainer.pairing import Pairing

    class Folded(Small):
        """Three folds, whose fold moves the inputs."""

        outputs, folds, allowance = 3, 3, 1.0
        wanted, wanted_sparse = 4.0, 12.5
        sparse_pairing = Pairing(zeros=0.75)

        def __init__(self, directory=None, fold=None):
            super().__init__(directory)
            self.fold = fold

        def items(self, split):
            items = super().items(split + ("" if self.fold is None else "x" * self.fold))
            for number, item in enumerate(items):
                object.__setattr__(item, "source", f"{split} {self.fold} {number}")
            return items

    def short(task, sparse=False, own=module.pair):
        return tuple(replace(stage, epochs=2, size=4) for stage in own(task, sparse))

    for one in (module, page):
        monkeypatch.setattr(one, "TASKS", {"sums": Folded, "whole": Small})
        monkeypatch.setattr(one, "TRIED", (0.7, 1.0))
        monkeypatch.setattr(one, "pair", short)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr("bench.results.RESULTS", tmp_path)
    return module


@pytest.fixture
def one_pair(exam, monkeypatch, tmp_path):
    """The benches that measure one pair of it."""
    from bench.training import one_pair as module

    for name, value in (("TASKS", exam.TASKS), ("ROOT", tmp_path)):
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(module.training_page, "write", lambda: None)
