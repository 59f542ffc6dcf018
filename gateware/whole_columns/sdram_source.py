"""SDRAM source: columns fetched from SDRAM, beside the biases on the chip."""

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.columns.column_engine import column_access
from thresh.gateware.sdram.column_cutter import column_request
from thresh.gateware.sdram.sdram_columns import SdramColumns
from thresh.gateware.sdram.sdram_ports import sdram_pins
from thresh.layout.sdram_chip import ULX3S_SDRAM

from .column_requests import column_job
from .fetched_rows import FetchedRows
from .whole_column_mac import lane_word


class SdramSource(wiring.Component):
    """`SdramColumns` -> `FetchedRows`: the lanes are as many as the SDRAM brings weights per cycle.

    Parameters
    ----------
    geometry : thresh.layout.geometry.Geometry
    primitives : Primitives
    sdram : SdramSetup
    weights : sequence of int
        Biases at power-up; they lie in the lower half of the weight memory's addresses.

    Members
    -------
    i : In(stream of `request`), jobs : In(stream of `column_job`)
    o : Out(`lane_word`)
    busy : Out(1)
        There is a word.
    access : In(`column_access`)
        The upper half of the addresses is a window on a page of the SDRAM, a burst per word,
        written at least 48 cycles apart and never read.
    pins : Out(`sdram_pins`)
    """

    own_rows = False
    step_bits = 26
    """Width of what a step can cost: all words of a chip of 32 MB, refresh and the opening of rows
    beside them."""

    def __init__(self, *, geometry, primitives, sdram, weights=()):
        self.geometry = geometry
        self.primitives = primitives
        self.sdram = sdram
        self.weights = weights
        self.lanes, self.depth = self.shape(geometry).values()
        self.request = self.request_layout(geometry, sdram.chip)
        self.base_bits = sdram.chip.column_bits - 3
        word = lane_word(
            lanes=self.lanes, weight_bits=geometry.weight_bits, value_bits=geometry.value_bits,
            depth=self.depth, own_rows=False,
        )  # fmt: skip
        super().__init__(
            {
                "i": In(stream.Signature(self.request)),
                "jobs": In(stream.Signature(column_job(geometry.value_bits))),
                "o": Out(word),
                "busy": Out(1),
                "access": In(column_access(geometry)),
                "pins": Out(sdram_pins(sdram.chip)),
            }
        )

    @staticmethod
    def shape(geometry):
        """The lanes, and the rows of each."""
        return {"lanes": geometry.pointwise_lanes, "depth": geometry.accumulator_depth}

    @staticmethod
    def request_layout(geometry, chip=ULX3S_SDRAM):
        """A column: its first burst, and how many it has."""
        return column_request(chip)

    @staticmethod
    def memories(geometry, primitives):
        """Of biases, and of words that were fetched."""
        memory, width = primitives.column_memory, geometry.weight_word_bits
        biases = memory.memories(width=width, depth=geometry.weight_depth // 2)
        return biases + SdramColumns.memories()

    def elaborate(self, platform):
        m = Module()
        m.submodules.columns = columns = SdramColumns(
            chip=self.sdram.chip, clock_hz=self.sdram.clock_hz, pad_delay=self.sdram.pad_delay
        )
        m.submodules.rows = rows = FetchedRows(
            geometry=self.geometry, read_latency=self.primitives.read_latency
        )
        wiring.connect(m, wiring.flipped(self.i), columns.i)
        wiring.connect(m, columns.o, rows.words)
        wiring.connect(m, wiring.flipped(self.jobs), rows.jobs)
        wiring.connect(m, columns.pins, wiring.flipped(self.pins))
        m.d.comb += [self.o.eq(rows.o), self.busy.eq(rows.busy)]
        self._biases(m)
        self._window(m, columns)
        return m

    def _biases(self, m):
        """Biases are read and written as the weight memory elsewhere."""
        shape, access = self.geometry, self.access
        m.submodules.biases = biases = self.primitives.column_memory(
            width=shape.weight_word_bits, depth=shape.weight_depth // 2, init=self.weights
        )
        m.d.sync += biases.read_address.eq(access.address)
        m.d.comb += [
            access.word.eq(biases.read_data),
            biases.write_enable.eq(access.write & ~access.write_address[-1]),
            biases.write_address.eq(access.write_address),
            biases.write_data.eq(access.write_data),
        ]

    def _window(self, m, columns):
        """A page of the SDRAM behind the upper half of the addresses."""
        access, page = self.access, Signal(16)
        window = len(access.write_address) - 1
        with m.If(access.page_write):
            m.d.sync += page.eq(access.write_data)
        m.d.comb += [
            columns.load.valid.eq(access.write & access.write_address[-1]),
            columns.load.payload.eq(access.write_data),
            columns.load_address.eq(Cat(access.write_address[:window], page)),
        ]
