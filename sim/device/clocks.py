"""What the clocks of a simulated device do."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Clocks:
    """What the two clocks do; times in picoseconds.

    Parameters
    ----------
    audio_period, core_period : int
        Mean.
    audio_spread, core_spread : int
        Largest deviation of a period, which is drawn anew every thousand cycles.
    phase : int
        Of the core's first edge.
    start : (int, int)
        Shortest and longest time from ``wanted`` until the core's clock runs.
    seed : int
    """

    audio_period: int = 500_000
    core_period: int = 41_667
    audio_spread: int = 50
    core_spread: int = 4_000
    phase: int = 0
    start: tuple[int, int] = (0, 100_000_000)
    seed: int = 1

    def __post_init__(self) -> None:
        for name in ("audio", "core"):
            period, spread = getattr(self, f"{name}_period"), getattr(self, f"{name}_spread")
            if not 0 <= spread < period:
                raise ValueError(f"A period of {period!r} ps cannot deviate by {spread!r} ps")
        if not 0 <= self.start[0] <= self.start[1]:
            raise ValueError(f"A clock starts within two times in order, not {self.start!r}")
