"""Measure the time loops of delta layers against each other and against PyTorch's own layers.

``python bench/training_speed.py`` writes docs/results/training-speed.json: forward and backward of
one layer of 128 units over 32 sequences of 300 frames of 40 values; the median of runs that take
turns. ``load`` is what the machine was doing besides, in processes.
"""

import json
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch

from thresh.model.files import write_atomically
from thresh.training.delta_recurrent import DeltaGRU, DeltaLSTM, DeltaRNN

RESULT = Path(__file__).parent.parent / "docs" / "results" / "training-speed.json"
INPUTS, UNITS, BATCH, FRAMES = 40, 128, 32, 300
LAYERS = {
    "gru": (DeltaGRU, torch.nn.GRU),
    "lstm": (DeltaLSTM, torch.nn.LSTM),
    "rnn": (DeltaRNN, torch.nn.RNN),
}


def step(layer: torch.nn.Module, x: torch.Tensor) -> Callable[[], None]:
    """Forward and backward of a layer."""

    def run() -> None:
        layer.zero_grad()
        layer(x)[0].sum().backward()

    return run


def measure(kind: str, dtype: torch.dtype, threads: int, *, quantised: bool, rounds: int) -> dict:
    """Medians of one kind of layer, in milliseconds, and their ratios."""
    ours, theirs = LAYERS[kind]
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    compiled = ours(INPUTS, UNITS, threshold_x=0.3, threshold_h=0.1).to(dtype)
    looped = ours(INPUTS, UNITS, threshold_x=0.3, threshold_h=0.1).to(dtype)
    looped.compiled = False
    compiled.quantised = looped.quantised = quantised
    x = (torch.randn(FRAMES, BATCH, INPUTS, dtype=dtype).clamp(-3, 3) * 4096).round() / 4096
    runs = {
        "compiled_ms": step(compiled, x),
        "pytorch_loop_ms": step(looped, x),
        "plain_layer_ms": step(theirs(INPUTS, UNITS).to(dtype), x),
    }
    times: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(rounds + 1):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            if number:  # the first is for warming up
                times[name].append(1000 * (time.perf_counter() - start))
    medians = {name: round(statistics.median(values), 1) for name, values in times.items()}
    return {
        "kind": kind,
        "dtype": str(dtype).removeprefix("torch."),
        "quantised": quantised,
        "threads": threads,
        "load": round(os.getloadavg()[0], 1),
        **medians,
        "over_pytorch_loop": round(medians["pytorch_loop_ms"] / medians["compiled_ms"], 1),
        "over_plain_layer": round(medians["plain_layer_ms"] / medians["compiled_ms"], 2),
    }


def main(rounds: int = 9) -> None:
    """Measure every kind and write the table."""
    cases = [
        (kind, dtype, threads, False)
        for kind in LAYERS
        for dtype in (torch.float32, torch.float64)
        for threads in (1, 2)
    ]
    cases += [("gru", torch.float64, threads, True) for threads in (1, 2)]
    rows = []
    for kind, dtype, threads, quantised in cases:
        rows.append(measure(kind, dtype, threads, quantised=quantised, rounds=rounds))
        print(rows[-1])
    content = {
        "command": "python bench/training_speed.py",
        "torch": torch.__version__,
        "processor": torch.backends.cpu.get_cpu_capability(),
        "inputs": INPUTS,
        "units": UNITS,
        "batch": BATCH,
        "frames": FRAMES,
        "rounds": rounds,
        "rows": rows,
    }
    write_atomically(RESULT, json.dumps(content, indent=2) + "\n")


if __name__ == "__main__":
    main()
