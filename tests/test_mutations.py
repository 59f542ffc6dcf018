"""Damaged and deceitful files of every kind end in one sentence and status 2, or are read."""

import re
import shutil
import sys
import zlib

import numpy as np
import pytest
from damage.mutation_seeds import write_seeds
from damage.mutations import mutated

from thresh.cli.main import run
from thresh.model.text import shown
from thresh.training.user.settings import read_settings

FEW, MANY = 2_000, 50_000
"""Files in every test run and in the nightly one."""

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]")


@pytest.fixture(scope="module")
def seeds(tmp_path_factory):
    """The folder of whole files, and the commands that read each."""
    folder = tmp_path_factory.mktemp("seeds")
    return folder, write_seeds(folder)


def words(command, folder, path, out):
    places = {"file": path, "model": folder / "m.safetensors", "hearing": folder / "h.safetensors",
              "x": folder / "x.npy", "out": out}  # fmt: skip
    return [word.format(**places) for word in command]


def status_of(command, folder, path, out):
    """What a command, or a reader that no command has alone, ends with."""
    if command[0] != "settings":
        return run(words(command, folder, path, out))
    try:
        read_settings(path)
    except (ValueError, OSError) as error:
        print(f"thresh: {shown(error)}", file=sys.stderr)
        return 2
    return 0


def check(command, status, captured, what):
    """One sentence for what is refused, and nothing that moves a terminal's cursor."""
    assert status in (0, 1, 2), what
    assert not CONTROL.search(captured.out + captured.err), what
    if status == 2:
        lines = captured.err.splitlines()
        assert lines, what
        assert all(line.startswith(("thresh: ", "note: ", "warning: ")) for line in lines), what
        assert lines[-1].startswith("thresh: "), what
        assert max(map(len, lines)) <= 310, what
        assert captured.out == "", what


def test_whole_files_are_read(seeds, capsys, tmp_path):
    folder, commands = seeds
    for name, uses in commands.items():
        for command in uses:
            assert status_of(command, folder, folder / name, tmp_path / "out") == 0, (name, command)
            check(command, 0, capsys.readouterr(), (name, command))


def fuzz(seeds, capsys, folder, count, seed):
    """So many changed files, the kinds in turn."""
    source, commands = seeds
    refused = 0
    cases = [(name, command) for name, uses in commands.items() for command in uses]
    for number in range(count):
        name, command = cases[number % len(cases)]
        random = np.random.default_rng([seed, number, zlib.crc32(name.encode())])
        data = mutated((source / name).read_bytes(), random)
        path = folder / name
        path.write_bytes(data)
        what = f"{name} of seed {seed} number {number}: {' '.join(command)}"
        try:
            status = status_of(command, source, path, folder / "out")
        except BaseException as error:
            kept = folder / f"{number}-{name}"
            shutil.copy(path, kept)
            raise AssertionError(f"{what} raised {error!r}, see {kept}") from error
        check(command, status, capsys.readouterr(), what)
        refused += status == 2
    return refused


def test_changed_files_end_in_one_sentence(seeds, capsys, tmp_path):
    assert fuzz(seeds, capsys, tmp_path, FEW, 1) > FEW / 2


@pytest.mark.slow
def test_many_changed_files_end_in_one_sentence(seeds, capsys, tmp_path):
    assert fuzz(seeds, capsys, tmp_path, MANY, 2) > MANY / 2
