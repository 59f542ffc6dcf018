"""Measure every published figure again: thresh commands, their JSON kept in docs/results."""

import json
import os
import sys

from bench.command import DATA, thresh
from bench.cycles import utilisation
from bench.hardware import clocks as hardware
from bench.hardware import fit_resources, logic
from bench.pages import figures
from bench.results import RESULTS, ROOT
from bench.software import estimate_time
from thresh.model.files import write_atomically

MODEL = "examples/digits-gru128.safetensors"

BENCHES = {
    "golden-clips": ["golden", MODEL, "examples"],
    "golden-fsdd": ["golden", MODEL, DATA, "--split", "test"],
    "sim-clips": ["sim", MODEL, "examples"],
    "sim-fsdd": ["sim", MODEL, DATA, "--split", "test", "--limit", "60"],
    "sim-fsdd-core": ["sim", MODEL, DATA, "--split", "test", "--engine", "compiled"],
}
"""Commands by result; DATA stands for the folder of FSDD."""


def measure(name: str, words: list[str]) -> bool:
    """Run one command and keep what it says; False when it says nothing, or its status is not 0."""
    if DATA in words and not os.environ.get("THRESH_DATA"):
        print(f"{name}: skipped, THRESH_DATA does not name the Free Spoken Digit Dataset")
        return True
    try:
        said, status = thresh(*words)
    except (SystemExit, ValueError) as error:
        print(f"{name}: {error}")
        return False
    said.pop("utterances", None)
    write_atomically(RESULTS / f"{name}.json", json.dumps(said, indent=2) + "\n")
    print(f"{name}: kept in {(RESULTS / name).relative_to(ROOT)}.json")
    return not status


def main() -> None:
    """Run the benches, or with ``--hardware`` those of the cores; options go to clocks.py."""
    good = True
    if "--hardware" in sys.argv[1:]:
        utilisation.MEASUREMENT.run([])
        hardware.main([word for word in sys.argv[1:] if word != "--hardware"])
        logic.main([])
        fit_resources.main()
    else:
        good = all([measure(name, words) for name, words in BENCHES.items()])
        estimate_time.MEASUREMENT.run([])
    figures.write()
    sys.exit(not good)


if __name__ == "__main__":
    main()
