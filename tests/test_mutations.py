"""Damaged and deceitful files of every kind end in one sentence and status 2, or are read."""

import pytest
from damage.fuzzer import check, fuzz, places
from damage.mutation_seeds import write_seeds
from damage.workers import Worker

FEW, MANY, PARTS = 2_000, 50_000, 10
"""Files in every test run and in the nightly one, there in parts of another seed each."""


@pytest.fixture(scope="module")
def seeds(tmp_path_factory):
    """The folder of whole files, and the commands that read each."""
    folder = tmp_path_factory.mktemp("seeds")
    return folder, write_seeds(folder)


@pytest.fixture
def worker():
    """A process in which commands run for so long and no longer."""
    with Worker() as started:
        yield started


def test_whole_files_are_read(seeds, worker, tmp_path):
    folder, commands = seeds
    for name, uses in commands.items():
        for command in uses:
            ended = worker.run(command, places(folder, folder / name, tmp_path / "out"))
            check(ended, (name, command))
            assert ended.status == 0, (name, command, ended.err)


def refused(found):
    """How many were."""
    return sum(ended.status == 2 for _, ended in found)


def test_changed_files_end_in_one_sentence(seeds, worker, tmp_path):
    assert refused(fuzz(seeds, worker, tmp_path, FEW, 1)) > FEW / 2


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_many_changed_files_end_in_one_sentence(seeds, worker, tmp_path, part):
    found = fuzz(seeds, worker, tmp_path, MANY // PARTS, 2 + part)
    assert refused(found) > MANY / PARTS / 2


def test_a_case_that_hangs_or_dies_is_said_and_the_next_one_runs(seeds, worker, monkeypatch):
    folder, _ = seeds
    monkeypatch.setattr("damage.workers.LIMIT", 0)
    ended = worker.run(("info", "{file}"), places(folder, folder / "m.safetensors", ""))
    assert ended.escaped == "it has not ended after 0 seconds"
    monkeypatch.undo()
    assert worker.run(("info", "{file}"), places(folder, folder / "m.safetensors", "")).status == 0
