"""Energy of a frame on a board: an estimate from currents, never a measurement.

The charge of a frame is that of its cycles, plus what the multipliers add while they work, plus
the static current while the frame lasts::

    charge = cycles * (clock + cells * cell) + ideal * lanes * multiplier + static * cycles / f
    energy = volts * charge

``cycles`` and ``ideal`` are those of `thresh.performance.cycles`, f the board's clock, ``cells``
the logic that `thresh.hw.estimates.resources` predicts, or `ROUGH_CELLS` where it has no builds.
Between frames the clock is taken to be halted; what the board spends then, its regulators, link,
flash and lights are not in it, nor are reads of SPRAM and block RAM, of which no published figure
was found.

The currents of the iCE40UP5K were measured by tinyVision.ai (Joulescope JS110, core rail at
1.219 V; github.com/tinyvision-ai-inc/ice40_power, README at 1af931e):

- halted clock: 92.1 uA, taken as static;
- 12 MHz with 32 cells: 613.5 uA, so (613.5 - 92.1) / 12 = 43.5 uA/MHz for the clock;
- 228 cells of counters instead of 32: 641.3 uA, so 0.012 uA/MHz for a cell that rarely toggles;
- a multiplier of 180 cells that toggles in every cycle, against a counter: 996 - 645 uA at
  12 MHz, so 0.163 uA/MHz for a busy cell. A cell of an accelerator lies between; the geometric
  mean of both is used, which may be wrong by a factor of 3.7 in either direction;
- the same multiplier in a DSP block: 882 - 645 uA at 12 MHz for it and 44 cells of counters, so
  19.2 uA/MHz for the DSP block.

For the ECP5 (40 nm as the iCE40UP5K) no measurement of its parts was found, and all of its
currents are assumptions: the dynamic ones are taken to be the iCE40UP5K's; the static ones, 77, 116
and 212 mA at 1.1 V (12F and 25F, 45F, 85F), are said to be the typical standby core currents of
Lattice's data sheet FPGA-DS-02012, whose table was not at hand. Of the Gowin GW2A no currents are
known here, and a frame there has no energy.
"""

from dataclasses import dataclass

from thresh.hw.board import Board
from thresh.layout.geometry import Geometry

from .estimate import CELLS
from .resources import predict_logic


@dataclass(frozen=True, kw_only=True)
class Currents:
    """What a device draws on its core rail.

    Parameters
    ----------
    volts : float
    static : float
        Amperes with a halted clock.
    clock, cell, multiplier : float
        Coulombs per cycle of the clock network, of a logic cell, of a working multiplier;
        1 uA/MHz is 1e-12 C.
    """

    volts: float
    static: float
    clock: float
    cell: float
    multiplier: float


QUIET_CELL = (641.3 - 613.5) / (12 * 196) * 1e-12
BUSY_CELL = (996 - 645) / (12 * 180) * 1e-12
CELL = (QUIET_CELL * BUSY_CELL) ** 0.5
CLOCK = (613.5 - 92.1) / 12 * 1e-12
MULTIPLIER = (882 - 645) / 12 * 1e-12 - 44 * QUIET_CELL

CURRENTS = {
    "iCE40UP5K": Currents(
        volts=1.219, static=92.1e-6, clock=CLOCK, cell=CELL, multiplier=MULTIPLIER
    ),
    **{
        device: Currents(volts=1.1, static=static, clock=CLOCK, cell=CELL, multiplier=MULTIPLIER)
        for device, static in (  # Assumed, see above.
            ("LFE5U-12F", 77e-3), ("LFE5U-25F", 77e-3), ("LFE5U-45F", 116e-3),
            ("LFE5U-85F", 212e-3),
        )
    },
}  # fmt: skip
"""By device."""

ROUGH_CELLS = (3100, 170)
"""Logic cells of an accelerator and per lane, from routed builds of two ULX3S boards."""

ESTIMATE = (
    "Energy is an estimate from published currents (iCE40) or assumed ones (ECP5), not measured, "
    "for the core rail while a frame is computed; it may be wrong by several times."
)
"""What must stand wherever an energy is shown."""


def frame_energy(board: Board, geometry: Geometry, *, cycles: float, ideal: float) -> float | None:
    """Joules that a frame takes on ``board``, estimated; None for a device without figures.

    Parameters
    ----------
    board : Board
    geometry : Geometry
        Of the accelerator.
    cycles, ideal : float
        Cycles of a frame, and those in which the multipliers work.
    """
    drawn = CURRENTS.get(board.device)
    if drawn is None:
        return None
    logic = predict_logic(board.family, geometry)
    rough = ROUGH_CELLS[0] + ROUGH_CELLS[1] * geometry.lanes
    cells = next((count for name, count in logic.items() if name in CELLS), rough)
    charge = cycles * (drawn.clock + cells * drawn.cell)
    charge += ideal * geometry.lanes * drawn.multiplier
    charge += drawn.static * cycles / board.clock_hz
    return drawn.volts * charge
