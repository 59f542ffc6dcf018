"""What a self-test found."""

from dataclasses import asdict, dataclass
from typing import Any

from thresh.host.identity import Identity
from thresh.host.selftest.trial import Finding
from thresh.reports.shown import Shown, hash_text
from thresh.reports.table import Table, grid


@dataclass(frozen=True, kw_only=True, repr=False)
class SelfTest(Shown):
    """What a self-test found.

    Parameters
    ----------
    where : str
        The port, or what was simulated.
    identity : Identity
        Who answered.
    findings : tuple of Finding
    network_hash : int or None
        Which network it said to hold before.
    """

    where: str
    identity: Identity
    findings: tuple[Finding, ...]
    network_hash: int | None = None

    @property
    def whole(self) -> bool:
        """Nothing was wrong."""
        return not any(found.wrong for found in self.findings)

    @property
    def seconds(self) -> float:
        """That it took."""
        return sum(found.seconds for found in self.findings)

    @property
    def title(self) -> str:
        """Where."""
        return f"Self-test of {self.where}"

    @property
    def summary(self) -> str:
        """Whether it is whole."""
        wrong = [found.part for found in self.findings if found.wrong]
        verdict = f"WRONG: {', '.join(wrong)}" if wrong else "all of it is good"
        return f"{len(self.findings)} parts in {self.seconds:.1f} s, {verdict}"

    def to_dict(self) -> dict[str, Any]:
        """As ``thresh selftest --json`` prints it."""
        return {
            "where": self.where,
            "whole": self.whole,
            "geometry": self.identity.geometry.to_dict(),
            "clock_khz": self.identity.clock_khz,
            "network_hash": hash_text(self.network_hash),
            "seconds": self.seconds,
            "findings": [asdict(found) for found in self.findings],
        }

    def tables(self) -> list[Table | str]:
        """A row for each part."""
        shape = self.identity.geometry
        rows = [
            (found.part, found.tried, found.verdict, f"{found.seconds:.2f}")
            for found in self.findings
        ]
        return [
            f"{shape.lanes} lanes, {shape.weight_bits}-bit weights, {shape.value_bits}-bit values, "
            f"{self.identity.clock_khz / 1000:g} MHz; before the test "
            + (
                f"the network {said} was loaded"
                if (said := hash_text(self.network_hash))
                else "no network that says its name was loaded"
            ),
            grid(self.title, ("part", "tried", "found", "seconds"), rows),
            self.summary,
        ]
