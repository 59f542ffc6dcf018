"""Replay engine: dense columns in memory on the chip, read slice by slice."""

from amaranth import *
from amaranth.lib import wiring

from .column_engine import engine_members
from .column_mac import ColumnMAC
from .column_stage import ColumnStage
from .column_walker import ColumnWalker


class ReplayEngine(wiring.Component):
    """`ColumnWalker` -> `ColumnStage`: row block outer, lists replayed for every pass.

    One event per cycle, P weights of its column.

    Parameters
    ----------
    geometry : thresh.layout.geometry.Geometry
    primitives : Primitives
    weights : sequence of int
        Words of the column memory at power-up.

    Members
    -------
    As `engine_members` says.
    """

    step_bits = 20
    """Width of what a step can cost: more than every column of the largest weight memory."""

    def __init__(self, *, geometry, primitives, weights=()):
        self.geometry = geometry
        self.primitives = primitives
        self.weights = weights
        super().__init__(engine_members(geometry))

    @staticmethod
    def memories(geometry, primitives):
        """Columns, and captures."""
        width, depth = geometry.weight_word_bits, geometry.weight_depth
        columns = primitives.column_memory.memories(width=width, depth=depth)
        return columns + ColumnMAC.memories(geometry, primitives)

    @staticmethod
    def multipliers(geometry, primitives):
        """Those of the lanes."""
        lane = primitives.lane_of(geometry)
        return geometry.lanes // lane.products * lane.multipliers

    def elaborate(self, platform):
        m = Module()
        shape, make = self.geometry, self.primitives
        m.submodules.walker = walker = ColumnWalker(
            depth=shape.value_depth, weight_depth=shape.weight_depth, interleave=shape.interleave,
            blocks=shape.state_depth // shape.beats, read_latency=make.read_latency,
            waits=not make.captures,
        )  # fmt: skip
        m.submodules.stage = stage = ColumnStage(
            geometry=shape, primitives=make, weights=self.weights
        )
        for name in ("table", "lists", "layers"):
            wiring.connect(m, getattr(walker, name), wiring.flipped(getattr(self, name)))
        wiring.connect(m, walker.o, stage.i)
        wiring.connect(m, stage.passes, wiring.flipped(self.passes))
        wiring.connect(m, wiring.flipped(self.access), stage.access)
        m.d.comb += [
            stage.event.eq(self.event),
            self.sums.eq(stage.sums),
            self.waiting.eq(walker.waiting),
            self.busy.eq(walker.o.issue),
        ]
        return m
