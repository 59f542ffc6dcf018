"""Damaged and deceitful files of every kind end in one sentence and status 2, or are read."""

import re
import shutil
import zlib
from pathlib import Path

import numpy as np
import pytest
from damage.mutation_seeds import write_seeds
from damage.mutations import mutated
from damage.workers import Worker

FEW, MANY, PARTS = 2_000, 50_000, 10
"""Files in every test run and in the nightly one, there in parts of another seed each."""

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]")


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


def places(folder, path, out):
    return {"file": path, "model": folder / "m.safetensors", "hearing": folder / "h.safetensors",
            "x": folder / "x.npy", "out": out}  # fmt: skip


def check(ended, what):
    """One sentence for what is refused, and nothing that moves a terminal's cursor."""
    assert not ended.escaped, f"{what}: {ended.escaped}"
    assert ended.status in (0, 1, 2), what
    assert not CONTROL.search(ended.out + ended.err), what
    if ended.status == 2:
        lines = ended.err.splitlines()
        assert lines, what
        assert all(line.startswith(("thresh: ", "note: ", "warning: ")) for line in lines), what
        assert lines[-1].startswith("thresh: "), what
        assert max(map(len, lines)) <= 310, what
        assert ended.out == "", what


def test_whole_files_are_read(seeds, worker, tmp_path):
    folder, commands = seeds
    for name, uses in commands.items():
        for command in uses:
            ended = worker.run(command, places(folder, folder / name, tmp_path / "out"))
            check(ended, (name, command))
            assert ended.status == 0, (name, command, ended.err)


def fuzz(seeds, worker, folder, count, seed):
    """So many changed files, the kinds in turn."""
    source, commands = seeds
    refused = 0
    cases = [(name, command) for name, uses in commands.items() for command in uses]
    for number in range(count):
        name, command = cases[number % len(cases)]
        random = np.random.default_rng([seed, number, zlib.crc32(name.encode())])
        path = folder / name
        path.write_bytes(mutated((source / name).read_bytes(), random))
        ended = worker.run(command, places(source, path, folder / "out"))
        if ended.escaped:
            path = Path(shutil.copy(path, folder / f"{number}-{name}"))
        check(ended, f"{path} of seed {seed} number {number}: {' '.join(command)}")
        refused += ended.status == 2
    return refused


def test_changed_files_end_in_one_sentence(seeds, worker, tmp_path):
    assert fuzz(seeds, worker, tmp_path, FEW, 1) > FEW / 2


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_many_changed_files_end_in_one_sentence(seeds, worker, tmp_path, part):
    assert fuzz(seeds, worker, tmp_path, MANY // PARTS, 2 + part) > MANY / PARTS / 2


def test_a_case_that_hangs_or_dies_is_said_and_the_next_one_runs(seeds, worker, monkeypatch):
    folder, _ = seeds
    monkeypatch.setattr("damage.workers.LIMIT", 0)
    ended = worker.run(("info", "{file}"), places(folder, folder / "m.safetensors", ""))
    assert ended.escaped == "it has not ended after 0 seconds"
    monkeypatch.undo()
    assert worker.run(("info", "{file}"), places(folder, folder / "m.safetensors", "")).status == 0
