"""What a network will cost on a board, told before anything is built."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from thresh.hw.board import Board
from thresh.hw.families import FAMILIES
from thresh.layout.geometry import Geometry
from thresh.layout.placement import measure
from thresh.model.network import Network
from thresh.performance.activity import Activity, random_steps
from thresh.performance.cycles import CycleModel, Lists

from .cycles import core_timing
from .fit import Fit, Need, board_geometry_for, estimate_fit
from .resources import measured_clock, predict_logic

CELLS = ("ICESTORM_LC", "TRELLIS_COMB", "LUT4")
"""What counts as a logic cell: of a Gowin device the tables that something takes the place of."""

BITS_PER_BYTE = 10
"""Of the serial line: a start bit, eight of the byte and a stop bit."""

DRAWS = 128
"""Random steps that stand for an activity."""


@dataclass(frozen=True, kw_only=True)
class Cycles:
    """Cycles of a step.

    Parameters
    ----------
    worst : int
        Every value fires; exact.
    mean, ideal : float or None
        Over the steps of ``source``, and what the lanes alone would need; None without them.
    source : str or None
        Where the activity comes from.
    """

    worst: int
    mean: float | None
    ideal: float | None
    source: str | None


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A network on a board.

    Parameters
    ----------
    fit : Fit
    logic : dict
        Predicted use of logic by nextpnr's names.
    clock_mhz : float
        Of the accelerator as it is built.
    fmax_mhz : float or None
        The slowest routed seed of these lanes, where builds were measured.
    cycles : Cycles
    frames_per_second : dict
        ``mean`` (or None) and ``worst``, of the accelerator, and ``link``: what the serial line
        carries.
    real_time_factor : dict or None
        How many times faster than the frames come, ``mean`` (or None) and ``worst``; None without
        a front end.
    """

    fit: Fit
    logic: dict[str, int]
    clock_mhz: float
    fmax_mhz: float | None
    cycles: Cycles
    frames_per_second: dict[str, float | None]
    real_time_factor: dict[str, float | None] | None

    def to_dict(self) -> dict:
        """Fields as JSON, the fit's beside the others."""
        return self.fit.to_dict() | {
            name: value for name, value in asdict(self).items() if name != "fit"
        }


def estimate(
    network: Network,
    board: Board,
    geometry: Geometry | None = None,
    activity: Activity | float | None = None,
) -> Estimate:
    """Predict what ``network`` costs on ``board``.

    Parameters
    ----------
    network : Network
    board : Board
    geometry : Geometry, optional
        The board's own when not given, with the network's formats.
    activity : Activity or float, optional
        Measured steps, or the share of values that fire. Without it the mean is not known.
    """
    geometry = geometry or board_geometry_for(network, board)
    timing = core_timing(geometry, FAMILIES[board.family].primitives)
    placement = measure(network, geometry)
    model = CycleModel(placement, timing)
    cycles = cycles_of(model, network, activity)
    clock = board.clock_hz
    rates = {"mean": clock / cycles.mean if cycles.mean else None, "worst": clock / cycles.worst}
    # What sparse columns take was measured on few builds.
    logic = {} if geometry.sparse_memory else predict_logic(board.family, geometry)
    return Estimate(
        fit=_with_logic(estimate_fit(network, board, geometry, placement), board, logic),
        logic=logic,
        clock_mhz=clock / 1e6,
        fmax_mhz=None if geometry.sparse_memory else measured_clock(board.name, geometry.lanes),
        cycles=cycles,
        frames_per_second=rates | {"link": board.baud / BITS_PER_BYTE / placement.packets.line},
        real_time_factor=real_time(network, rates),
    )


def _with_logic(fit: Fit, board: Board, logic: dict[str, int]) -> Fit:
    """The fit and whether the predicted logic does."""
    cells = [count for name, count in logic.items() if name in CELLS]
    if not cells:
        return fit
    need = Need(needed=cells[0], available=board.resources["logic"], unit="cells, predicted")
    advice = fit.advice
    if advice is None and not need.met:
        advice = (
            f"The accelerator with {fit.lanes} lanes needs about {need.needed:,} of the "
            f"{need.available:,} logic cells of {board.name}; use fewer lanes"
        )
    return replace(fit, needs=fit.needs | {"logic": need}, advice=advice)


def cycles_of(model: CycleModel, network: Network, activity: Activity | float | None) -> Cycles:
    """Cycles of a step of ``network`` at an activity."""
    worst = model.worst()
    if activity is None:
        return Cycles(worst=worst, mean=None, ideal=None, source=None)
    if isinstance(activity, Activity):
        mean, ideal, _ = _mean(model, activity.steps)
        return Cycles(worst=worst, mean=mean, ideal=ideal, source=source_of(activity))
    steps = random_steps(network, activity, DRAWS)
    expected = [(activity * layer.hidden, activity * layer.inputs) for layer in network.layers]
    ideal = model.ideal(expected)
    mean, drawn, slope = _mean(model, steps)
    return Cycles(
        worst=worst,
        # What the draws have too many of costs what it cost among them.
        mean=mean + slope * (ideal - drawn),
        ideal=ideal,
        source=source_of(activity),
    )


def source_of(activity: Activity | float | None) -> str | None:
    """Where an activity comes from, for people."""
    if activity is None:
        return None
    if isinstance(activity, Activity):
        return activity.source
    return f"every value fires with probability {activity:g}"


def real_time(
    network: Network, rates: Mapping[str, float | None]
) -> dict[str, float | None] | None:
    """How many times faster than the front end's frames come; None without a front end."""
    if not network.front_end:
        return None
    frames = network.front_end["rate"] / network.front_end["hop"]
    return {name: rate and rate / frames for name, rate in rates.items()}


def _mean(model: CycleModel, steps: Sequence[Lists]) -> tuple[float, float, float]:
    """Mean cycles, mean ideal cycles, and how the first grow with the second."""
    distinct = {step: model.step(step) for step in set(steps)}
    cycles = np.array([distinct[step] for step in steps], float)
    ideal = np.array([model.ideal(step) for step in steps], float)
    spread = ideal - ideal.mean()
    slope = float(spread @ cycles / (spread @ spread)) if spread.any() else 0.0
    return float(cycles.mean()), float(ideal.mean()), slope
