"""Sparse source: sparse columns out of memory on the chip."""

from amaranth import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.columns.column_engine import column_access
from thresh.gateware.lib.delayed import delayed
from thresh.layout.layer_table import REST_SHIFT
from thresh.layout.sparse_columns import SETTLE

from .column_requests import column_job
from .lane_rows import LaneRows
from .sparse_memory import SparseMemory
from .sparse_reader import SparseReader
from .whole_column_mac import lane_word


class SparseSource(wiring.Component):
    """`SparseReader` -> `SparseMemory` -> `LaneRows`: every lane has a weight, and a row, of its
    own in each cycle, until the column's fullest lane has no more.

    Parameters
    ----------
    geometry : thresh.layout.geometry.Geometry
    primitives : Primitives
    weights : sequence of int
        Words at power-up, as `thresh.layout.sparse_columns` lays them out.

    Members
    -------
    i : In(stream of `request`), jobs : In(stream of `column_job`)
    o : Out(`lane_word`)
    busy : Out(1)
        There is a word.
    access : In(`column_access`)
    """

    own_rows = True
    base_bits = 0
    """Bits of an address below those of a layer's base."""
    step_bits = 20
    """As the `ReplayEngine`'s."""

    def __init__(self, *, geometry, primitives, weights=()):
        if primitives.read_latency + 2 > SETTLE:
            raise ValueError(
                f"read_latency must be at most {SETTLE - 2}, not {primitives.read_latency!r}"
            )
        self.geometry = geometry
        self.primitives = primitives
        self.weights = weights
        self.lanes, self.depth = self.shape(geometry).values()
        self.request = self.request_layout(geometry)
        word = lane_word(
            lanes=self.lanes, weight_bits=geometry.weight_bits, value_bits=geometry.value_bits,
            depth=self.depth, own_rows=True,
        )  # fmt: skip
        super().__init__(
            {
                "i": In(stream.Signature(self.request)),
                "jobs": In(stream.Signature(column_job(geometry.value_bits))),
                "o": Out(word),
                "busy": Out(1),
                "access": In(column_access(geometry)),
            }
        )

    @staticmethod
    def shape(geometry):
        """The lanes, and the rows of each."""
        return {"lanes": geometry.lanes, "depth": geometry.accumulator_depth // geometry.beats}

    @staticmethod
    def request_layout(geometry):
        """A column: its first word, how many it has, and the cycles behind it."""
        return data.StructLayout(
            {
                "address": range(geometry.weight_depth // 2),
                "bursts": REST_SHIFT,
                "rest": range(SETTLE),
            }
        )

    @staticmethod
    def memories(geometry, primitives):
        """Those of weights and of offsets."""
        memory, width = primitives.column_memory, geometry.weight_word_bits
        return memory.memories(width=width, depth=geometry.weight_depth // 2) * 2

    def elaborate(self, platform):
        m = Module()
        shape = self.geometry
        m.submodules.reader = reader = SparseReader(
            request=self.request, value_bits=shape.value_bits
        )
        m.submodules.memory = memory = SparseMemory(
            geometry=shape, column_memory=self.primitives.column_memory, init=self.weights
        )
        m.submodules.rows = rows = LaneRows(
            lanes=shape.lanes, weight_bits=shape.weight_bits, depth=self.depth
        )
        wiring.connect(m, wiring.flipped(self.i), reader.i)
        wiring.connect(m, wiring.flipped(self.jobs), reader.jobs)
        wiring.connect(m, wiring.flipped(self.access), memory.access)
        # What is known of a word goes beside it through the memory.
        known = delayed(m, reader.o, memory.latency, "known")[-1]
        m.d.comb += [
            memory.read_address.eq(reader.address),
            rows.valid.eq(known.valid),
            rows.first.eq(known.first),
            rows.weights.eq(memory.weights),
            rows.offsets.eq(memory.offsets),
            self.o.weights.eq(memory.weights),
            self.o.rows.eq(rows.rows),
            self.o.adds.eq(rows.adds),
            self.o.delta.eq(known.delta),
            self.o.side.eq(known.side),
            self.o.end.eq(known.end),
            self.busy.eq(known.valid),
        ]
        return m
