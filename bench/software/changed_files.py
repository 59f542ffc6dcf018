"""Change files of every kind that is read, 50,000 of them, and count how the commands end.

The cases are those of the nightly tests; the first that ends otherwise than in one sentence stops
the measurement. A part whose readers are what they were is not run again.
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from bench.measurement import Measurement, Row
from bench.results import ROOT

sys.path.append(str(ROOT / "tests" / "support"))

from damage.fuzzer import fuzz
from damage.mutation_seeds import write_seeds
from damage.workers import Worker

FILES, PARTS = 50_000, 10

READERS = ("model/untrusted.py", "model/model_file.py", "layout/image.py", "data/*.py",
           "importers/**/*.py", "tests/support/damage/*.py")  # fmt: skip
"""What the result depends on."""

ENDINGS = {0: "read", 1: "unequal", 2: "refused"}


def measure(part: int, folder: Path) -> Iterable[Row]:
    """One part's files: by kind, how many were refused and read."""
    with tempfile.TemporaryDirectory() as made, Worker() as worker:
        seeds, changed = Path(made, "seeds"), Path(made, "changed")
        seeds.mkdir()
        changed.mkdir()
        found = list(fuzz((seeds, write_seeds(seeds)), worker, changed, FILES // PARTS, 2 + part))
    ends = Counter((Path(name).suffix, ENDINGS[ended.status]) for name, ended in found)
    kinds = sorted({kind for kind, _ in ends})
    yield {
        "files": len(found),
        "escaped": sum(bool(ended.escaped) for _, ended in found),
        "most_mebibytes": max(ended.mebibytes for _, ended in found),
        "kinds": {kind: {end: ends[kind, end] for end in ENDINGS.values()} for kind in kinds},
    }


def key(part: int, folder: Path) -> str:
    """Digest of every reader and of the fuzzer."""
    digest = sha256(str(part).encode())
    for pattern in READERS:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


MEASUREMENT = Measurement(
    about=__doc__,
    module="bench.software.changed_files",
    result="changed-files",
    cases={f"part-{part}": part for part in range(PARTS)},
    measure=measure,
    say=lambda row: f"{row['files']:,} files, none escaped, {row['most_mebibytes']} MiB at most",
    key=key,
)

if __name__ == "__main__":
    MEASUREMENT.run()
