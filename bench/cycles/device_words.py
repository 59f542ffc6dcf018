"""When the words of the clips that ship are at their pins, in the simulated iCEBreaker device.

The device is powered up for each clip, with clocks of another phase, drift and start; the time
counts from the first bit that the microphone says. Results: docs/results/device-words.json.
"""

from collections.abc import Iterator
from pathlib import Path

from bench.measurement import Measurement, Row
from bench.results import ROOT
from thresh.device_pipeline import DevicePipeline

CASES = {"shipped": "digits-gru128-magnitude"}


def measure(case: str, folder: Path) -> Iterator[Row]:
    """A row for every clip, then one for all."""
    examples = ROOT / "examples"
    line = DevicePipeline(
        model=examples / f"{case}.safetensors", source=examples, folder=folder, board="icebreaker",
        kind="pdm", limit=None, seeds=(),
    )  # fmt: skip
    line.stages()
    for step in (line.lay_out, line.hear, line.run_golden, line.simulate):
        print(f"  {step(lambda done, total: None)}", flush=True)
    yield from rows(line.data)


def rows(data: dict) -> Iterator[Row]:
    """Rows of what a `DevicePipeline` found."""
    for clip in data["clips"]:
        yield {
            "name": clip["name"],
            "heard": clip["heard"],
            "seconds": [round(seconds, 5) for seconds in clip["seconds"]],
            "word_end": clip["word_end"],
            "pin_ms": None if clip["pin_ms"] is None else round(clip["pin_ms"], 2),
        }
    found = data["simulation"]
    measured = {
        name: None if found[name] is None else round(found[name], 4)
        for name in ("cycles_per_frame", "share_awake", "pin_ms", "frame_ms")
    }
    differences = len(found["differences"])
    yield {"name": "all", "integers": found["integers"], "differences": differences, **measured}


WORDS = Measurement(
    about=__doc__,
    module="bench.cycles.device_words",
    result="device-words",
    cases=CASES,
    measure=measure,
    say=lambda row: f"{row['name']}: {row['pin_ms']} ms",
)

if __name__ == "__main__":
    WORDS.run()
