"""The goals for clocks and utilisation, and how far the measurements are from them."""

from typing import Any

Row = dict[str, Any]

CLOCKS = (
    ("icebreaker", 8, 8, 48),
    ("icebreaker", 16, 4, 48),
    ("ulx3s-85f", 16, 8, 150),
    ("ulx3s-85f", 64, 8, 140),
    ("ulx3s-85f", 128, 8, 110),
)
"""Board, lanes, weight bits, and least median of the seeds in MHz."""

SHARES = (
    ("ice40", 8, "1x128", 0.1, 0.97),
    ("ice40", 8, "1x128", 0.03, 0.90),
    ("ice40", 16, "2x128", 0.1, 0.97),
    ("ice40", 16, "2x128", 0.03, 0.90),
    ("ecp5", 16, "2x256", 0.1, 0.97),
    ("ecp5", 64, "2x256", 0.1, 0.90),
    ("ecp5", 128, "2x256", 0.1, 0.85),
    ("ecp5", 16, "2x256", 0.03, 0.90),
    ("ecp5", 64, "2x256", 0.03, 0.75),
)
"""Family, lanes, network, activity, and least utilisation; on UP5K the largest network that fits,
on 16 lanes with 4-bit weights."""

CHIPS = {"ice40": "UP5K", "ecp5": "ECP5"}
"""Names of the chips by family."""

FIXED, IDLE = 32, 24
"""Most cycles of a layer beyond the ideal (8 lanes, 1x128, dense) and of an idle layer."""


def goals(builds: list[Row], runs: list[Row] | None) -> list[list[str]]:
    """Rows of goal, wanted, measured and whether it is met."""
    rows = []
    for board, lanes, bits, mhz in CLOCKS:
        found = [
            build
            for build in builds
            if (build["board"], build["lanes"], build["weight_bits"], build["design"])
            == (board, lanes, bits, "accelerator")
        ]
        came = found[0].get("median_mhz") if found else None
        text = came and f"{came:.1f} MHz, {len(found[0]['seeds'])} seeds"
        goal = f"median routed clock, {board}, {lanes} lanes, {bits}-bit weights"
        rows.append(_row(goal, f">= {mhz} MHz", text, came and came >= mhz))
    by = {(r["family"], r["lanes"], r["network"], r["activity"]): r for r in runs or []}
    for family, lanes, network, activity, share in SHARES:
        run = by.get((family, lanes, network, activity))
        where = f"{CHIPS[family]}, {lanes} lanes"
        goal = f"utilisation, {network} GRU, {activity:.0%} active, {where}"
        came = run and run["utilisation"]
        text = run and f"{came:.1%}, sustained {run['sustained']['utilisation']:.1%}"
        rows.append(_row(goal, f">= {share:.0%}", text, came and came >= share))
    if dense := by.get(("ice40", 8, "1x128", 1)):
        came = dense["fixed_cycles_per_layer"]
        goal = "cycles beyond the ideal, 1x128, 8 lanes"
        rows.append(_row(goal, f"<= {FIXED}", f"{came:.0f}", came <= FIXED))
    idle = [run["cycles"]["mean"] / run["layers"] for run in runs or [] if run["activity"] == 0]
    if idle:
        came = max(idle)
        rows.append(_row("an idle layer, cycles", f"<= {IDLE}", f"{came:.0f}", came <= IDLE))
    return rows


def _row(goal: str, wanted: str, came: str | None, met: bool | None) -> list[str]:
    if came is None:
        return [goal, wanted, "not measured", ""]
    return [goal, wanted, came, "yes" if met else "no"]
