"""What a network needs and costs on a board, told before anything is built."""

from dataclasses import dataclass
from typing import Any

from thresh.hw.estimates.estimate import Estimate as Figures
from thresh.hw.estimates.fit import Fit

from .shown import Shown
from .table import Table, facts, grid, number


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class OnBoard(Shown):
    """A network that fits a board or does not.

    Parameters
    ----------
    name : str
        Of the network.
    figures
        With a ``fit``, and as JSON by ``to_dict``.
    """

    name: str
    figures: Any

    @property
    def fits(self) -> bool:
        """Everything fits."""
        fit: Fit = self.figures.fit
        return fit.fits

    @property
    def advice(self) -> str | None:
        """One sentence that says what does not fit and what to change; None when all fits."""
        fit: Fit = self.figures.fit
        return fit.advice

    def to_dict(self) -> dict[str, Any]:
        """As ``thresh estimate --json`` prints it."""
        found: dict[str, Any] = self.figures.to_dict()
        return found


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Estimate(OnBoard):
    """A network on a board.

    Parameters
    ----------
    name : str
        Of the network.
    figures : `thresh.hw.estimates.estimate.Estimate`
        Needs in words and blocks, cycles of a step, clock in MHz, steps per second.
    """

    figures: Figures

    @property
    def cycles(self) -> float:
        """Mean cycles of a step, or the most where no activity is known."""
        return self.figures.cycles.mean or self.figures.cycles.worst

    @property
    def title(self) -> str:
        """Network, board and lanes."""
        fit = self.figures.fit
        return f"{self.name} on {fit.board}, {fit.lanes} lanes"

    @property
    def summary(self) -> str:
        """Whether it fits, and the cycles of a step."""
        cycles = self.figures.cycles
        mean = "" if cycles.mean is None else f"mean {cycles.mean:,.0f}, "
        fits = "fits" if self.fits else "does NOT fit"
        return f"{fits}; cycles per frame: {mean}worst {cycles.worst:,}"

    def tables(self) -> list[Table | str]:
        """What is needed and available, then what a frame costs."""
        return [fit_table(self.title, self.figures.fit), facts("A frame", self._rows())]

    def _rows(self) -> list[tuple[str, object]]:
        cycles, rates = self.figures.cycles, self.figures.frames_per_second
        shown: list[tuple[str, object]] = [
            ("cycles", pair({"mean": cycles.mean, "worst": cycles.worst})),
            ("activity", cycles.source or "unknown: give sequences or the share that fires"),
            ("clock, MHz", self.figures.clock_mhz),
            ("frames per second", pair(rates)),
            ("frames per second over the link", rates["link"]),
        ]
        if cycles.mean and cycles.ideal is not None:
            shown.insert(1, ("utilisation", f"{cycles.ideal / cycles.mean:.1%}"))
        if self.figures.real_time_factor:
            shown.append(("times real time", pair(self.figures.real_time_factor)))
        if self.figures.fmax_mhz:
            name = "routed clock of such builds, slowest seed, MHz"
            shown.append((name, self.figures.fmax_mhz))
        return shown + [(f"{name}, predicted", n) for name, n in self.figures.logic.items()]


def fit_table(title: str, fit: Fit) -> Table:
    """What a board must have, for people."""
    rows = [
        (name, need.needed, need.available, need.unit, "yes" if need.met else "NO")
        for name, need in fit.needs.items()
    ]
    return grid(title, ("", "needed", "available", "unit", "fits"), rows)


def pair(values: dict[str, Any]) -> str:
    """A mean, where it is known, and the worst, for people."""
    mean = "unknown" if values["mean"] is None else number(values["mean"])
    return f"mean {mean}, worst {number(values['worst'])}"
