"""The delta network core: values in, state out, no board and no link."""

from typing import ClassVar

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from thresh.layout.layer_table import ENCODED

from .columns.column_stage import ColumnStage
from .columns.column_walker import ColumnWalker
from .control.counters import Counters
from .control.layer_table import LayerTable
from .control.memory_access import MemoryAccess
from .encode.encode_stage import EncodeStage
from .encode.nonzero_queue import NonzeroQueue
from .lib.access import region_port
from .pointwise.pointwise import Pointwise, register_distance
from .pointwise.pointwise_sequencer import PointwiseSequencer
from .primitives import Primitives

READ_LATENCY = 8
"""Cycles from an access address to its word."""


class Core(wiring.Component):
    """DeltaEncoder -> NonzeroQueue -> ColumnMemory -> ColumnMAC -> Pointwise -> DeltaEncoder.

    A step begins when its last input has been encoded and costs, per layer, block and list event,
    one cycle for each gate; everything else hides behind these. The next step's inputs may arrive
    while a step is under way.

    Parameters
    ----------
    geometry : thresh.layout.geometry.Geometry
    primitives : Primitives
    image : thresh.layout.image.Image or None
        Weights and layer table at power-up.

    Members
    -------
    x : In(stream of signed(V))
        The network's inputs in order.
    new_sequence : In(1)
        State and references to zero, M to bias; only while not ``busy``.
    done : Out(1)
        A step is complete: its outputs lie in the state memory.
    busy : Out(1)
        A step or a new sequence is under way.
    fired : Out(1)
        An event fired.
    access : In
        ``region`` (`thresh.layout.link.Region`), ``address``, ``write``, ``write_data``;
        ``enable`` only while not ``busy``, a cycle before ``write``; data `READ_LATENCY` later.
    output_base, output_words_minus_1, inputs_minus_1 : Out(16)
        From the layer table's header.
    """

    more_members: ClassVar[dict] = {}
    step_bits = 20
    """Width of what a step can cost: more than every column of the largest weight memory."""

    def __init__(self, *, geometry, primitives=None, image=None):
        self.geometry = geometry
        self.primitives = primitives or Primitives()
        self.image = image
        self.word_bits = geometry.weight_word_bits
        super().__init__(
            {
                "x": In(stream.Signature(signed(geometry.value_bits))),
                "new_sequence": In(1),
                "done": Out(1),
                "busy": Out(1),
                "fired": Out(1),
                "access": In(region_port(self.word_bits)),
                "output_base": Out(16),
                "output_words_minus_1": Out(16),
                "inputs_minus_1": Out(16),
                **self.more_members,
            }
        )

    def _walker(self, depth):
        shape = self.geometry
        return ColumnWalker(
            depth=depth, weight_depth=shape.weight_depth, interleave=shape.interleave,
            blocks=shape.state_depth // shape.beats, read_latency=self.primitives.read_latency,
        )  # fmt: skip

    def _columns(self, **parameters):
        return ColumnStage(geometry=self.geometry, primitives=self.primitives, **parameters)

    def elaborate(self, platform):
        m = Module()
        shape, make = self.geometry, self.primitives
        bits, beats = shape.value_bits, shape.beats

        weights, table = [], []
        if self.image is not None:
            weights = [int.from_bytes(bytes(word), "little") for word in self.image.weights]
            table = [int(word) for word in (*self.image.table.flat, *self.image.header)]
        late = make.read_latency
        m.submodules.table = table = LayerTable(init=table, read_latency=late)
        depth = shape.value_depth
        m.submodules.encode = encode = EncodeStage(geometry=shape, read_latency=late)
        m.submodules.queue = queue = NonzeroQueue(value_bits=bits, depth=depth, read_latency=late)

        blocks = shape.state_depth // beats
        m.submodules.walker = walker = self._walker(depth)
        m.submodules.sequencer = sequencer = PointwiseSequencer(
            beats=beats,
            interleave=shape.interleave,
            state_blocks=blocks,
            distance=register_distance(make.multiplier, late),
            accumulator_depth=shape.accumulator_depth,
            read_latency=late,
        )
        m.submodules.access = access = MemoryAccess(
            geometry=shape, latency=make.column_memory.latency
        )

        pointwise_lanes = shape.pointwise_lanes
        m.submodules.columns = columns = self._columns(
            weights=weights, index_bits=len(queue.event.index)
        )
        m.submodules.pointwise = pointwise = Pointwise(
            pointwise_lanes=pointwise_lanes, beats=beats, interleave=shape.interleave,
            value_bits=bits, multiplier=make.multiplier, accumulator_depth=shape.accumulator_depth,
            state_depth=shape.state_depth, read_latency=late,
        )  # fmt: skip
        m.submodules.counters = counters = Counters(
            count_bits=len(queue.x_count), saturation_bits=len(pointwise.saturated) + 1,
            step_bits=self.step_bits,
        )  # fmt: skip

        m.d.comb += [
            walker.reload.eq(table.access.write),
            walker.table_busy.eq(table.access.enable),
        ]
        self._encode(m, encode, queue, sequencer, pointwise, table)
        self._walk(m, walker, queue, table, sequencer)
        self._multiply(m, walker, queue, columns, sequencer, access)
        self._update(m, columns, sequencer, pointwise, encode, queue, table)
        self._count(m, counters, walker, sequencer, queue, pointwise, encode, access)
        self._reach(m, access, columns, table, pointwise, encode, queue, counters, sequencer)
        return m

    def _encode(self, m, encode, queue, sequencer, pointwise, table):
        """Inputs and new state become events of the next lists."""
        wiring.connect(m, wiring.flipped(self.x), encode.x)
        wiring.connect(m, encode.o, queue.i)
        read_outside = Signal()
        m.d.sync += read_outside.eq(self.access.enable | encode.access.enable)
        m.d.comb += [
            encode.blocked.eq(read_outside),
            encode.inputs_minus_1.eq(table.inputs_minus_1),
            encode.taken.eq(queue.take_x),
            encode.restart.eq(self.new_sequence),
            encode.begin.eq(sequencer.begin & (sequencer.kind & ENCODED).any()),
            encode.units_minus_1.eq(sequencer.units_minus_1),
            encode.segment.eq(sequencer.h_segment),
            encode.reserve.eq(sequencer.reserve),
            encode.word.eq(pointwise.word),
            encode.valid.eq(pointwise.word_valid),
            encode.threshold_x.eq(table.threshold_x),
            encode.threshold_h.eq(sequencer.threshold_h),
            queue.h_base.eq(sequencer.h_segment),
            queue.h_segment.eq(sequencer.segment),
            queue.h_parity.eq(sequencer.parity),
            queue.h_empty.eq(sequencer.h_empty),
            queue.flush.eq(self.new_sequence),
            self.fired.eq(encode.fired),
        ]

    def _walk(self, m, walker, queue, table, sequencer):
        wiring.connect(m, walker.token, sequencer.token)
        m.d.comb += [
            table.walker_address.eq(walker.table_address),
            walker.table_data.eq(table.walker_data),
            walker.x_complete.eq(queue.x_complete),
            walker.x_parity.eq(queue.x_parity),
            walker.x_count.eq(queue.x_count),
            queue.take_x.eq(walker.take_x),
            queue.count_address.eq(walker.count_address),
            walker.count.eq(queue.count),
            walker.h_complete.eq(queue.h_complete),
            walker.h_tag.eq(queue.h_tag),
            walker.h_count.eq(queue.h_count),
            queue.read_address.eq(walker.list_address),
            walker.settled.eq(sequencer.settled),
            walker.drained.eq(sequencer.idle),
        ]

    def _multiply(self, m, walker, queue, columns, sequencer, access):
        m.d.comb += [
            columns.issue.eq(walker.issue),
            columns.mark.eq(walker.mark),
            columns.base.eq(walker.base),
            columns.index.eq(queue.event.index),
            columns.delta.eq(queue.event.delta),
            walker.credit.eq(columns.credit),
            columns.take.eq(sequencer.take),
            columns.shift.eq(sequencer.valid & sequencer.o.instruction.operation.accumulator),
            sequencer.captured.eq(columns.full),
            columns.claims.eq(access.weight_select),
            columns.address.eq(access.weight_address),
            columns.capture.eq(access.capture),
            columns.flush.eq(access.shift),
        ]

    def _update(self, m, columns, sequencer, pointwise, encode, queue, table):
        m.d.comb += [
            table.pointwise_address.eq(sequencer.table_address),
            sequencer.table_data.eq(table.pointwise_data),
            pointwise.i.eq(sequencer.o),
            pointwise.valid.eq(sequencer.valid),
            pointwise.accumulator_address.eq(sequencer.accumulator_address),
            pointwise.sums.eq(columns.sums),
            pointwise.shift.eq(sequencer.kind[4:8]),
            sequencer.changed.eq(
                # What a clipped delta has not sent yet keeps the layer awake.
                pointwise.changed | encode.h_saturated
            ),
            sequencer.drained.eq(pointwise.drained),
            sequencer.credit.eq(encode.credit),
        ]
        m.d.sync += [
            sequencer.h_complete.eq(
                queue.h_complete & (queue.h_tag == Cat(queue.h_segment, queue.h_parity))
            ),
            self.done.eq(sequencer.done),
        ]

    def _count(self, m, counters, walker, sequencer, queue, pointwise, encode, access):
        active = ~walker.waiting | walker.token.valid | ~sequencer.idle
        clipped = Signal.like(encode.saturated)
        m.d.sync += clipped.eq(encode.saturated)
        m.d.sync += self.busy.eq(
            active | queue.x_complete | access.active | counters.busy | self.new_sequence
        )
        m.d.comb += [
            counters.clear.eq(self.new_sequence),
            counters.active.eq(active),
            counters.issue.eq(walker.issue),
            counters.done.eq(sequencer.done),
            counters.skip.eq(walker.token.valid & walker.token.ready & walker.token.p.skip),
            counters.saturated.eq(pointwise.saturated + clipped),
            counters.x_done.eq(queue.x_done),
            counters.x_count.eq(queue.x_count),
            counters.h_done.eq(queue.h_done),
            counters.h_count.eq(queue.h_count),
            counters.h_segment.eq(queue.h_tag),
        ]

    def _reach(self, m, access, columns, table, pointwise, encode, queue, counters, sequencer):
        """What happens between steps: words from and to outside, a new sequence."""
        wiring.connect(m, wiring.flipped(self.access), access.outside)
        wiring.connect(m, access.accumulators, pointwise.accumulators)
        wiring.connect(m, access.state, pointwise.state)
        wiring.connect(m, access.references, encode.access)
        wiring.connect(m, access.table, table.access)
        m.d.comb += [
            access.new_sequence.eq(self.new_sequence),
            access.bias_base.eq(table.bias_base),
            access.last.eq(table.reset_minus_1),
            access.weight_data.eq(columns.word),
            access.counter_value.eq(counters.value),
            columns.write_enable.eq(access.weight_write),
            columns.write_address.eq(self.access.address),
            columns.write_data.eq(self.access.write_data),
            counters.address.eq(access.counter_address),
            queue.clear.eq(access.clear_list),
            queue.clear_address.eq(access.list_address),
            sequencer.unsettle.eq((self.access.enable & self.access.write) | self.new_sequence),
            self.output_base.eq(table.output_base),
            self.output_words_minus_1.eq(table.output_words_minus_1),
            self.inputs_minus_1.eq(table.inputs_minus_1),
        ]
