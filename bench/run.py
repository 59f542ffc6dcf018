"""Measure every published figure again: thresh commands, their JSON kept in docs/results."""

import json
import os
import subprocess
import sys
from pathlib import Path

from bench.cycles import utilisation
from bench.hardware import clocks as hardware
from bench.hardware import fit_resources, logic
from bench.pages import figures
from bench.results import RESULTS, ROOT
from bench.software import estimate_time

MODEL = "examples/digits-gru128.safetensors"

BENCHES = {
    "golden-clips": ["golden", MODEL, "examples"],
    "golden-fsdd": ["golden", MODEL, "DATA", "--split", "test"],
    "sim-clips": ["sim", MODEL, "examples"],
    "sim-fsdd": ["sim", MODEL, "DATA", "--split", "test", "--limit", "60"],
    "sim-fsdd-core": ["sim", MODEL, "DATA", "--split", "test", "--engine", "compiled"],
}
"""Commands by result; DATA stands for the folder of FSDD."""


def measure(name: str, arguments: list[str], data: str | None) -> bool:
    """Run one command and keep what it says; False when it says nothing."""
    if "DATA" in arguments and not data:
        print(f"{name}: skipped, THRESH_DATA does not name the Free Spoken Digit Dataset")
        return True
    words = [data if word == "DATA" and data else word for word in arguments]
    thresh = Path(sys.executable).with_name("thresh")
    done = subprocess.run(
        [thresh, *words, "--json"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False
    )
    if not done.stdout:
        print(f"{name}: failed with status {done.returncode}")
        return False
    result = json.loads(done.stdout)
    result.pop("utterances", None)
    kept = {"command": " ".join(["thresh", *arguments])} | result
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(kept, indent=2) + "\n")
    print(f"{name}: kept in {(RESULTS / name).relative_to(ROOT)}.json")
    return done.returncode == 0


def main() -> None:
    """Run the benches, or with ``--hardware`` those of the cores; options go to clocks.py."""
    good = True
    if "--hardware" in sys.argv[1:]:
        utilisation.MEASUREMENT.run([])
        hardware.main([word for word in sys.argv[1:] if word != "--hardware"])
        logic.main([])
        fit_resources.main()
    else:
        data = os.environ.get("THRESH_DATA")
        good = all([measure(name, arguments, data) for name, arguments in BENCHES.items()])
        estimate_time.MEASUREMENT.run([])
    figures.write()
    sys.exit(not good)


if __name__ == "__main__":
    main()
