"""A bitstream: built for a board, and written to it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thresh.hw.board import MARGIN, Board
from thresh.hw.flow.flash import Cable, flash
from thresh.hw.flow.result import BuildResult
from thresh.reports.shown import Shown
from thresh.reports.table import Table, facts, grid

from .extras import names_extras
from .progress import Lines, said


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Flash(Shown):
    """A bitstream on a board.

    Parameters
    ----------
    board : `thresh.hw.board.Board`
    bitstream : Path
    command : list of str
        What the loader is started with.
    written : bool
        It was started.
    """

    board: Board
    bitstream: Path
    command: list[str]
    written: bool

    @property
    def title(self) -> str:
        """The board."""
        return self.board.title

    @property
    def summary(self) -> str:
        """What was written."""
        return f"{self.bitstream} {'was written' if self.written else 'would be written'}"

    def to_dict(self) -> dict[str, Any]:
        """As ``thresh flash --json`` prints it."""
        return {
            "board": self.board.name,
            "bitstream": str(self.bitstream),
            "command": self.command,
            "written": self.written,
        }

    def tables(self) -> list[Table | str]:
        """One table."""
        rows = self.to_dict() | {"command": " ".join(self.command)}
        return [facts(f"Flash {self.title}", rows.items())]


@names_extras
def write_to_board(
    board: Board,
    bitstream: Path,
    *,
    dry_run: bool = False,
    permanent: bool = True,
    cable: Cable | None = None,
    progress: Lines = None,
) -> Flash:
    """Write a bitstream to a board; see `thresh.hw.flow.flash.flash`."""
    words = flash(
        board, bitstream, dry_run=dry_run, permanent=permanent, cable=cable,
        progress=said(progress),
    )  # fmt: skip
    return Flash(board=board, bitstream=bitstream, command=words, written=not dry_run)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Bitstream(Shown):
    """What a build made and measured.

    Parameters
    ----------
    board : `thresh.hw.board.Board`
    result : `thresh.hw.flow.result.BuildResult`
        Routed clocks in MHz by seed, use of the device, versions of the tools.
    """

    board: Board
    result: BuildResult

    def flash(
        self,
        *,
        dry_run: bool = False,
        permanent: bool = True,
        cable: Cable | None = None,
        progress: Lines = None,
    ) -> Flash:
        """Write it to the board through openFPGALoader.

        Parameters
        ----------
        dry_run : bool
            Only say the command.
        permanent : bool
            Into flash memory, so that it is there after the next power-up, where the board can do
            anything else.
        cable : `thresh.hw.flow.flash.Cable`, optional
            How the board is reached, where not through its own USB bridge.
        progress : callable or bool, optional
            Told each line of the loader; True prints them.

        Raises
        ------
        ValueError
            When loader or board are missing, or the board may not be opened, in one sentence.
        """
        return write_to_board(
            self.board, self.path, dry_run=dry_run, permanent=permanent, cable=cable,
            progress=progress,
        )  # fmt: skip

    @property
    def path(self) -> Path:
        """The file."""
        return self.result.bitstream

    @property
    def met(self) -> bool:
        """Every seed was routed, for 1.08 times the clock at least."""
        return self.result.met

    @property
    def title(self) -> str:
        """Board, device and lanes."""
        return f"{self.result.board} ({self.result.device}), {self.result.lanes} lanes"

    @property
    def summary(self) -> str:
        """The file, and whether the clock is met."""
        return f"{self.path.name}; {self.verdict}"

    @property
    def verdict(self) -> str:
        """Whether the clock is met, in words."""
        result = self.result
        slowest = min(result.fmax_mhz.values())
        needed = MARGIN * result.clock_mhz
        word = "met" if result.met else "NOT met"
        lost = (
            f"; seed {_listed(result.given_up)} was not routed in time" if result.given_up else ""
        )
        return (
            f"{result.clock_mhz:g} MHz clock {word}: every seed must route for {needed:.1f} MHz, "
            f"the slowest routes for {slowest:.1f} MHz{lost}"
        )

    def to_dict(self) -> dict[str, Any]:
        """As ``thresh build --json`` prints it."""
        result = self.result
        return {
            "board": result.board,
            "device": result.device,
            "lanes": result.lanes,
            "clock_mhz": result.clock_mhz,
            "fmax_mhz": {str(seed): fmax for seed, fmax in result.fmax_mhz.items()},
            "given_up": list(result.given_up),
            "met": result.met,
            "utilization": result.utilization,
            "bitstream": str(result.bitstream),
        }

    def tables(self) -> list[Table | str]:
        """Use of the device, and the routed clocks."""
        result = self.result
        rows: list[tuple[object, ...]] = [
            (name, used["used"], used["available"], f"{used['used'] / used['available']:.0%}")
            for name, used in result.utilization.items()
            if used["used"]
        ]
        fmax = ", ".join(f"{value:.1f}" for value in result.fmax_mhz.values())
        rows.append(("routed clock of each seed, MHz", fmax, "", ""))
        if result.given_up:
            rows.append(("seeds not routed in time", _listed(result.given_up), "", ""))
        rows.append(("bitstream", result.bitstream, "", ""))
        word = "met" if result.met else "NOT met"
        title = f"{self.title}, {result.clock_mhz:g} MHz clock {word}"
        return [grid(title, ("resource", "used", "available", "share"), rows)]


def _listed(seeds: tuple[int, ...]) -> str:
    return ", ".join(str(seed) for seed in seeds)
