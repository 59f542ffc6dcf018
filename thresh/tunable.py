"""Networks whose thresholds can be searched, and whose activity can be measured."""

import os
from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from thresh.model import given

from .extras import names_extras
from .golden import Golden
from .progress import Progress, told
from .sequences import Labels, Sequences

if TYPE_CHECKING:
    from thresh.hw.board import Board
    from thresh.model.network import Network as Integers
    from thresh.performance.activity import Activity
    from thresh.reports.exploration import Exploration
    from thresh.reports.hardware.boards import Fitting
    from thresh.reports.hearing.confusion import Confusion
    from thresh.reports.hearing.spotted import Spotted


class Tunable(Golden):
    """A network that gives others with other thresholds."""

    @abstractmethod
    def _with(self, integers: "Integers", exploration: "Exploration | None" = None) -> Self:
        """The same with another description."""

    @property
    def thresholds(self) -> list[float]:
        """In the units of the values compared: of the inputs, then of every layer that sends."""
        from thresh.tuning.thresholds import point_of, reals

        return reals(self.integers, point_of(self.integers))

    @names_extras
    def explore(
        self,
        x: Sequences,
        y: Labels = None,
        *,
        max_loss: float | None = None,
        levels: int = 8,
        rounds: int = 2,
        boards: "Sequence[str | Board] | None" = None,
        processes: int | None = 1,
        scheduler: str | None = None,
        journal: str | os.PathLike[str] | None = None,
        progress: Progress = None,
    ) -> "Exploration":
        """What every choice of thresholds costs and saves; see `tune`, which takes the best one.

        Parameters
        ----------
        x, y :
            As for `evaluate`; without ``y`` a network that decides nothing is compared with itself
            at thresholds of zero. Not the data on which the result is measured.
        max_loss : float, optional
            What may be lost against thresholds of zero: points of the error in per cent, or so
            much root mean square where nothing is decided.
        levels : int
            Thresholds of the grid, for the inputs and for the layers; at least 3.
        rounds : int
            How often the neighbours of the Pareto front are tried, ever nearer.
        boards : sequence of str or Board, optional
            Whose cycles and energy are predicted; when absent, those that hold the network, one
            of each device and clock.
        processes : int or None
            On this machine; more than 1 needs the extra ``explore``, None takes one per core.
        scheduler : str, optional
            Address of a dask scheduler instead.
        journal : path, optional
            Folder where finished points are kept, so that a search goes on where it stopped.
        progress : callable or bool, optional
            Told how many points of how many are done; True shows a bar.

        Raises
        ------
        ValueError
            When ``y`` says other classes than the network has, no thresholds save fetches within
            ``max_loss``, or an argument is none of these.
        """
        from thresh.hw.known_boards import board_of
        from thresh.reports.exploration import Exploration
        from thresh.tuning.explore import explore
        from thresh.tuning.scoring import fitting_boards, problem_of
        from thresh.tuning.search import Plan

        if boards is None:
            known = fitting_boards(self.integers)
        else:
            known = [board_of(board) for board in given.listed("boards", boards)]
            given.names("boards", [board.name for board in known])
        plan = Plan(
            levels=given.whole("levels", levels, 3),
            rounds=given.whole("rounds", rounds, 0),
            max_loss=None if max_loss is None else given.real("max_loss", max_loss),
        )
        if processes is not None:
            given.whole("processes", processes, 1)
        folder = None if journal is None else given.file("journal", journal)
        batch = self.read(x, y)
        with told(progress, "points") as update:
            found = explore(
                problem_of(self.integers, batch.inputs, known), plan, processes=processes,
                folder=folder, scheduler=scheduler,
                update=update,
            )  # fmt: skip
        return Exploration(found=found, source=batch.source)

    def tune(self, x: Sequences, y: Labels = None, *, max_loss: float, **options: Any) -> Self:
        """The network with the thresholds of fewest fetches that lose at most ``max_loss``.

        Every point that is tried is the exact integer network. Parameters and errors are those of
        `explore`; the network that is returned has the whole search as its `exploration`.
        """
        found = self.explore(x, y, max_loss=max_loss, **options)
        return self._with(found.tuned(), found)

    def confusion(
        self, x: Sequences, y: Labels = None, *, progress: Progress = None
    ) -> "Confusion":
        """Which class is heard as which; parameters and errors are those of `evaluate`."""
        from thresh.reports.hearing.confusion import Confusion

        return Confusion(evaluation=self.evaluate(x, y, progress=progress))

    def spot(
        self, recordings: str | os.PathLike[str], word: str | None = None, *,
        false_per_hour: float = 0.5, progress: Progress = None,
    ) -> "Spotted":  # fmt: skip
        """Misses and false accepts per hour of a word, over all thresholds of its decision.

        Parameters
        ----------
        recordings : path
            A folder with one folder of audio files per word, a folder of files whose names begin
            with theirs, or one recording in which the word is never said.
        word : str, optional
            Name of the class; the only one that the network announces when absent.
        false_per_hour : float
            False accepts that are allowed.
        progress : callable or bool, optional
            Told how many pieces of how many are heard; True shows a bar.

        Raises
        ------
        ValueError
            When there is no such word, no front end, or nothing to hear.
        """
        from thresh.reports.hearing.spotted import Spotted
        from thresh.tuning.spotting import spot

        place = given.file("The recordings", recordings)
        with told(progress, "golden model") as update:
            found = spot(
                self.integers, place, word, false_per_hour=false_per_hour, update=update
            )  # fmt: skip
        return Spotted(found=found, source=place.name)

    def boards(
        self,
        among: "Sequence[str | Board] | None" = None,
        *,
        x: Sequences = None,
        activity: "Activity | float | None" = None,
    ) -> "Fitting":
        """On which boards the network fits and what a step costs there.

        Parameters
        ----------
        among : sequence of str or Board, optional
            All that ship when absent.
        x, activity : optional
            As for `thresh.Network.estimate`.

        Raises
        ------
        ValueError
            When there is no such board.
        """
        from thresh.hw.known_boards import BOARDS, board_of

        from .compilation import estimate_boards

        known = BOARDS.values() if among is None else map(board_of, given.listed("among", among))
        used = activity if x is None else self.measure(x)
        return estimate_boards(self.integers, tuple(known), used)

    def measure(self, x: Sequences) -> "Activity":
        """Events of every step of ``x``, for `estimate` and `with_activity`."""
        from thresh.tuning.measured import measure_activity

        batch = self.read(x)
        return measure_activity(self.integers, batch.integers, batch.source)

    def with_activity(self, activity: "Activity") -> Self:
        """The network with typical steps of a measured activity, which its file then keeps."""
        from thresh.performance.activity import Activity
        from thresh.tuning.measured import with_activity

        if not isinstance(activity, Activity):
            raise ValueError(f"An activity is what measure(x) gives, not {activity!r}")
        return self._with(with_activity(self.integers, activity))
