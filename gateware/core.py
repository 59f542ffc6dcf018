"""The delta network core: values in, state out, no board and no link."""

from amaranth import *
from amaranth.lib import wiring

from .audio.multiplier_port import FACTOR_BITS
from .control.counters import Counters
from .control.layer_table import LayerTable
from .control.memory_access import MemoryAccess
from .core_members import core_members
from .encode.encode_stage import EncodeStage
from .encode.nonzero_queue import NonzeroQueue
from .engines import engine_memories, engine_multipliers, make_engine
from .pointwise.pointwise import Pointwise, register_distance
from .pointwise.pointwise_sequencer import PointwiseSequencer
from .pointwise.program_memory import ProgramMemory
from .primitives import Primitives


class Core(wiring.Component):
    """EncodeStage -> NonzeroQueue -> column engine -> Pointwise -> EncodeStage.

    A step begins when its last input has been encoded. What it costs depends on the engine, see
    `thresh.gateware.engines`; everything else hides behind it. The next step's inputs may arrive
    while a step is under way.

    Parameters
    ----------
    geometry : thresh.layout.geometry.Geometry
    primitives : Primitives
    image : thresh.layout.image.Image or None
        Weights and layer table at power-up.
    sdram : SdramSetup or None
        Where the geometry's columns are in SDRAM.
    counters : bool
        What steps cost is counted.
    readback : bool
        Every region is read and written. Else the network's are written and the state is read,
        which is what a loader and a reader of outputs need.
    shares_multiplier : bool
        The pointwise stage's multiplier serves another block as well.

    Raises
    ------
    ValueError
        Where counters could not be read, or a shared multiplier has not 16 bits.

    Members
    -------
    As `core_members` says.
    """

    def __init__(
        self,
        *,
        geometry,
        primitives=None,
        image=None,
        sdram=None,
        counters=True,
        readback=True,
        shares_multiplier=False,
    ):
        if counters and not readback:
            raise ValueError("Counters need readback: without it nothing can read them")
        if shares_multiplier and geometry.value_bits != FACTOR_BITS:
            raise ValueError(
                f"A shared multiplier needs value_bits = {FACTOR_BITS}, not {geometry.value_bits}"
            )
        self.geometry = geometry
        self.primitives = primitives or Primitives()
        self.image = image
        self.sdram = sdram
        self.counters = counters
        self.readback = readback
        self.shares_multiplier = shares_multiplier
        options = {"counters": counters, "shares_multiplier": shares_multiplier}
        super().__init__(core_members(geometry, sdram, **options))

    @staticmethod
    def multiplier_latency(primitives):
        """Cycles from the factors of a shared multiplier to their product."""
        return 1 + primitives.multiplier.latency

    @staticmethod
    def memories(geometry, primitives, counters=True):
        """Every `MemoryShape` inside."""
        return [
            *LayerTable.memories(),
            *EncodeStage.memories(geometry),
            *NonzeroQueue.memories(geometry),
            *engine_memories(geometry, primitives),
            *ProgramMemory.memories(
                beats=geometry.interleave * geometry.beats,
                distance=register_distance(primitives.multiplier, primitives.read_latency),
                read_latency=primitives.read_latency,
            ),
            *Pointwise.memories(geometry),
            *(Counters.memories() if counters else ()),
        ]

    @staticmethod
    def multipliers(geometry, primitives):
        """Multipliers of the device: the lanes', and those of the pointwise stage."""
        pointwise = geometry.pointwise_lanes * primitives.multiplier.multipliers
        return engine_multipliers(geometry, primitives) + pointwise

    def elaborate(self, platform):
        m = Module()
        self._place(m)
        self._encode(m)
        self._multiply(m)
        self._update(m)
        self._watch(m)
        self._reach(m)
        return m

    def _place(self, m):
        """The blocks, in the order in which data passes them."""
        shape, make = self.geometry, self.primitives
        latency, bits, beats = make.read_latency, shape.value_bits, shape.beats
        weights, table = [], []
        if self.image is not None:
            weights = [int.from_bytes(bytes(word), "little") for word in self.image.weights]
            table = [int(word) for word in (*self.image.table.flat, *self.image.header)]
        m.submodules.table = LayerTable(init=table, read_latency=latency, readable=self.readback)
        m.submodules.encode = EncodeStage(
            geometry=shape, read_latency=latency, readable=self.readback, compact=make.compact
        )
        m.submodules.queue = queue = NonzeroQueue(
            value_bits=bits, depth=shape.value_depth, read_latency=latency
        )
        m.submodules.engine = engine = make_engine(
            geometry=shape, primitives=make, weights=weights, sdram=self.sdram
        )
        m.submodules.sequencer = PointwiseSequencer(
            beats=beats, pointwise_lanes=shape.pointwise_lanes, interleave=shape.interleave,
            state_blocks=shape.state_depth // beats,
            distance=register_distance(make.multiplier, latency),
            accumulator_depth=shape.accumulator_depth, read_latency=latency,
            skips=not make.compact,
        )  # fmt: skip
        m.submodules.pointwise = pointwise = Pointwise(
            pointwise_lanes=shape.pointwise_lanes, beats=beats, interleave=shape.interleave,
            value_bits=bits, multiplier=make.multiplier, accumulator_depth=shape.accumulator_depth,
            state_depth=shape.state_depth, read_latency=latency,
            shares_multiplier=self.shares_multiplier, compact=make.compact,
        )  # fmt: skip
        if self.counters:
            m.submodules.counters = Counters(
                count_bits=len(queue.lists.x_count),
                saturation_bits=len(pointwise.saturated) + 1,
                step_bits=engine.step_bits,
            )
        m.submodules.access = MemoryAccess(
            geometry=shape, latency=make.column_memory.latency, readback=self.readback
        )

    def _encode(self, m):
        """Inputs and new state become events of the lists."""
        table, encode, queue = m.submodules.table, m.submodules.encode, m.submodules.queue
        sequencer, pointwise = m.submodules.sequencer, m.submodules.pointwise
        wiring.connect(m, wiring.flipped(self.x), encode.x)
        wiring.connect(m, encode.o, queue.i)
        wiring.connect(m, sequencer.state, encode.layer)
        wiring.connect(m, sequencer.hidden, queue.hidden)
        read_outside = Signal()
        m.d.sync += read_outside.eq(self.access.enable | encode.access.enable)
        m.d.comb += [
            encode.blocked.eq(read_outside),
            encode.inputs_minus_1.eq(table.inputs_minus_1),
            encode.threshold_x.eq(table.threshold_x),
            encode.taken.eq(queue.lists.take_x),
            encode.restart.eq(self.new_sequence),
            encode.word.eq(pointwise.word),
            encode.valid.eq(pointwise.word_valid),
            queue.flush.eq(self.new_sequence),
            self.fired.eq(encode.fired),
        ]

    def _multiply(self, m):
        """Events become sums of passes."""
        engine, table, queue = m.submodules.engine, m.submodules.table, m.submodules.queue
        wiring.connect(m, engine.table, table.walker)
        wiring.connect(m, engine.lists, queue.lists)
        wiring.connect(m, engine.layers, m.submodules.sequencer.layers)
        wiring.connect(m, engine.passes, m.submodules.sequencer.passes)
        m.d.comb += engine.event.eq(queue.event)

    def _update(self, m):
        """Sums become new state."""
        sequencer, pointwise = m.submodules.sequencer, m.submodules.pointwise
        wiring.connect(m, sequencer.table, m.submodules.table.pointwise)
        m.d.comb += [
            pointwise.i.eq(sequencer.o),
            pointwise.valid.eq(sequencer.valid),
            pointwise.accumulator_address.eq(sequencer.accumulator_address),
            pointwise.sums.eq(m.submodules.engine.sums),
            pointwise.shift.eq(sequencer.kind[4:8]),
            # What a clipped delta has not sent yet keeps the layer awake.
            sequencer.changed.eq(pointwise.changed | m.submodules.encode.h_saturated),
            sequencer.drained.eq(pointwise.drained),
        ]
        if self.shares_multiplier:
            wiring.connect(m, wiring.flipped(self.multiplier), pointwise.multiplier_port)
        m.d.sync += self.done.eq(sequencer.done)

    def _watch(self, m):
        """Whether a step or a new sequence is under way."""
        engine, sequencer, access = m.submodules.engine, m.submodules.sequencer, m.submodules.access
        active = ~engine.waiting | engine.layers.token.valid | ~sequencer.layers.idle
        busy = active | m.submodules.queue.lists.x_complete | access.active
        if self.counters:
            busy |= m.submodules.counters.busy
            self._count(m, active)
        else:
            queue = m.submodules.queue
            m.d.comb += [
                self.x_done.eq(queue.x_done),
                self.x_count.eq(queue.lists.x_count),
                self.h_done.eq(queue.h_done),
                self.h_count.eq(queue.lists.h_count),
            ]
        m.d.sync += self.busy.eq(busy | self.new_sequence)
        if self.shares_multiplier:
            with m.If(sequencer.done):
                m.d.sync += self.stepping.eq(0)
            with m.If(self.x.valid & self.x.ready):
                m.d.sync += self.stepping.eq(1)

    def _count(self, m, active):
        """What the sequence costs."""
        queue, counters = m.submodules.queue, m.submodules.counters
        token, encode = m.submodules.engine.layers.token, m.submodules.encode
        clipped = Signal.like(encode.saturated)
        m.d.sync += clipped.eq(encode.saturated)
        m.d.comb += [
            counters.clear.eq(self.new_sequence),
            counters.active.eq(active),
            counters.issue.eq(m.submodules.engine.busy),
            counters.done.eq(m.submodules.sequencer.done),
            counters.skip.eq(token.valid & token.ready & token.p.skip),
            counters.saturated.eq(m.submodules.pointwise.saturated + clipped),
            counters.x_done.eq(queue.x_done),
            counters.x_count.eq(queue.lists.x_count),
            counters.h_done.eq(queue.h_done),
            counters.h_count.eq(queue.lists.h_count),
            counters.h_segment.eq(queue.lists.h_tag),
        ]

    def _reach(self, m):
        """What happens between steps: words from and to outside, a new sequence."""
        access, table, pointwise = m.submodules.access, m.submodules.table, m.submodules.pointwise
        queue, encode = m.submodules.queue, m.submodules.encode
        wiring.connect(m, wiring.flipped(self.access), access.outside)
        wiring.connect(m, access.accumulators, pointwise.accumulators)
        wiring.connect(m, access.state, pointwise.state)
        wiring.connect(m, access.references, encode.access)
        wiring.connect(m, access.table, table.access)
        wiring.connect(m, access.columns, m.submodules.engine.access)
        if "pins" in self.signature.members:
            wiring.connect(m, m.submodules.engine.pins, wiring.flipped(self.pins))
        m.d.comb += [
            access.new_sequence.eq(self.new_sequence),
            access.bias_base.eq(table.bias_base),
            access.last.eq(table.reset_minus_1),
            queue.clear.eq(access.clear_list),
            queue.clear_address.eq(access.list_address),
            m.submodules.sequencer.unsettle.eq(
                (self.access.enable & self.access.write) | self.new_sequence
            ),
            self.output_base.eq(table.output_base),
            self.output_words_minus_1.eq(table.output_words_minus_1),
            self.inputs_minus_1.eq(encode.inputs_minus_1),
            self.fault.eq(m.submodules.sequencer.fault),
        ]
        if self.counters:
            counters = m.submodules.counters
            m.d.comb += [
                access.counter_value.eq(counters.value),
                counters.address.eq(access.counter_address),
            ]
