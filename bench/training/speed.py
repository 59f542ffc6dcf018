"""Measure the time loops of delta layers against each other and against PyTorch's own layers.

``python -m bench.training.speed`` writes docs/results/training-speed.json: forward and backward of
one layer of 128 units over 32 sequences of 300 frames of 40 values. Times are medians of runs that
take turns, in milliseconds: by the clock, and of the processor, which other processes disturb
less. ``load`` is how many processes ran on the machine.
"""

import os
import statistics
import time
from collections.abc import Callable

import torch

from bench.results import save
from thresh.training.layers.delta_recurrent import DeltaGRU, DeltaLSTM, DeltaRNN

RESULT = "training-speed"
INPUTS, UNITS, BATCH, FRAMES = 40, 128, 32, 300
LAYERS = {
    "gru": (DeltaGRU, torch.nn.GRU),
    "lstm": (DeltaLSTM, torch.nn.LSTM),
    "rnn": (DeltaRNN, torch.nn.RNN),
}
SETTINGS = {
    "no thresholds": {},
    "thresholds": {"threshold_x": 0.5, "threshold_h": 0.1},
    "quantised": {"threshold_x": 0.5, "threshold_h": 0.1},
}
CASES = [
    *(("gru", "float32", name, threads) for name in list(SETTINGS)[:2] for threads in (1, 2)),
    ("gru", "float64", "thresholds", 2),
    ("gru", "float64", "quantised", 2),
    ("lstm", "float32", "thresholds", 2),
    ("rnn", "float32", "thresholds", 2),
]
"""Kind, type, setting, threads."""


def inputs(batch: int, dtype: torch.dtype) -> torch.Tensor:
    """Slow walks on the grid of the inputs, shape (frames, batch, values)."""
    walk = torch.randn(FRAMES, batch, INPUTS, dtype=dtype).cumsum(0) * 0.15
    return (walk.clamp(-3.9, 3.9) * 4096).round() / 4096


def step(layer: torch.nn.Module, x: torch.Tensor) -> Callable[[], None]:
    """Forward and backward of a layer."""

    def run() -> None:
        layer.zero_grad()
        layer(x)[0].sum().backward()

    return run


def measure(kind: str, dtype: str, setting: str, threads: int, rounds: int) -> dict:
    """One row: medians and their ratios."""
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    ours, theirs = LAYERS[kind]
    real = getattr(torch, dtype)
    compiled, looped = (ours(INPUTS, UNITS, **SETTINGS[setting]).to(real) for _ in range(2))
    looped.load_state_dict(compiled.state_dict())
    looped.compiled = False
    compiled.quantised = looped.quantised = setting == "quantised"
    x = inputs(BATCH, real)
    runs = {
        "compiled": step(compiled, x),
        "pytorch_loop": step(looped, x),
        "plain_layer": step(theirs(INPUTS, UNITS).to(real), x),
    }
    wall: dict[str, list[float]] = {name: [] for name in runs}
    cpu: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(rounds + 1):
        for name, run in runs.items():
            start, busy = time.perf_counter(), time.process_time()
            run()
            if number:  # the first is for warming up
                wall[name].append(time.perf_counter() - start)
                cpu[name].append(time.process_time() - busy)
    clock, processor = (
        {name: 1000 * statistics.median(values) for name, values in times.items()}
        for times in (wall, cpu)
    )
    (work,) = compiled.statistics
    return {
        "kind": kind,
        "dtype": dtype,
        "setting": setting,
        "threads": threads,
        "load": round(os.getloadavg()[0], 1),
        "sparsity_x": round(work.sparsity_x, 3),
        "sparsity_h": round(work.sparsity_h, 3),
        **{f"{name}_ms": round(value, 1) for name, value in clock.items()},
        **{f"{name}_cpu_ms": round(value, 1) for name, value in processor.items()},
        "faster_than_pytorch_loop": round(clock["pytorch_loop"] / clock["compiled"], 2),
        "faster_than_plain_layer": round(clock["plain_layer"] / clock["compiled"], 2),
    }


def main(rounds: int = 9) -> None:
    """Measure every case and write the table."""
    rows = []
    for case in CASES:
        rows.append(measure(*case, rounds))
        print(rows[-1])
    content = {
        "command": "python -m bench.training.speed",
        "torch": torch.__version__,
        "processor": f"{os.cpu_count()} threads, {torch.backends.cpu.get_cpu_capability()}",
        "layer": {"inputs": INPUTS, "units": UNITS, "batch": BATCH, "frames": FRAMES},
        "rounds": rounds,
        "rows": rows,
    }
    save(RESULT, content)


if __name__ == "__main__":
    main()
