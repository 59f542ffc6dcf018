"""Tables of the words that a device listens for."""

from typing import Any

from bench.results import load

from .markdown import table

STREAMS = {
    "anew": "each clip alone", "stream": "a stream",
    "tuned": "a stream, with a threshold chosen on streams",
}  # fmt: skip
"""How the digits network hears, by the begin of a case's name."""


HEAD = [
    "clips of the test", "words missed", "%, and its 95 % interval", "false accepts",
    "hours without the word", "per hour", "below, with 95 % confidence",
]  # fmt: skip
"""Columns of a wake word."""


def keywords() -> str:
    """The delta network of the keywords in integers beside its plain control, on test."""
    result = load("device-keywords")
    if result is None:
        return table([], [])
    own = result["shipped"]
    head = ["network", "seeds", "clips", result["unit"], "fewer fetches, times"]
    clips = f"{result['clips']['test']} of {result['clusters']} speakers"
    seeds = ", ".join(map(str, result["seeds"]))
    difference = f"{result['difference']:+.2f} ({result['low']:+.2f} to {result['high']:+.2f})"
    return table(head, [
        ["plain control", seeds, clips, f"{result['control']:.2f}", "1.0"],
        ["delta, int8", seeds, clips, f"{result['delta']:.2f}", f"{result['reduction']:.1f}"],
        ["their difference, and its 95 % interval", seeds, clips, difference, ""],
        ["that ships", f"{own['seed']}", clips, f"{own['test_error']:.2f}",
         f"{own['reduction']:.1f}"],
    ])  # fmt: skip


def wake() -> str:
    """The wake word, every clip tested once: as recorded, and in other rooms."""
    return _wake(load("device-wake"), "the fold of the network that ships")


def wake_again() -> str:
    """The same in folds that are drawn anew."""
    return _wake(load("device-wake-again"), "the first fold")


def _wake(result: dict[str, Any] | None, title_of_first: str) -> str:
    """Delta networks beside their controls, or, where there are none, of one seed."""
    if result is None:
        return table([], [])
    if "control" not in result:
        return _folds(result, title_of_first)
    control, by_seed, lines = result["control"], result["by_seed"], []
    for name, kind in (("delta, int8", result), ("plain control, int8", control)):
        lines += [
            ["as recorded", name, seed, *_point(one)] for seed, one in kind["by_seed"].items()
        ]
        lines += [["as recorded", name, *_mean(kind, by_seed)]] * (len(by_seed) > 1)
    lines.append(["as recorded", "delta less control", _seeds(by_seed), *_difference(result)])
    for name, kind in (("delta, int8", result), ("plain control, int8", control)):
        lines.append(["in another room with a noise", name, *_mean(kind["elsewhere"], by_seed)])
    shipped = result["shipped"]
    seed = f"{shipped['seed']}{', trained earlier' * shipped['of_earlier_training']}"
    lines.append([title_of_first, "delta, int8", seed, *_point(shipped)])
    for title, one in (
        ("thresholds chosen for half as many false accepts", "half_the_rate"),
        *((f"one threshold of their own: fewest misses at {rate:g} an hour", number)
          for number, rate in enumerate((0.5, 1, 2.5))),
    ):  # fmt: skip
        found = result[one] if isinstance(one, str) else result["one_threshold"][one]
        lines.append([title, "delta, int8", *_mean(found, by_seed)])
    return table([HEAD[0], "network", "seeds", *HEAD[1:]], lines)


def _seeds(by_seed: dict[str, Any]) -> str:
    return ", ".join(by_seed)


def _mean(one: dict[str, Any], by_seed: dict[str, Any]) -> list[str]:
    """Seeds, and what they come to together; the hours are the same of each."""
    missed, percent, false, hours, *rates = _point(one)
    count = len(by_seed)
    if count > 1:
        hours = f"{count} times {one['hours'] / count:.2f}"
    return [_seeds(by_seed), missed, percent, false, hours, *rates]


def _difference(result: dict[str, Any]) -> list[str]:
    one = result["difference"]
    low, high = one["misses_interval_95"]
    least, most = one["false_per_hour_interval_95"]
    return [
        "", f"{100 * one['misses']:+.1f} ({100 * low:+.1f} to {100 * high:+.1f})", "", "",
        f"{one['false_per_hour']:+.2f} ({least:+.2f} to {most:+.2f})", "",
    ]  # fmt: skip


def _folds(result: dict[str, Any], title_of_first: str) -> str:
    """Of one seed, without a control."""
    first = result["by_fold"][0]
    cases = {
        f"all {result['folds']} folds, as recorded": result,
        "the same, each in another room with a noise": result["elsewhere"],
        title_of_first: first,
        "all folds, thresholds chosen for half as many false accepts": result["half_the_rate"],
    } | {
        f"all folds, one threshold of their own: fewest misses at {rate:g} an hour": one
        for rate, one in zip((0.5, 1, 2.5), result["one_threshold"], strict=True)
    }  # fmt: skip
    return table(HEAD, [[title, *_point(one)] for title, one in cases.items()])


def endless() -> str:
    """The digits network on clips, and on streams that do not end."""
    found = load("device-endless") or []
    head = ["heard", "noise below the words", "words", "heard right", "announced again",
            "taken for another", "announced in pauses", "false per hour"]  # fmt: skip
    lines = []
    for row in found:
        heard, _, noise = row["case"].partition("-")
        right = f"{100 * row['heard'] / row['words']:.0f} %"
        counts = [str(row[name]) for name in ("doubled", "other", "between")]
        lines.append(
            [STREAMS[heard], noise.replace("dB", " dB"), str(row["words"]), right, *counts,
             f"{row['false_per_hour']:,.0f}"]
        )  # fmt: skip
    return table(head, lines)


def _point(one: dict[str, Any]) -> list[str]:
    low, high = one["misses_interval_95"]
    return [
        f"{one['missed']} of {one['words']}",
        f"{100 * one['misses']:.1f} ({100 * low:.1f} to {100 * high:.1f})",
        str(one["false_accepts"]), f"{one['hours']:.2f}", f"{one['false_per_hour']:.2f}",
        f"{one['false_per_hour_limit_95']:.2f}",
    ]  # fmt: skip
