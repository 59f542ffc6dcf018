"""Tables of campaigns and of upsets."""

from bench.results import load

from .markdown import table

CAMPAIGNS = {
    "packets": ("bad packets, answered as by the twin", "bad_packets", 1_000_000),
    "integers-resident": ("integers, columns on the chip", "integers", 10_000_000),
    "integers-sparse": ("integers, sparse columns on the chip", "integers", 10_000_000),
    "integers-sdram": ("integers, columns in SDRAM", "integers", 10_000_000),
    "drift-resident": ("steps of one sequence without drift", "steps", 1_000_000),
    "drift-sparse": ("the same, sparse columns", "steps", 1_000_000),
    "power-cuts": ("power cuts while a network is loaded", "cuts", 1_000),
}
"""What is counted, by campaign, and how much it goes on to."""

BESIDE = {
    "packets": "packets in all", "bad_tables": "bad layer tables", "integers": "integers compared",
    "networks": "networks", "steps": "steps", "saturations": "saturations",
    "looked_at": "times that M was computed anew", "cuts_of_the_host": "of the host",
    "cuts_of_the_accelerator": "of the accelerator", "stops": "times stopped and restored",
}  # fmt: skip
"""What else is said of it."""


def campaigns() -> str:
    """What every campaign has done."""
    rows = []
    for name, (what, unit, wanted) in CAMPAIGNS.items():
        if found := load(f"soak-{name}"):
            counts, command = found["counts"], f"`{found['command']}`"
            beside = ", ".join(
                f"{counts[key]:,} {text}"
                for key, text in BESIDE.items()
                if key in counts and key != unit
            )
            rows.append([what, f"{counts[unit]:,}", f"{wanted:,}", beside, command])
    return table(["campaign", "done, without a fault", "of", "in which", "command"], rows)


def upsets() -> str:
    """What verifying finds, by memory."""
    found = load("soak-upsets")
    if found is None:
        return table([], [])
    counts = found["counts"]
    names = [key[: -len(": flips")] for key in counts if key.endswith(": flips")]
    rows = []
    for name in [*sorted(names), ""]:
        flips, wrong, verified, unseen = (
            counts[f"{name}: {what}" if name else what]
            for what in ("flips", "wrong", "found", "unseen")
        )
        share = f"{1 - unseen / wrong:.0%}" if wrong else "-"
        rows.append(
            [
                name or "all of these",
                f"{flips:,}",
                f"{wrong:,}",
                f"{verified:,}",
                f"{unseen:,}",
                share,
            ]
        )
    head = ["memory", "upsets", "with wrong outputs", "found by verifying"]
    return table([*head, "wrong outputs, not found", "found of those with wrong outputs"], rows)
