"""How well a word is spotted: misses and false accepts per hour, and the threshold chosen."""

from dataclasses import dataclass
from typing import Any

from thresh.model.network import Network
from thresh.reports.shown import Shown
from thresh.reports.table import Table, facts, grid
from thresh.tuning.spotting import Spotting

RATES = (10.0, 5.0, 2.0, 1.0, 0.5, 0.2, 0.1, 0.0)
"""False accepts per hour of the table's rows."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Spotted(Shown):
    """A word on recordings, at every threshold.

    Parameters
    ----------
    found : `thresh.tuning.spotting.Spotting`
    source : str
        What was heard.
    """

    found: Spotting
    source: str

    @property
    def title(self) -> str:
        """Network and word."""
        return f"{self.found.network.name}: {self.found.word}"

    @property
    def summary(self) -> str:
        """Misses and false accepts of the chosen threshold."""
        point = self.found.chosen
        parts = []
        if point.misses is not None:
            parts.append(f"{point.missed} of {point.words} words missed")
        if point.per_hour is not None:
            parts.append(
                f"{point.false_accepts} false accepts in {point.hours:.2f} hours without the word"
            )
        return ", ".join(parts) + f" at a threshold of {point.threshold}"

    def tuned(self) -> Network:
        """The network that announces this word at the chosen threshold, one level down."""
        return self.found.tuned()

    def _real(self, threshold: int) -> float:
        """As ``thresh listen`` shows scores and takes thresholds."""
        return threshold / (1 << self.found.network.output_frac)

    def to_dict(self) -> dict[str, Any]:
        """As ``thresh score --json`` prints it, with every threshold."""
        found, point = self.found, self.found.chosen
        data: dict[str, Any] = {
            "model": found.network.name,
            "source": self.source,
            "word": found.word,
            "clips": found.clips,
            "words": point.words,
            "hours_without": point.hours,
            "shift": found.spotter.shift,
            "refractory": found.spotter.refractory[found.label],
            "false_per_hour_wanted": found.false_per_hour,
            "met": found.met,
            "threshold": point.threshold,
            "threshold_real": self._real(point.threshold),
            "missed": point.missed,
            "misses": point.misses,
            "false_accepts": point.false_accepts,
            "false_per_hour": point.per_hour,
            "false_per_hour_limit_95": point.per_hour_limit,
        }
        if point.misses_interval is not None:
            data["misses_interval_95"] = list(point.misses_interval)
        if found.own is not None:
            data["as_it_is"] = {
                "threshold": found.own.threshold,
                "threshold_real": self._real(found.own.threshold), "missed": found.own.missed,
                "misses": found.own.misses, "false_accepts": found.own.false_accepts,
                "false_per_hour": found.own.per_hour,
                "false_per_hour_limit_95": found.own.per_hour_limit,
            }  # fmt: skip
        data["curve"] = [
            {
                "threshold": one.threshold, "misses": one.misses,
                "false_accepts": one.false_accepts, "false_per_hour": one.per_hour,
            }
            for one in found.points
        ]  # fmt: skip
        return data

    def tables(self) -> list[Table | str]:
        """The chosen point, and fewer or more false accepts beside it."""
        data = self.to_dict()
        skipped = ("curve", "as_it_is", "misses", "false_per_hour", "misses_interval_95")
        rows = [
            (name.replace("_", " "), value)
            for name, value in data.items()
            if name not in skipped and value is not None
        ]
        if data["misses"] is not None:
            low, high = data["misses_interval_95"]
            rows.append(("misses", f"{data['misses']:.1%} (95 %: {low:.1%} to {high:.1%})"))
        if data["false_per_hour"] is not None:
            limit = data["false_per_hour_limit_95"]
            rows.append(
                (
                    "false accepts per hour",
                    f"{data['false_per_hour']:.2f} (95 %: below {limit:.2f})",
                )
            )
        if (own := self.found.own) is not None:
            misses = "" if own.misses is None else f"{own.missed} missed, "
            rows.append(
                (
                    f"at its own threshold, {own.threshold:,}, or {self._real(own.threshold):.2f}",
                    f"{misses}{own.false_accepts} false",
                )
            )
        parts: list[Table | str] = [facts(self.title, rows)]
        if not self.found.met:
            parts.append(
                f"No threshold has as few as {self.found.false_per_hour:g} false accepts per hour"
            )
        best = {self.found.at_most(rate): rate for rate in RATES}
        chosen = [
            (rate, one.threshold, f"{self._real(one.threshold):.2f}", one.false_accepts,
             "" if one.misses is None else f"{one.misses:.1%}")
            for one, rate in best.items() if (one.per_hour or 0.0) <= rate
        ]  # fmt: skip
        columns = (
            "false accepts per hour, at most",
            "threshold",
            "as a score",
            "false accepts",
            "misses",
        )
        parts.append(grid("Thresholds", columns, chosen))
        return parts

    def _page(self) -> str:
        from thresh.reports.plots import detection
        from thresh.reports.render import page

        point, figures = self.found.chosen, []
        if point.words and point.hours:
            pairs = [(one.missed / one.words, one.false_accepts / one.hours)
                     for one in (*self.found.points, point)]  # fmt: skip
            svg = detection(pairs[:-1], pairs[-1])
            figures.append(("misses over false accepts per hour", svg))
        return page(self.title, self.summary, self.tables(), figures)
