"""Write the figures of README.md and the pages under docs/ from docs/results."""

import sys

from bench.hardware.targets import load_builds
from bench.results import ROOT, load

from . import (
    answers,
    cycles,
    device,
    exports,
    hardware,
    hearing,
    plots,
    soak,
    software,
    sparse,
    streamed,
)
from .markdown import fill
from .summary import summary

PAGES = (
    "README.md", "docs/results.md", "docs/boards.md", "docs/sparse-columns.md", "docs/device.md",
    "docs/wake-word.md", "docs/integration.md", "docs/image-and-link.md",
)  # fmt: skip

TABLES = {
    "summary": summary, "answers": answers.answers,
    "hearing": software.hearing, "simulation": software.simulation, "training": software.training,
    "estimate_time": software.estimate_time, "simulation_speed": software.simulation_speed,
    "hardware": hardware.hardware, "boards": hardware.boards,
    "board_routings": hardware.board_routings, "bitstreams": hardware.bitstreams,
    "logic": hardware.logic, "utilisation": cycles.utilisation, "recordings": cycles.recordings,
    "device_pins": device.pins, "device_lights": device.lights, "device_blocks": device.blocks,
    "device_parts": device.parts, "device_builds": device.builds, "device_words": device.words,
    "device_work": device.work, "device_clips": device.clips,
    "streamed": streamed.streamed, "streamed_builds": streamed.builds,
    "memories_on_paper": streamed.on_paper,
    "wanted": cycles.wanted, "prediction": cycles.prediction, "gates": cycles.gates,
    "device_keywords": hearing.keywords, "device_wake": hearing.wake,
    "device_wake_again": hearing.wake_again, "device_endless": hearing.endless,
    "export_sizes": exports.sizes, "export_benches": exports.benches,
    "changed_files": software.changed_files, "soak": soak.campaigns, "upsets": soak.upsets,
    "sparse_columns": sparse.sparse_columns, "sparse_sdram": sparse.sparse_sdram,
}  # fmt: skip


def render(name: str) -> str:
    """A page with every table written anew."""
    return fill((ROOT / name).read_text(), TABLES)


def write() -> None:
    """Write every page anew, and draw every plot whose data have changed."""
    plots.draw(load("utilisation") or [], load_builds())
    device.main()
    for name in PAGES:
        (ROOT / name).write_text(render(name))


def main() -> None:
    """Write the pages, or with ``--check`` say whether they would change."""
    if "--check" not in sys.argv[1:]:
        write()
        return
    stale = [name for name in PAGES if render(name) != (ROOT / name).read_text()]
    stale += device.stale()
    stale += plots.stale(load("utilisation") or [], load_builds())
    if stale:
        sys.exit(
            f"{', '.join(stale)}: not what docs/results says; run python -m bench.pages.figures"
        )


if __name__ == "__main__":
    main()
