"""The page of a device that was simulated and built: one self-contained file."""

from pathlib import Path
from typing import Any

import numpy as np

from thresh.model.files import read_arrays, write_atomically
from thresh.reports.plots import fmax, utilization
from thresh.reports.render import render

from . import plots
from .found import Found, read_found

DRAWN = "device.npz"
PAGE = "report.html"

STAGES = {"samples": 1, "features": 2, "events": 2, "scores": 2}
"""Stages that are drawn, in the file `DRAWN`, and their dimensions."""


def write_device_page(folder: Path) -> Path:
    """Render the page of the device that ran in ``folder``.

    Raises
    ------
    ValueError, OSError
        When none ran there, or what it left behind is damaged.
    """
    found = read_found(folder)
    arrays = read_arrays(folder / DRAWN)
    if {name: array.ndim for name, array in arrays.items()} != STAGES:
        raise ValueError(f"{folder / DRAWN} is not what a device leaves behind: run it again")
    page = render(
        "device/page.html.j2",
        title=f"{found.network} in {found.board_title}: a device that hears",
        subtitle="From a microphone's bits to a word at a pin, without a PC. The bits of the clips "
        "enter the pins of the simulated device, whose two clocks are unrelated, and every integer "
        "of every stage is compared with the golden chain.",
        facts=_facts(found),
        parts=[*_heard(found, arrays), *_hardware(found), _steps(found)],
        tools=found.build.tools if found.build else {},
        command=found.command,
    )
    write_atomically(folder / PAGE, page)
    return folder / PAGE


def _facts(found: Found) -> list[dict[str, str]]:
    clips, simulation = found.clips, found.simulation
    right = sum(clip.heard == [clip.label] for clip in clips)
    wrong = simulation.differences
    facts = [
        {"value": f"{right} of {len(clips)}", "name": "clips heard right, and nothing else"},
        {
            "value": f"{len(wrong)} clips" if wrong else "0",
            "name": f"{'differ' if wrong else 'differences'} in {simulation.integers:,} integers",
            "mood": "bad" if wrong else "good",
        },
    ]
    if simulation.pin_ms is not None:
        facts.append(
            {"value": f"{simulation.pin_ms:.0f} ms", "name": "from a word's end to its pin, median"}
        )
    facts.append(
        {"value": f"{simulation.share_awake:.1%}", "name": "of the time the core's clock runs"}
    )
    if found.current:
        facts.append(
            {
                "value": f"{found.current.core_ma:.2f} mA",
                "name": "on the core's rail, an estimate",
            }
        )
    return facts


def _heard(found: Found, arrays: dict[str, np.ndarray]) -> list[dict[str, Any]]:
    shown: dict[str, Any] = {**found.drawn.model_dump(), **arrays}
    rows = [
        (
            clip.name,
            ", ".join(clip.heard) or "-",
            " ".join(f"{seconds:.2f} s" for seconds in clip.seconds) or "-",
            "-" if clip.pin_ms is None else f"{clip.pin_ms:.0f} ms",
        )
        for clip in found.clips
    ]
    return [
        {
            "title": "What it hears",
            "svg": plots.hearing(plots.Drawn(**shown)),
            "caption": "The vertical line is the moment at which the word's pin rises, in the "
            "simulation; the dashed line is where the word ends.",
        },
        {
            "title": "Every clip",
            "text": "The device starts anew before each of them. The last column is the time from "
            "the word's end to its pin; below zero the word was known before it ended.",
            "columns": ("clip", "heard", "after", "word's end to pin"),
            "rows": rows,
        },
    ]


def _hardware(found: Found) -> list[dict[str, Any]]:
    parts = []
    if found.blocks:
        parts.append(
            {
                "title": "Logic cells by block",
                "svg": plots.bars(
                    "blocks", dict(found.blocks), "cells", "Logic cells of every block"
                ),
                "caption": "As the estimate has them, before place and route.",
            }
        )
    if built := found.build:
        parts.append(
            {
                "title": f"The FPGA: {built.device}",
                "svg": utilization(built.model_dump()["utilization"]),
                "caption": "What nextpnr placed.",
            }
        )
        for name, clock in built.clocks.items():
            parts.append(
                {
                    "title": f"Routed speed of the {name} clock",
                    "svg": fmax(clock.fmax_mhz, clock.clock_mhz),
                    "caption": "One place and route per seed, from nextpnr's report.",
                }
            )
    if current := found.current:
        parts.append(
            {
                "title": "Current, an estimate",
                "svg": plots.bars("current", current.parts, "mA", "Current of every part"),
                "caption": current.source,
            }
        )
    return parts


def _steps(found: Found) -> dict[str, Any]:
    return {
        "title": "From clips to a bitstream",
        "columns": ("step", "result", "seconds"),
        "rows": [(step.name, step.result, f"{step.seconds:.1f}") for step in found.steps],
    }
