"""The accelerator that a board is given."""

from thresh.gateware.accelerator import Accelerator
from thresh.gateware.sdram.sdram_setup import SdramSetup
from thresh.hw.board import Board
from thresh.hw.families import FAMILIES
from thresh.hw.sdram_pads import PAD_DELAY
from thresh.hw.serial_line import check_baud
from thresh.layout.geometry import Geometry
from thresh.layout.image import Image


def accelerator_of(
    board: Board, image: Image | None, geometry: Geometry | None = None
) -> Accelerator:
    """The accelerator that is built for a board.

    Raises
    ------
    ValueError
        When the image is of another geometry, or the serial line's speed cannot be met.
    """
    geometry = geometry or (image.geometry if image else board.geometry)
    if image is not None and image.geometry != geometry:
        raise ValueError("The image was laid out for an accelerator of another geometry")
    check_baud(board.clock_hz, board.baud)
    sdram = None
    if geometry.columns == "sdram":
        if board.sdram is None:
            raise ValueError(f"The board {board.name} has no SDRAM for columns")
        # What an SDRAM holds is loaded over the link, the rest with it.
        image = None
        sdram = SdramSetup(chip=board.sdram, clock_hz=board.clock_hz, pad_delay=PAD_DELAY)
    return Accelerator(
        geometry=geometry,
        primitives=FAMILIES[board.family].primitives,
        clock_hz=board.clock_hz,
        baud=board.baud,
        image=image if board.preloads else None,
        sdram=sdram,
    )
