"""A stack of four different kinds of layer: simulated on recordings, and routed.

The weights are random: what counts is that every integer agrees and that it fits. Results:
docs/results/mixed-stack.json.
"""

import json
import os
from typing import Any

import numpy as np

from bench.command import DATA, thresh
from bench.results import RESULTS, ROOT
from thresh.hw.known_boards import find_board
from thresh.model.arithmetic import pre_format
from thresh.model.cells import CELLS
from thresh.model.files import write_atomically
from thresh.model.model_file import load_network, save_network
from thresh.model.network import Layer, Network

from .cores import image_core
from .keys import circuit_key, key_of_netlist

MODEL = "build/bench/mixed.safetensors"
LAYERS = (("gru", 64), ("lstm", 48), ("rnn_tanh", 40), ("linear", 10))
BOARDS = ("icebreaker", "ulx3s-12f")
THRESHOLD = 0.1
SHIFT = 6
"""Right shift from accumulators to pre-activations."""


def mixed_network(seed: int = 1) -> Network:
    """Layers of `LAYERS` on the features, classes and decision of the shipped digits network."""
    digits = load_network(ROOT / "examples" / "digits-gru128.safetensors")
    random = np.random.default_rng(seed)
    bits = digits.value_bits
    layers: list[Layer] = []
    inputs, x_frac, threshold_x = digits.inputs, digits.layers[0].x_frac, 1 << 11
    for kind, units in LAYERS:
        cell = CELLS[kind]
        h_frac, frac = bits - cell.integer_bits, pre_format(bits).frac + SHIFT
        threshold_h = round(THRESHOLD * 2**h_frac)
        rows, hidden = (len(cell.gates), units), units if cell.recurrent else 0
        layers.append(
            Layer(
                kind=kind,
                weight_x=random.integers(-40, 41, (*rows, inputs)),
                weight_h=random.integers(-40, 41, (*rows, hidden)),
                bias=random.integers(-1 << 16, 1 << 16, (len(cell.passes), units)),
                x_frac=x_frac,
                weight_x_frac=frac - x_frac,
                weight_h_frac=frac - h_frac,
                threshold_x=threshold_x,
                threshold_h=threshold_h,
            )
        )
        inputs, x_frac, threshold_x = units, h_frac, threshold_h
    return Network(
        layers=tuple(layers), name="mixed", classes=digits.classes, decision=digits.decision,
        front_end=digits.front_end,
    )  # fmt: skip


def build(name: str) -> dict[str, Any]:
    """What ``thresh build`` says of the stack, with what it depends on."""
    folder = f"build/bench/mixed-{name}"
    said, _ = thresh("build", name, MODEL, "-o", folder)
    board, seeds = find_board(name), [int(seed) for seed in said["fmax_mhz"]]
    return said | {
        "key": circuit_key(board, image_core(name, mixed_network()), seeds),
        "netlist": key_of_netlist(board, ROOT / folder, seeds),
    }


def main() -> None:
    """Write the model file, simulate it, route it."""
    (ROOT / MODEL).parent.mkdir(parents=True, exist_ok=True)
    save_network(mixed_network(), ROOT / MODEL)
    where = (DATA, "--split", "test") if os.environ.get("THRESH_DATA") else ("examples",)
    rows = {
        "layers": [list(layer) for layer in LAYERS],
        "sim": thresh("sim", MODEL, *where, "--engine", "compiled")[0],
        "builds": [build(board) for board in BOARDS],
    }
    write_atomically(RESULTS / "mixed-stack.json", json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
