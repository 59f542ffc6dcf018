"""The demo's report: one self-contained page."""

from pathlib import Path
from typing import Any

from thresh.model.files import read_arrays, write_atomically
from thresh.model.untrusted import (
    MOST_TEXT,
    Outside,
    PositiveFloat,
    PositiveInt,
    json_of,
    read_bytes,
    validated,
)

from . import plots
from .render import render

DATA = "demo.json"
ACTIVITY = "activity.npz"
PAGE = "report.html"


class Part(Outside, extra="ignore"):
    """Of what a demo leaves behind, as much as the page shows."""


class Step(Part):
    """A step of the demo."""

    name: str
    result: str
    seconds: float


class Heard(Part):
    """What the golden model heard."""

    sequences: int
    reduction: float | None
    accuracy: float | None = None


class Cycles(Part):
    """Of a frame."""

    mean: float


class Simulated(Part):
    """A simulation."""

    mismatches: int
    integers_compared: int
    utilisation: float
    cycles_per_frame: Cycles


class Resource(Part):
    """Of a device."""

    used: int
    available: PositiveInt


class Built(Part):
    """A bitstream."""

    device: str
    lanes: int
    clock_mhz: PositiveFloat
    fmax_mhz: dict[str, float]
    utilization: dict[str, Resource]
    tools: dict[str, str]


class Demo(Part):
    """What a demo leaves behind."""

    network: str
    board_title: str
    command: str
    drawn: str
    dense_fetches_per_frame: int
    golden: Heard
    sim: Simulated
    sim_core: Simulated
    build: Built
    steps: list[Step]


def write_page(folder: Path) -> Path:
    """Render the page of the demo that ran in ``folder``.

    Raises
    ------
    ValueError, OSError
        When no demo ran there.
    """
    if not (folder / DATA).exists():
        raise ValueError(f"{folder} holds no {DATA}: run `thresh demo` first")
    text = read_bytes(folder / DATA, MOST_TEXT)
    data = validated(Demo, json_of(text, folder / DATA), folder / DATA).model_dump()
    arrays = read_arrays(folder / ACTIVITY)
    if "fetches" not in arrays or {array.ndim for array in arrays.values()} - {1, 2}:
        raise ValueError(f"{folder / ACTIVITY} is not what a demo leaves behind: run it again")
    page = render(
        "report.html.j2",
        title=f"{data['network']} on {data['board_title']}",
        subtitle="A delta network: a value is sent only when it has moved by its threshold, and "
        "a value that is not sent costs no weight fetch and no multiply.",
        facts=_facts(data),
        steps=data["steps"],
        figures=_figures(data, arrays),
        tools=data["build"]["tools"],
        command=data["command"],
    )
    write_atomically(folder / PAGE, page)
    return folder / PAGE


def _facts(data: dict[str, Any]) -> list[dict[str, str]]:
    golden, sim, built = data["golden"], data["sim_core"], data["build"]
    facts = []
    if golden["accuracy"] is not None:
        facts.append(
            {"value": f"{golden['accuracy']:.1%}", "name": f"of {golden['sequences']} clips heard"}
        )
    if golden["reduction"]:
        facts.append(
            {"value": f"{golden['reduction']:.1f} ×", "name": "fewer weights fetched than dense"}
        )
    wrong, compared = (
        sum(data[name][count] for name in ("sim", "sim_core"))
        for count in ("mismatches", "integers_compared")
    )
    facts.append(
        {
            "value": f"{wrong:,}",
            "name": f"differences in {compared:,} integers compared",
            "mood": "bad" if wrong else "good",
        }
    )
    facts.append(
        {"value": f"{sim['utilisation']:.1%}", "name": "of the ideal speed of the multipliers"}
    )
    microseconds = sim["cycles_per_frame"]["mean"] / built["clock_mhz"]
    facts.append(
        {"value": f"{microseconds:,.0f} µs", "name": f"per frame at {built['clock_mhz']:g} MHz"}
    )
    return facts


def _figures(data: dict[str, Any], arrays: dict[str, Any]) -> list[dict[str, str]]:
    fetches = arrays.pop("fetches")
    built, dense = data["build"], data["dense_fetches_per_frame"]
    return [
        {
            "title": "Activity",
            "svg": plots.activity(arrays),
            "caption": f"Which value was sent in which frame of {data['drawn']}. Every dot costs "
            "one column of weights; the empty space costs nothing.",
        },
        {
            "title": "Work per frame",
            "svg": plots.work(fetches, dense),
            "caption": f"Weights fetched in each frame of {data['drawn']}, and the number that a "
            "dense network fetches in every frame.",
        },
        {
            "title": f"The device: {built['device']}",
            "svg": plots.utilization(built["utilization"]),
            "caption": f"What nextpnr placed for {built['lanes']} lanes.",
        },
        {
            "title": "Routed speed",
            "svg": plots.fmax(built["fmax_mhz"], built["clock_mhz"]),
            "caption": "One place and route per seed, from nextpnr's report.",
        },
    ]
