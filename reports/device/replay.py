"""A recording run again."""

from dataclasses import dataclass
from typing import Any

from thresh.reports.shown import Shown
from thresh.reports.table import Table, facts


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Something that was compared with the golden model.

    Parameters
    ----------
    name : str
    integers : int
        Compared.
    first_difference : str or None
        The first integer that differs; None when all are equal.
    """

    name: str
    integers: int
    first_difference: str | None

    @property
    def verdict(self) -> str:
        """What was found, in words."""
        said = "all equal" if self.first_difference is None else self.first_difference
        return f"{self.integers:,} integers, {said}"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Replay(Shown):
    """A recording and the gateware, both compared with the golden model.

    Parameters
    ----------
    name, network : str
        Of the recording.
    begins : str
        The stage from which it was run again.
    frames : int
    compared : tuple of Compared
    """

    name: str
    network: str
    begins: str
    frames: int
    compared: tuple[Compared, ...]

    @property
    def equal(self) -> bool:
        """Nothing differs."""
        return all(one.first_difference is None for one in self.compared)

    @property
    def title(self) -> str:
        """Recording and network."""
        return f"{self.name}, {self.network}"

    @property
    def summary(self) -> str:
        """Every comparison."""
        return "; ".join(f"{one.name}: {one.verdict}" for one in self.compared)

    def to_dict(self) -> dict[str, Any]:
        """As ``thresh replay --json`` prints it."""
        return {
            "recording": self.name,
            "network": self.network,
            "begins": self.begins,
            "frames": self.frames,
            "equal": self.equal,
            "compared": {
                one.name: {"integers": one.integers, "first_difference": one.first_difference}
                for one in self.compared
            },
        }

    def tables(self) -> list[Table | str]:
        """One table."""
        rows: list[tuple[str, object]] = [("run again from", self.begins), ("frames", self.frames)]
        return [facts(self.title, [*rows, *((one.name, one.verdict) for one in self.compared)])]
