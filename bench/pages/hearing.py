"""The table of the keywords that a device listens for."""

from bench.results import load

from .markdown import table


def keywords() -> str:
    """The delta network of the keywords in integers beside its plain control, on test."""
    result = load("device-keywords")
    if result is None:
        return table([], [])
    head = ["network", "seeds", "clips", result["unit"], "fewer fetches, times"]
    clips = f"{result['clips']['test']} of {result['clusters']} speakers"
    seeds = ", ".join(map(str, result["seeds"]))
    difference = f"{result['difference']:+.2f} ({result['low']:+.2f} to {result['high']:+.2f})"
    own = result["shipped"]
    return table(
        head,
        [
            ["plain control", seeds, clips, f"{result['control']:.2f}", "1.0"],
            ["delta, int8", seeds, clips, f"{result['delta']:.2f}", f"{result['reduction']:.1f}"],
            ["their difference, and its 95 % interval", seeds, clips, difference, ""],
            ["that ships", str(own["seed"]), clips, f"{own['test_error']:.2f}",
             f"{own['reduction']:.1f}"],
        ],
    )  # fmt: skip
