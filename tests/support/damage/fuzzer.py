"""Changed files of every kind, one after the other, and what none of them may do."""

import re
import zlib

import numpy as np

from .mutations import mutated

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]")

MOST_MEBIBYTES = 512
"""Memory that a case may take, beyond what its process has: the first one imports a framework."""


def places(folder, path, out):
    """What the words of a command stand for."""
    return {"file": path, "model": folder / "m.safetensors", "hearing": folder / "h.safetensors",
            "x": folder / "x.npy", "out": out}  # fmt: skip


def check(ended, what):
    """One sentence for what is refused, and nothing that moves a terminal's cursor."""
    assert not ended.escaped, f"{what}: {ended.escaped}"
    assert ended.status in (0, 1, 2), what
    assert ended.mebibytes <= MOST_MEBIBYTES, f"{what}: {ended.mebibytes} MiB"
    assert not CONTROL.search(ended.out + ended.err), what
    if ended.status == 2:
        lines = ended.err.splitlines()
        assert lines, what
        assert all(line.startswith(("thresh: ", "note: ", "warning: ")) for line in lines), what
        assert lines[-1].startswith("thresh: "), what
        assert max(map(len, lines)) <= 310, what
        assert ended.out == "", what


def fuzz(seeds, worker, folder, count, seed):
    """How so many changed files end, the kinds in turn: the name of each and `Ended`."""
    source, commands = seeds
    cases = [(name, command) for name, uses in commands.items() for command in uses]
    for number in range(count):
        name, command = cases[number % len(cases)]
        random = np.random.default_rng([seed, number, zlib.crc32(name.encode())])
        path = folder / name
        path.write_bytes(mutated((source / name).read_bytes(), random))
        ended = worker.run(command, places(source, path, folder / "out"))
        if ended.escaped:
            path = path.rename(folder / f"{number}-{name}")
        check(ended, f"{path} of seed {seed} number {number}: {' '.join(command)}")
        yield name, ended
