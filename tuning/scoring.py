"""One point of a search: the golden model's error, work and cycles with some thresholds."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

import numpy as np

from thresh.data.inputs import Sequence as Input
from thresh.hw.board import Board
from thresh.hw.estimates.cycles import core_timing
from thresh.hw.estimates.fit import board_geometry_for, estimate_fit
from thresh.hw.families import FAMILIES
from thresh.hw.known_boards import BOARDS, board_of
from thresh.layout.geometry import Geometry
from thresh.layout.placement import measure
from thresh.model.decision import class_names, decide_classes, edit_distance, parted
from thresh.model.model_file import description_of, tensors_of
from thresh.model.network import Network
from thresh.performance.activity import measured_steps
from thresh.performance.cycles import CycleModel, Lists
from thresh.performance.timing import Timing
from thresh.sim.golden_runs import GoldenRun, run_golden, total_work

from .thresholds import Point, network_at, point_of


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What every point of a search is measured on.

    Parameters
    ----------
    network : Network
    inputs : tuple of `thresh.data.inputs.Sequence`
    wanted : tuple
        Per sequence: class numbers, or outputs of shape (outputs,) or (frames, outputs).
    boards : tuple of Board
        Boards whose cycles are predicted.
    """

    network: Network
    inputs: tuple[Input, ...]
    wanted: tuple[Any, ...]
    boards: tuple[Board, ...]

    @property
    def unit(self) -> str:
        """Of the error: ``"%"`` or ``"rms"``."""
        return "rms" if self.network.decision == "none" else "%"

    @property
    def digest(self) -> str:
        """Changes with all that a point's figures depend on, but for the thresholds."""
        network = network_at(self.network, (0,) * len(point_of(self.network)))
        value = hashlib.sha256(description_of(replace(network, notes={}, name="")).encode())
        arrays = [*tensors_of(network).values(), *(item.x for item in self.inputs)]
        for array in arrays + [np.asarray(wanted) for wanted in self.wanted]:
            value.update(repr((array.shape, array.dtype)).encode())
            value.update(np.ascontiguousarray(array).tobytes())
        boards = [(board, _timing(network, board)) for board in self.boards]
        value.update(repr((version("thresh-hdl"), boards)).encode())
        return value.hexdigest()[:16]


def problem_of(network: Network, inputs: Sequence[Input], boards: Sequence[str | Board]) -> Problem:
    """The problem of a network and labelled inputs.

    Without a decision and without targets, the outputs wanted are those at thresholds of zero.

    Raises
    ------
    ValueError
        When an input has no label that is one of the network's classes, or the targets do not fit.
    """
    if network.decision != "none":
        wanted: list[Any] = [_numbers(network, item) for item in inputs]
    elif any(item.target is not None for item in inputs):
        wanted = [_target(network, item) for item in inputs]
    else:
        plain = network_at(network, (0,) * len(point_of(network)))
        scale = 2.0**network.output_frac
        wanted = [run.outputs / scale for run in run_golden(plain, [item.x for item in inputs])]
    return Problem(
        network=network,
        inputs=tuple(inputs),
        wanted=tuple(wanted),
        boards=tuple(map(board_of, boards)),
    )


def fitting_boards(network: Network) -> list[Board]:
    """Boards that hold ``network``, one of each device and clock."""
    kinds: dict[tuple[str, Geometry, float], Board] = {}
    for board in BOARDS.values():
        kinds.setdefault((board.device, board.geometry, board.clock_hz), board)
    return [board for board in kinds.values() if estimate_fit(network, board).fits]


def evaluate(problem: Problem, point: Point) -> dict[str, Any]:
    """The golden model with a point's thresholds on every sequence, as JSON.

    ``error`` is the share of sequences decided wrongly in per cent, with ``"ctc"`` the label error
    rate, and the root mean square difference of the outputs where nothing is decided.
    """
    network = network_at(problem.network, point)
    runs = run_golden(network, [item.x for item in problem.inputs])
    work = total_work(network, runs)
    steps: list[Lists] = []
    for run in runs:
        assert run.skipped is not None
        steps += measured_steps(network, run.fired_x, run.fired_h, run.skipped)
    return {
        "point": list(point),
        "error": error_of(problem, runs),
        "fetches_per_frame": work.weight_fetches / work.frames,
        "events_per_frame": work.events_per_frame,
        "reduction": work.reduction,
        "saturations": work.saturations,
        "boards": _cycles(network, problem.boards, steps),
    }


def _timing(network: Network, board: Board) -> tuple[Geometry, Timing]:
    geometry = board_geometry_for(network, board)
    return geometry, core_timing(geometry, FAMILIES[board.family].primitives)


def _cycles(
    network: Network, boards: Sequence[Board], steps: Sequence[Lists]
) -> dict[str, dict[str, float]]:
    """Mean cycles of a frame, and of the multipliers' own, by board."""
    counts = Counter(steps)
    found: dict[str, dict[str, float]] = {}
    known: list[tuple[Any, dict[str, float]]] = []
    for board in boards:
        geometry, timing = _timing(network, board)
        words = geometry.lanes, geometry.pointwise_lanes, timing
        same = next((result for other, result in known if other == words), None)
        if same is None:
            model = CycleModel(measure(network, geometry), timing)
            same = {
                name: sum(count * cost(step) for step, count in counts.items()) / len(steps)
                for name, cost in (("cycles", model.step), ("ideal", model.ideal))
            }
            known.append((words, same))
        found[board.name] = same
    return found


def _numbers(network: Network, item: Input) -> tuple[int, ...]:
    """Class numbers of a label; with ``"ctc"`` several, as `thresh.model.decision.joined`."""
    names = class_names(network)
    if item.label is None:
        raise ValueError(f"{item.name} has no label: the data must say the class of every sequence")
    words = parted(network, item.label)
    unknown = [word for word in words if word not in names]
    if unknown:
        raise ValueError(
            f"The label {unknown[0]!r} of {item.name} is none of the classes of {network.name}"
        )
    return tuple(names.index(word) for word in words)


def _target(network: Network, item: Input) -> np.ndarray:
    target = np.asarray(item.target)
    if item.target is None or target.shape not in (
        (network.outputs,), (len(item.x), network.outputs),
    ):  # fmt: skip
        raise ValueError(
            f"The label of {item.name} must be {network.outputs} outputs of the last step or of "
            f"all {len(item.x)} steps, not of shape {target.shape}"
        )
    return target


def error_of(problem: Problem, runs: Sequence[GoldenRun]) -> float:
    """Error of some runs of a problem's inputs, as in `evaluate`."""
    decision = problem.network.decision
    pairs = zip(runs, problem.wanted, strict=True)
    if decision == "none":
        scale = 2.0**problem.network.output_frac
        squares = [
            (run.outputs[-1:] if wanted.ndim == 1 else run.outputs) / scale - wanted
            for run, wanted in pairs
        ]
        return float(np.sqrt(np.mean(np.concatenate(squares) ** 2)))
    heard = [(decide_classes(run.outputs, decision), wanted) for run, wanted in pairs]
    if decision == "ctc":
        wrong = sum(edit_distance(said, wanted) for said, wanted in heard)
        return 100 * wrong / max(1, sum(len(wanted) for _, wanted in heard))
    return 100 * sum(said != wanted for said, wanted in heard) / len(heard)
