"""What a simulation of the gateware showed."""

from dataclasses import dataclass
from typing import Any

from thresh.sim.runner import SimResult

from .shown import Shown
from .table import Table, cycles_text, facts, plain


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Simulation(Shown):
    """What a simulation showed.

    Parameters
    ----------
    network : str
    lanes : int
    result : `thresh.sim.runner.SimResult`
        Frames, integers compared, cycles of a frame.
    """

    network: str
    lanes: int
    result: SimResult

    @property
    def equal(self) -> bool:
        """Every integer is that of the golden model."""
        return not self.result.mismatches

    @property
    def cycles_per_frame(self) -> float:
        """Mean."""
        return self.result.cycles_per_frame[1]

    @property
    def title(self) -> str:
        """Network and lanes."""
        return f"{self.network}, {self.lanes} lanes"

    @property
    def verdict(self) -> str:
        """Whether all integers are equal, in words."""
        if self.equal:
            return "all equal"
        return f"{self.result.mismatches:,} DIFFER, first: {self.result.first_difference}"

    @property
    def summary(self) -> str:
        """What was compared, and the cycles of a frame."""
        found = self.result
        return (
            f"{found.frames:,} frames, {found.integers_compared:,} integers, {self.verdict}; "
            f"{self.cycles_per_frame:,.0f} cycles per frame, multipliers busy "
            f"{found.utilisation:.1%}"
        )

    def to_dict(self) -> dict[str, Any]:
        """As ``thresh sim --json`` prints it."""
        result = self.result
        least, mean, most = result.cycles_per_frame
        return {
            "engine": result.engine,
            "frames": result.frames,
            "integers_compared": result.integers_compared,
            "mismatches": result.mismatches,
            "first_difference": result.first_difference,
            "cycles_per_frame": {"min": least, "mean": mean, "max": most},
            "ideal_cycles_per_frame": result.ideal_cycles_per_frame,
            "utilisation": result.utilisation,
            "seconds": result.seconds,
            "waveform": str(result.waveform) if result.waveform else None,
        }

    def tables(self) -> list[Table | str]:
        """One table."""
        data = self.to_dict()
        shown = data | {
            "cycles_per_frame": cycles_text(data["cycles_per_frame"]),
            "utilisation": f"{data['utilisation']:.1%}",
        }
        known = {name: value for name, value in shown.items() if value is not None}
        return [facts(f"Simulation: {self.title}", plain(known))]
