"""What a network needs and costs with its columns in an SDRAM, told before anything is built."""

from dataclasses import dataclass

from thresh.hw.estimates.sdram import PINS_USED, SdramEstimate
from thresh.reports.estimate import OnBoard, fit_table, pair
from thresh.reports.table import Table, facts


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class SdramCost(OnBoard):
    """A network on a board with an SDRAM.

    Parameters
    ----------
    name : str
        Of the network.
    figures : `thresh.hw.estimates.sdram.SdramEstimate`
        Needs in words and blocks, words of a step, clock in MHz, steps per second at most.
    """

    figures: SdramEstimate

    @property
    def title(self) -> str:
        """Network and board."""
        return f"{self.name} on {self.figures.fit.board}, columns in SDRAM"

    @property
    def summary(self) -> str:
        """Whether it fits, and the words of a step."""
        words = self.figures.words
        mean = "" if words["mean"] is None else f"mean {words['mean']:,.0f}, "
        fits = "fits" if self.fits else "does NOT fit"
        return f"{fits}; words from SDRAM per frame: {mean}worst {words['worst']:,}"

    def tables(self) -> list[Table | str]:
        """What is needed and available, then what a frame costs."""
        found = self.figures
        rows: list[tuple[str, object]] = [
            ("words of 16 bits from SDRAM", pair(found.words)),
            ("activity", found.source or "unknown: give sequences or the share that fires"),
            ("clock, MHz", found.clock_mhz),
            ("frames per second, at most", pair(found.frames_per_second)),
            (
                "of which 2 x 768 units, dense, of 8 bits, reach from 3 % on",
                f"{PINS_USED:.0%}",
            ),
            ("seconds to load the SDRAM over the line, at least", f"{found.load_seconds:.1f}"),
        ]
        if found.real_time_factor:
            rows.append(("times real time, at most", pair(found.real_time_factor)))
        return [fit_table(self.title, found.fit), facts("A frame", rows)]
