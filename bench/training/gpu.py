"""Measure delta layers on a GPU against PyTorch's own (cuDNN), and compare them with the CPU's.

``python -m bench.training.gpu [--device cuda]`` writes docs/results/training-gpu.json: forward and
backward of one layer of 128 units over sequences of 300 frames of 40 values, in milliseconds,
medians of runs that take turns. The loop is PyTorch's operations, launched one by one, or captured
once and replayed (``torch.cuda.make_graphed_callables``). A quantised layer must give the CPU's
integers; of the others the largest difference in float64 is kept. ``load`` is how many processes
ran on the machine.
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from bench.results import RESULTS
from thresh.model.files import write_atomically

from .speed import FRAMES, INPUTS, LAYERS, SETTINGS, UNITS, inputs, step

RESULT = RESULTS / "training-gpu.json"
CASES = [("gru", 32), ("gru", 1024), ("lstm", 32), ("rnn", 32)]
"""Kind, sequences side by side."""

THREADS = 4
"""Of the compiled loop on the CPU beside it."""


def median_ms(runs: dict[str, Callable[[], None]], rounds: int) -> dict[str, float]:
    """Of every run, taking turns; each ends when the device has done its work."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(rounds + 2):
        for name, run in runs.items():
            _wait()
            start = time.perf_counter()
            run()
            _wait()
            if number > 1:  # the first ones are for warming up
                times[name].append(1000 * (time.perf_counter() - start))
    return {name: statistics.median(values) for name, values in times.items()}


def _wait() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def measure(kind: str, batch: int, device: str, rounds: int) -> dict[str, Any]:
    """One row of times, float32 with thresholds."""
    torch.manual_seed(0)
    ours, theirs = LAYERS[kind]
    layer = ours(INPUTS, UNITS, **SETTINGS["thresholds"])
    other = ours(INPUTS, UNITS, **SETTINGS["thresholds"]).to(device)
    other.load_state_dict(layer.state_dict())
    plain = theirs(INPUTS, UNITS)
    x = inputs(batch, torch.float32)
    far = x.to(device)
    runs = {
        "compiled_on_cpu": step(layer, x),
        "pytorch_loop": step(other, far),
        "plain_layer": step(plain.to(device), far),
    }
    if device.startswith("cuda"):
        captured = ours(INPUTS, UNITS, **SETTINGS["thresholds"]).to(device)
        captured = torch.cuda.make_graphed_callables(captured, (far,))
        runs["captured_loop"] = step(captured, far)
    found = median_ms(runs, rounds)
    times = {f"{name}_ms": round(value, 2) for name, value in found.items()}
    return {"kind": kind, "batch": batch, **times}


def differences(kind: str, device: str) -> dict[str, Any]:
    """Outputs and gradients against the CPU's, in float64."""
    torch.manual_seed(1)
    ours, _ = LAYERS[kind]
    x = inputs(8, torch.float64)
    row: dict[str, Any] = {"kind": kind}
    for setting in ("thresholds", "quantised"):
        found = []
        weights = ours(INPUTS, UNITS, **SETTINGS[setting]).double().state_dict()
        for place in ("cpu", device):
            layer = ours(INPUTS, UNITS, **SETTINGS[setting]).double()
            layer.load_state_dict(weights)
            layer = layer.to(place)
            layer.quantised = setting == "quantised"
            given = x.detach().to(place, copy=True).requires_grad_()
            outputs = layer(given)[0]
            outputs.square().mean().backward()
            gradients = [given.grad, *(value.grad for value in layer.parameters())]
            found.append([outputs.detach().cpu(), *(value.cpu() for value in gradients)])
        (here, *own), (there, *far) = found
        gap = max(float((a - b).abs().max() / b.abs().max()) for a, b in zip(far, own, strict=True))
        row[setting] = {
            "outputs_equal": bool(torch.equal(here, there)),
            "outputs_most": float((here - there).abs().max()),
            "gradients_most_relative": gap,
        }
    return row


def main() -> None:
    """Measure every case and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--to", type=Path, default=RESULT)
    options = parser.parse_args()
    torch.set_num_threads(THREADS)
    on_gpu = options.device.startswith("cuda")
    content = {
        "command": "python -m bench.training.gpu",
        "torch": torch.__version__,
        "device": torch.cuda.get_device_name() if on_gpu else options.device,
        "threads": THREADS,
        "load": round(os.getloadavg()[0], 1),
        "layer": {"inputs": INPUTS, "units": UNITS, "frames": FRAMES},
        "equal": [differences(kind, options.device) for kind in LAYERS],
        "rows": [],
    }
    for case in CASES:
        content["rows"].append(measure(*case, options.device, options.rounds))
        print(content["rows"][-1], flush=True)
    write_atomically(options.to, json.dumps(content, indent=2) + "\n")


if __name__ == "__main__":
    main()
