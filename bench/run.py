"""Measure every published figure again: thresh commands, their JSON kept in docs/results."""

import json
import os
import subprocess
import sys
from pathlib import Path

import figures

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "docs" / "results"
MODEL = "examples/digits-gru128.safetensors"
BOARDS = ("icebreaker", "ulx3s-12f", "ulx3s-25f", "ulx3s-45f", "ulx3s-85f")

BENCHES = {
    "golden-clips": ["golden", MODEL, "examples"],
    "golden-fsdd": ["golden", MODEL, "DATA", "--split", "test"],
    "sim-clips": ["sim", MODEL, "examples"],
    "sim-fsdd": ["sim", MODEL, "DATA", "--split", "test", "--limit", "60"],
    "sim-fsdd-core": ["sim", MODEL, "DATA", "--split", "test", "--engine", "compiled"],
}
"""Commands by result; DATA stands for the folder of FSDD."""

HARDWARE = {f"build-{board}": ["build", board, MODEL] for board in BOARDS}


def measure(name: str, arguments: list[str], data: str | None) -> None:
    """Run one command and keep what it says."""
    if "DATA" in arguments and not data:
        print(f"{name}: skipped, THRESH_DATA does not name the Free Spoken Digit Dataset")
        return
    words = [data if word == "DATA" and data else word for word in arguments]
    thresh = Path(sys.executable).with_name("thresh")
    done = subprocess.run(
        [thresh, *words, "--json"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    result = json.loads(done.stdout)
    result.pop("utterances", None)
    kept = {"command": " ".join(["thresh", *arguments])} | result
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(kept, indent=2) + "\n")
    print(f"{name}: kept in {(RESULTS / name).relative_to(ROOT)}.json")


def main() -> None:
    """Run the benches, or with ``--hardware`` those that place and route."""
    benches = HARDWARE if "--hardware" in sys.argv[1:] else BENCHES
    for name, arguments in benches.items():
        measure(name, arguments, os.environ.get("THRESH_DATA"))
    figures.write()


if __name__ == "__main__":
    main()
