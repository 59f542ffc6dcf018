"""Build a PyTorch network that is larger than the chip, from its file to a bitstream.

The commands are those of docs/boards.md: import, sim and build. The weights are random, which
changes neither the accelerator nor its clocks.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bench.command import thresh
from bench.cycles.activity import echoing_network
from bench.cycles.sdram_network import INPUTS, LAYERS, UNITS
from bench.measurement import Measurement
from bench.results import ROOT
from thresh.gateware.accelerator import Accelerator
from thresh.hw.estimates.board_geometry import sdram_geometry
from thresh.hw.flow.board_accelerator import accelerator_of
from thresh.hw.known_boards import find_board
from thresh.layout.geometry import Geometry
from thresh.model.model_file import load_network
from thresh.model.network import Layer, Network

from .keys import circuit_key, key_of_netlist

BOARD = "ulx3s-85f"
RESULT = "streamed-build"
CASES: dict[str, tuple[str, ...]] = {"dense": (), "sparse": ("--sparse",)}
"""Options of the build beside where columns lie."""
ZEROS = {"dense": 0.0, "sparse": 0.9}
"""Share of the weights of the GRU that are set to zero, the smallest ones."""
SEEDS = (1, 2, 3)
"""Those of `thresh build` where nothing is said."""
SIMULATED = "integers_compared", "mismatches", "cycles_per_frame", "utilisation"
"""What is kept of the simulation."""
OUTPUTS, RECORDINGS, FRAMES = 10, 4, 8


def name_of(case: tuple[str, ...]) -> str:
    """The case's name."""
    return next(name for name, options in CASES.items() if options == case)


def geometry_of(case: tuple[str, ...]) -> Geometry:
    """Of the accelerator that holds such a network."""
    body = echoing_network(UNITS, LAYERS, INPUTS)
    head = Layer(
        kind="linear",
        weight_x=np.zeros((1, OUTPUTS, UNITS), int), weight_h=np.zeros((1, OUTPUTS, 0), int),
        bias=np.zeros((1, OUTPUTS), int), x_frac=14, weight_x_frac=6, weight_h_frac=0,
        threshold_x=body.layers[-1].threshold_h,
    )  # fmt: skip
    network = Network(layers=(*body.layers, head), name=body.name)
    return sdram_geometry(network, sparse="--sparse" in case)


def make_core(case: tuple[str, ...]) -> Accelerator:
    """The design for a board top."""
    return accelerator_of(find_board(BOARD), None, geometry_of(case))


def write_torch_file(folder: Path, zeros: float) -> None:
    """Write what a user has: a GRU with a head as ``large.pt``, and recordings, ``X.npy``."""
    import torch

    torch.manual_seed(1)
    gru = torch.nn.GRU(INPUTS, UNITS, LAYERS)
    for name, weights in gru.named_parameters():
        if zeros and name.startswith("weight"):
            smallest = weights.abs().flatten().kthvalue(round(zeros * weights.numel())).values
            weights.data[weights.abs() <= smallest] = 0
    parts = {"gru": gru, "out": torch.nn.Linear(UNITS, OUTPUTS)}
    torch.save(torch.nn.ModuleDict(parts).state_dict(), folder / "large.pt")
    random = np.random.default_rng(1)
    moves = random.normal(0, 0.2, (RECORDINGS, FRAMES, INPUTS))
    moves *= random.random(moves.shape) < 0.2
    np.save(folder / "X.npy", np.cumsum(moves, 1).astype("f4"))


def measure(case: tuple[str, ...], folder: Path) -> Iterator[dict[str, Any]]:
    """What the simulation and the build say."""
    name = name_of(case)
    folder = ROOT / "build" / "bench" / f"streamed-{name}"
    folder.mkdir(parents=True, exist_ok=True)
    write_torch_file(folder, ZEROS[name])
    columns = ("--columns", "sdram", *case)
    thresh("import", "large.pt", "-o", "large.safetensors", "--calibrate", "X.npy", folder=folder)
    network = load_network(folder / "large.safetensors")
    if sdram_geometry(network, sparse="--sparse" in case) != geometry_of(case):
        raise SystemExit("The network wants another accelerator than the one that is looked up")
    simulated, _ = thresh(
        "sim", "large.safetensors", "X.npy", "--limit", "1", "--board", BOARD, *columns,
        folder=folder,
    )  # fmt: skip
    built, _ = thresh(
        "build", BOARD, "large.safetensors", *columns,
        folder=folder, local=("-o", "routed"),
    )  # fmt: skip
    board = find_board(BOARD)
    yield {
        "board": BOARD,
        "weights": network.weights,
        "zeros": ZEROS[name],
        "simulated": {field: simulated[field] for field in SIMULATED},
        "built_by": built["command"],
        "netlist": key_of_netlist(board, folder / "routed", SEEDS),
        **{field: built[field] for field in ("clock_mhz", "fmax_mhz", "met", "utilization")},
    }


def say(row: dict[str, Any]) -> str:
    """A row in some words."""
    return f"{row['fmax_mhz']} MHz"


MEASUREMENT = Measurement(
    about=__doc__ or "", module="bench.hardware.sdram_build", result=RESULT, cases=CASES,
    measure=measure, say=say,
    key=lambda case, folder: circuit_key(find_board(BOARD), make_core(case), SEEDS),
)  # fmt: skip

if __name__ == "__main__":
    MEASUREMENT.run()
