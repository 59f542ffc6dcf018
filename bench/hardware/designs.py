"""Every design whose clocks or logic are published, and where its row is kept."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bench.results import RESULTS
from thresh.hw.board import Board
from thresh.hw.known_boards import find_board
from thresh.model.files import write_atomically

from . import boards, device_build, mixed_stack, sdram_build
from .clocks import shortage
from .cores import image_core, make_core
from .logic import counted_targets, shape_name
from .targets import DESIGNS, TARGETS, build_path

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Design:
    """A design and its row.

    Parameters
    ----------
    name : str
    board : Board
        With the clock that is asked for.
    make : callable
        Makes its core.
    result : str
        File of ``docs/results``.
    is_row : callable
        Whether a row of the file is of this design.
    logic : bool
        It is synthesised and counted, not routed.
    """

    name: str
    board: Board
    make: Callable[[], Any]
    result: str
    is_row: Callable[[Row], bool]
    logic: bool = False

    def row(self) -> Row | None:
        """What was measured of it; None when it was not, or does not fit."""
        path = RESULTS / f"{self.result}.json"
        found = [row for row in _rows(json.loads(path.read_text())) if self.is_row(row)]
        return found[0] if found and "error" not in found[0] else None

    def keep(self, **fields: str) -> None:
        """Write fields of its row anew."""
        path = RESULTS / f"{self.result}.json"
        text = path.read_text()
        data = json.loads(text)
        next(row for row in _rows(data) if self.is_row(row)).update(fields)
        lines = ",\n".join(json.dumps(row) for row in data)
        of_lines = f"[\n{lines}\n]\n" if isinstance(data, list) else ""
        line_each = text.startswith("[\n{")
        write_atomically(path, of_lines if line_each else json.dumps(data, indent=2) + "\n")

    def seeds(self, row: Row) -> Sequence[int]:
        """Those of a row."""
        if self.logic:
            return ()
        routed = row["clocks"]["sync"] if "clocks" in row else row
        return row.get("seeds") or [int(seed) for seed in routed["fmax_mhz"]]


def designs() -> dict[str, Design]:
    """All of them by name."""
    found = [*_targets(), *_boards(), *_sdram(), *_mixed(), *_devices(), *_logic()]
    return {design.name: design for design in found}


def _rows(data: Any) -> Iterator[Row]:
    yield from data if isinstance(data, list) else data.get("builds", [data])


def _targets() -> Iterator[Design]:
    for target in TARGETS:
        for design in () if shortage(target) else DESIGNS:
            yield Design(
                name=f"{target.name}-{design}",
                board=target.board,
                make=lambda target=target, design=design: make_core(target, design),
                result=build_path(target, design).stem,
                is_row=lambda row: True,
            )


def _boards() -> Iterator[Design]:
    for name, (board, *_) in boards.BUILDS.items():
        yield Design(
            name=f"board-{name}",
            board=find_board(board),
            make=lambda name=name: boards.make_core(name),
            result="boards",
            is_row=lambda row, name=name: row["command"] == boards.command(name),
        )


def _sdram() -> Iterator[Design]:
    for name, case in sdram_build.CASES.items():
        yield Design(
            name=f"sdram-{name}",
            board=find_board(sdram_build.BOARD),
            make=lambda case=case: sdram_build.make_core(case),
            result=sdram_build.RESULT,
            is_row=lambda row, name=name: row["case"] == name,
        )


def _mixed() -> Iterator[Design]:
    for name in mixed_stack.BOARDS:
        yield Design(
            name=f"mixed-{name}",
            board=find_board(name),
            make=lambda name=name: image_core(name, mixed_stack.mixed_network()),
            result="mixed-stack",
            is_row=lambda row, name=name: row["board"] == name,
        )


def _devices() -> Iterator[Design]:
    for name, case in device_build.CASES.items():
        yield Design(
            name=f"device-{name}",
            board=case.routed,
            make=case.make,
            result="device-build",
            is_row=lambda row, name=name: row["case"] == name,
        )


def _logic() -> Iterator[Design]:
    for target in counted_targets():
        name = shape_name(target)
        yield Design(
            name=f"logic-{name}",
            board=target.board,
            make=lambda target=target: make_core(target, "accelerator"),
            result="logic",
            is_row=lambda row, name=name: row["name"] == name,
            logic=True,
        )
