"""What a build made and measured."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from thresh.hw.board import MARGIN

from .report import read_clocks


@dataclass(frozen=True, kw_only=True)
class RoutedClock:
    """A clock domain: what it must do, and the routed fmax of each seed, MHz."""

    clock_mhz: float
    fmax_mhz: dict[int, float]

    @property
    def met(self) -> bool:
        """Every seed that was routed reaches `MARGIN` times the clock."""
        return min(self.fmax_mhz.values()) >= MARGIN * self.clock_mhz


@dataclass(frozen=True, kw_only=True)
class BuildResult:
    """What a build made and measured.

    Parameters
    ----------
    board, device : str
    lanes : int
    clock_mhz : float
        Of the accelerator.
    fmax_mhz : dict
        Routed fmax by seed.
    given_up : tuple of int
        Seeds that were not routed in the time given.
    utilization : dict
        ``{resource: {"used": n, "available": n}}`` of the best seed, nextpnr's names.
    bitstream : Path
        Of the best seed.
    image : Path or None
        Network image beside the bitstream where the bitstream does not carry it.
    tools : dict
        Versions by tool.
    met : bool
        Every seed was routed, and its fmax is at least `MARGIN` times the clock.
    critical_path : tuple of str
        The best seed's longest path, one hop an entry.
    clocks : dict of RoutedClock
        By domain, ``"sync"`` being the accelerator's.
    """

    board: str
    device: str
    lanes: int
    clock_mhz: float
    fmax_mhz: dict[int, float]
    utilization: dict[str, dict[str, int]]
    bitstream: Path
    image: Path | None
    tools: dict[str, str]
    met: bool
    critical_path: tuple[str, ...]
    given_up: tuple[int, ...] = ()
    clocks: dict[str, RoutedClock] = field(default_factory=dict)

    def to_dict(self) -> dict:
        """Fields as JSON."""
        image = None if self.image is None else str(self.image)
        return asdict(self) | {"bitstream": str(self.bitstream), "image": image}


def routed_clocks(
    folder: Path, seeds: Sequence[int], clocks_hz: dict[str, float]
) -> dict[str, RoutedClock]:
    """Clocks by domain, from the reports of ``seeds`` in ``folder``."""
    wanted = {name: hz / 1e6 for name, hz in clocks_hz.items()}
    constraints = {name: mhz * MARGIN for name, mhz in wanted.items()}
    found = {seed: read_clocks(folder / f"seed{seed}.report.json", constraints) for seed in seeds}
    return {
        name: RoutedClock(clock_mhz=mhz, fmax_mhz={seed: found[seed][name] for seed in seeds})
        for name, mhz in wanted.items()
    }
