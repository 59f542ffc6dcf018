"""What a device needs and draws, told before it is built."""

from dataclasses import asdict, dataclass
from typing import Any

from thresh.hw.estimates.device import BLOCK_CELLS, DeviceCurrent
from thresh.hw.estimates.fit import Fit
from thresh.layout.device.shape import DeviceShape
from thresh.reports.estimate import fit_table
from thresh.reports.shown import Shown
from thresh.reports.table import Table, facts, grid


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class DeviceEstimate(Shown):
    """A network on a board that is a device.

    Parameters
    ----------
    name : str
        Of the network.
    shape : `thresh.layout.device.shape.DeviceShape`
        Microphone, and samples per second in Hz.
    fit : `thresh.hw.estimates.fit.Fit`
    current : `thresh.hw.estimates.device.DeviceCurrent`
        Amperes by part, core cycles of a frame.
    cells : bool
        Whether the logic of its blocks is known.
    """

    name: str
    shape: DeviceShape
    fit: Fit
    current: DeviceCurrent
    cells: bool

    @property
    def fits(self) -> bool:
        """Everything fits."""
        return self.fit.fits

    @property
    def advice(self) -> str | None:
        """One sentence that says what does not fit; None when all fits."""
        return self.fit.advice

    @property
    def title(self) -> str:
        """Network, board and microphone."""
        return f"{self.name} on {self.fit.board} as a device, {self.shape.kind}"

    @property
    def summary(self) -> str:
        """Whether it fits, and the core's current."""
        fits = "fits" if self.fits else "does NOT fit"
        total = 1e3 * self.current.core_total
        return f"{fits}; the core's rail draws about {total:.2f} mA, an estimate"

    def to_dict(self) -> dict[str, Any]:
        """As ``thresh estimate --device --json`` prints it; currents in mA."""
        current = self.current
        return self.fit.to_dict() | {
            "device": self.shape.kind,
            "rate": self.shape.rate,
            "frames_per_second": current.frames_per_second,
            "activity": current.activity,
            "cycles": current.cycles,
            "awake": current.awake,
            "core_ma": _milli(current.core) | {"total": 1e3 * current.core_total},
            "never_stopped_ma": 1e3 * current.never_stopped,
            "others_ma": _milli(current.others),
            "blocks": dict(BLOCK_CELLS[self.shape.kind]) if self.cells else None,
            "shape": asdict(self.shape),
            "note": current.note,
        }

    def tables(self) -> list[Table | str]:
        """What is needed, what a frame takes, and what every part draws."""
        current = self.current
        rows: list[tuple[str, object]] = [
            ("samples per second", f"{self.shape.rate:,.1f}"),
            ("frames per second", f"{current.frames_per_second:.4g}"),
            ("activity", current.activity),
            *((f"core cycles, {name}", f"{count:,.0f}") for name, count in current.cycles.items()),
            ("core's clock runs", f"{current.awake:.1%} of the time"),
        ]
        core, others = _milli(current.core), _milli(current.others)
        drawn = [(name, f"{value:.3f}", "core") for name, value in core.items()]
        drawn.append(("core's rail in all", f"{sum(core.values()):.3f}", "core"))
        before = f"{1e3 * current.never_stopped:.2f}"
        drawn.append(("an accelerator at 42 MHz that never stops", before, "core"))
        drawn += [(name, f"{value:.3f}", "3.3 V") for name, value in others.items()]
        found: list[Table | str] = [
            fit_table(self.title, self.fit),
            facts("A frame", rows),
            grid("Current, an estimate", ("part", "mA", "rail"), drawn),
            current.note,
        ]
        if self.cells:
            cells = list(BLOCK_CELLS[self.shape.kind].items())
            found.insert(1, grid("Logic cells by block", ("block", "cells"), cells))
        return found


def _milli(amperes: dict[str, float]) -> dict[str, float]:
    return {name: 1e3 * value for name, value in amperes.items()}
