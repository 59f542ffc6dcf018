"""The core with its columns in SDRAM."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import Out

from thresh.layout.layer_table import PAGE_WORD
from thresh.layout.link import Region

from .sdram.sdram_columns import SdramColumns
from .sdram.sdram_ports import BURST, sdram_pins
from .whole_column_core import WholeColumnCore
from .whole_columns.sdram_stage import SdramStage


class SdramCore(WholeColumnCore):
    """The core for networks that outgrow the chip: an event fetches its whole column from SDRAM.

    The lanes are as many as the SDRAM brings weights per cycle, and each multiplies in every cycle
    in which a word comes. The weight memory on the chip holds the biases.

    Parameters
    ----------
    geometry, primitives, image
        As the `Core`'s; the image is a `thresh.layout.sdram_image.SdramImage`.
    chip : thresh.layout.sdram_chip.SdramChip
    clock_hz : float
    pad_delay : int
        As the `SdramController`'s.

    Members
    -------
    pins : Out(`sdram_pins`)
        Beside the `Core`'s. The upper half of the region WEIGHTS is a window on a page of the
        SDRAM, a burst per word, written at least 48 cycles apart and never read; the page is the
        table's word `PAGE_WORD`.
    """

    step_bits = 26
    """All words of a chip of 32 MB, refresh and the opening of rows beside them."""

    def __init__(self, *, geometry, chip, clock_hz, pad_delay=0, primitives=None, image=None):
        if geometry.weight_word_bits != 16 * BURST:
            raise ValueError(
                f"Streamed columns need lanes = {16 * BURST // geometry.weight_bits} for "
                f"{geometry.weight_bits}-bit weights, not {geometry.lanes}"
            )
        self.chip = chip
        self.clock_hz = clock_hz
        self.pad_delay = pad_delay
        self.more_members = {
            "pins": Out(sdram_pins(chip)),
        }
        super().__init__(geometry=geometry, primitives=primitives, image=image)

    def _columns(self, *, weights, index_bits):
        return SdramStage(
            geometry=self.geometry, primitives=self.primitives, weights=weights,
            index_bits=index_bits, chip=self.chip,
        )  # fmt: skip

    def _multiply(self, m, walker, queue, columns, sequencer, access):
        super()._multiply(m, walker, queue, columns, sequencer, access)
        m.submodules.sdram = sdram = SdramColumns(
            chip=self.chip, clock_hz=self.clock_hz, pad_delay=self.pad_delay
        )
        wiring.connect(m, columns.request, sdram.i)
        wiring.connect(m, sdram.o, columns.words)
        wiring.connect(m, sdram.pins, wiring.flipped(self.pins))

        outside, page = self.access, Signal(16)
        window = Shape.cast(range(self.geometry.weight_depth)).width - 1
        turns = outside.write & (outside.region == Region.TABLE) & (outside.address == PAGE_WORD)
        with m.If(turns):
            m.d.sync += page.eq(outside.write_data)
        m.d.comb += [
            sdram.load.valid.eq(access.weight_write & outside.address[window]),
            sdram.load.payload.eq(outside.write_data),
            sdram.load_address.eq(Cat(outside.address[:window], page)),
        ]
