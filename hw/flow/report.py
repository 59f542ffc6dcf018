"""nextpnr's JSON report, the only source of fmax and utilisation."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import inf
from pathlib import Path

CARRY = ("CIN", "COUT", "FCI", "FCO")
"""Ports of a carry chain."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """One routing.

    Parameters
    ----------
    fmax_mhz : float
        Of the accelerator's clock.
    utilization : dict
        ``{resource: {"used": n, "available": n}}`` of the resources in use.
    critical_path : tuple of str
        Hops of the clock's longest path: kind, delay in ns, where to.
    """

    fmax_mhz: float
    utilization: dict[str, dict[str, int]]
    critical_path: tuple[str, ...]


def read_report(path: Path | str, constraint_mhz: float) -> Report:
    """Read a report.

    Parameters
    ----------
    path : path of the file ``nextpnr --report`` wrote
    constraint_mhz : float
        What the accelerator's clock was constrained to; it tells the clocks apart.

    Raises
    ------
    ValueError
        When the file is no report or has no clock.
    """
    path = Path(path)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        clocks = _clocks(data, constraint_mhz)
        utilization = {
            name: {"used": entry["used"], "available": entry["available"]}
            for name, entry in data["utilization"].items()
            # What a router makes for itself, a device has none of.
            if entry["used"] and entry["available"]
        }
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path} is not a nextpnr report: {error}") from error
    if not clocks:
        raise ValueError(f"{path} reports no clock")
    clock = min(clocks, key=lambda name: clocks[name])
    return Report(
        fmax_mhz=clocks[clock][1],
        utilization=utilization,
        critical_path=_critical_path(data.get("critical_paths", []), clock),
    )


def read_clocks(path: Path | str, constraints_mhz: Mapping[str, float]) -> dict[str, float]:
    """Routed fmax in MHz of each clock, told apart by what it was constrained to.

    Raises
    ------
    ValueError
        When the file is no report, or a clock is not in it.
    """
    path, found = Path(path), {}
    for name, constraint in constraints_mhz.items():
        try:
            clocks = _clocks(json.loads(path.read_text(encoding="utf-8")), constraint).values()
        except (KeyError, TypeError, json.JSONDecodeError) as error:
            raise ValueError(f"{path} is not a nextpnr report: {error}") from error
        off, found[name] = min(clocks, default=(inf, 0.0))
        if off > 0.01 * constraint:
            raise ValueError(f"{path} reports no clock that was to reach {constraint:g} MHz")
    return found


def _clocks(data: dict, constraint_mhz: float) -> dict[str, tuple[float, float]]:
    """How far each clock's constraint is from this one, and what it achieved."""
    return {
        name: (abs(entry["constraint"] - constraint_mhz), float(entry["achieved"]))
        for name, entry in data["fmax"].items()
    }


def _critical_path(paths: list[dict], clock: str) -> tuple[str, ...]:
    """Hops of the longest path that starts and ends on ``clock``; carry chains are one hop."""
    for path in paths:
        if all(path[end].split()[-1] == clock for end in ("from", "to")):
            return tuple(_hops(path["path"]))
    return ()


def _hops(path: list[dict]) -> Iterator[str]:
    carry = 0.0
    for hop in path:
        kind, delay, target = hop["type"], hop["delay"], hop["to"]
        if target["port"] in CARRY:
            carry += delay
            continue
        if carry:
            yield f"carry {carry:.2f} ns"
            carry = 0.0
        yield f"{kind} {delay:.2f} ns to {target['cell']} {target['port']}"
