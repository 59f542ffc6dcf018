"""Table of how long an accelerator may be silent, which is reckoned and not measured."""

from bench.cycles.sdram_network import CLOCK_HZ, GEOMETRY
from thresh.hw.estimates.board_geometry import board_geometry
from thresh.hw.known_boards import BOARDS
from thresh.layout.geometry import Geometry
from thresh.layout.link import DEFAULT_BAUD
from thresh.performance.longest_answer import longest_answer
from thresh.performance.longest_step import longest_step

from .markdown import table


def answers() -> str:
    """The longest step and the longest answer of the boards' accelerators."""
    boards: dict[tuple[str, ...], list[str]] = {}
    for name, board in BOARDS.items():
        cells = _times(board_geometry(board), board.clock_hz)
        try:
            cells += _times(board_geometry(board, sparse=True), board.clock_hz)
        except ValueError:  # no block RAM for the lanes' sums
            cells += ["-", "-"]
        boards.setdefault((f"{board.clock_hz / 1e6:g}", *cells), []).append(f"`{name}`")
    rows = [[", ".join(names), *cells] for cells, names in boards.items()]
    streamed = ["`ulx3s-85f`, columns of 2 x 768 units in SDRAM", f"{CLOCK_HZ / 1e6:g}", "-", "-"]
    rows.append([*streamed, *_times(GEOMETRY, CLOCK_HZ)])
    head = ["accelerator", "MHz", "a step ends within, ms", "an answer has left within, ms"]
    return table([*head, "sparse: a step, ms", "sparse: an answer, ms"], rows)


def _times(geometry: Geometry, clock_hz: float) -> list[str]:
    bit_cycles = round(clock_hz / DEFAULT_BAUD)
    cycles = longest_step(geometry), longest_answer(geometry, bit_cycles)
    return [f"{1e3 * number / clock_hz:,.0f}" for number in cycles]
