"""Pointwise sequencer: runs each layer's program over its blocks, behind the lanes' back."""

from amaranth import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.columns.column_engine import LAYERS, PASSES
from thresh.gateware.control.layer_table import TABLE_READER
from thresh.gateware.encode.encode_stage import STATE_LAYER
from thresh.gateware.encode.nonzero_queue import HIDDEN_LIST
from thresh.layout.layer_table import (
    ENCODED,
    LAST_LAYER,
    MAC_FIELDS,
    POINTWISE_FIELDS,
    TABLE_WORDS,
)
from thresh.model.network import MAX_LAYERS

from .block_order import BlockOrder
from .issue_timer import IssueTimer
from .program import INSTRUCTION
from .program_memory import ProgramMemory

SHARED_FIELDS = 2
"""So many of the `POINTWISE_FIELDS` are the first of the `MAC_FIELDS` as well."""

assert POINTWISE_FIELDS[:SHARED_FIELDS] == MAC_FIELDS[:SHARED_FIELDS]


def element_layout(blocks, beats, interleave):
    """One element of one instruction: its block and place in a group, its addresses in the state
    memory, and which element."""
    return data.StructLayout(
        {
            "instruction": INSTRUCTION,
            "h_block": range(blocks),
            "s_block": range(blocks),
            "place": range(interleave),
            "element": range(beats),
        }
    )


class PointwiseSequencer(wiring.Component):
    """For each group of a layer's blocks, each instruction of its cell over P / S elements a block.

    One element per cycle; an instruction that needs an accumulator waits until the lanes have
    captured its pass, and each waits for the registers it reads. A last group that is not whole
    takes the time of a whole one.

    Whatever a table holds, every step ends: kind and blocks are the words that the column engine
    reads, the last entry is the last layer, a layer before another one is encoded, and its units
    end in its last block.

    Parameters
    ----------
    beats, pointwise_lanes, interleave : int
        P / S, S, and the blocks that take turns.
    state_blocks : int
        Groups of `beats` words in the state memory.
    distance : int
        Cycles from an instruction's start until a register it wrote can be read.
    accumulator_depth : int
    read_latency : int
        Of the layer table.
    skips : bool
        It is noted which layers have settled.

    Members
    -------
    table : Out(`TABLE_READER`)
    layers : In(`LAYERS`), passes : In(`PASSES`)
        From the column engine.
    state : Out(`STATE_LAYER`), hidden : Out(`HIDDEN_LIST`)
        To the `EncodeStage` and the `NonzeroQueue`: what becomes of the layer's results.
    o : Out(element), valid : Out(1)
        The element now issued; with ``accumulator_address`` for those that have an accumulator.
    accumulator_address : Out
    changed : In(1)
        A state under way differs from what it was.
    drained : In(1)
        Nothing is in the pipeline.
    layer : Out
        The layer under way.
    kind, ... : Out(16)
        That layer's `thresh.layout.layer_table.POINTWISE_FIELDS`.
    unsettle : In(1)
        No layer has settled any more.
    done : Out(1)
        The last layer of a step is complete.
    fault : Out(1)
        From ``done`` to the next one: the step's table is no network's. It has no last layer, a
        layer before another one that is not encoded, or an unknown kind.
    """

    launch_latency, skip_latency = 5 + len(POINTWISE_FIELDS), 4 + len(POINTWISE_FIELDS)
    """Beside the table's latency: cycles from a layer's token to its first instruction, and until
    it is complete where it is skipped."""

    def __init__(
        self,
        *,
        beats,
        pointwise_lanes,
        state_blocks,
        distance,
        accumulator_depth,
        interleave=1,
        read_latency=1,
        skips=True,
    ):
        if beats < 4:
            raise ValueError(f"lanes / pointwise_lanes must be at least 4, not {beats!r}")
        self.beats = beats
        self.pointwise_lanes = pointwise_lanes
        self.interleave = interleave
        self.state_blocks = state_blocks
        self.distance = distance
        self.accumulator_depth = accumulator_depth
        self.read_latency = read_latency
        self.skips = skips
        super().__init__(
            {
                "table": Out(TABLE_READER),
                "layers": In(LAYERS),
                "passes": In(PASSES),
                "state": Out(STATE_LAYER),
                "hidden": Out(HIDDEN_LIST),
                "o": Out(element_layout(state_blocks, beats, interleave)),
                "valid": Out(1),
                "accumulator_address": Out(range(accumulator_depth)),
                "changed": In(1),
                "drained": In(1),
                "layer": Out(range(MAX_LAYERS)),
                **{name: Out(16) for name in POINTWISE_FIELDS},
                "unsettle": In(1),
                "done": Out(1),
                "fault": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        m.submodules.program = program = ProgramMemory(
            beats=self.interleave * self.beats,
            distance=self.distance,
            read_latency=self.read_latency,
        )
        m.submodules.timer = timer = IssueTimer(beats=self.beats)
        m.submodules.order = order = BlockOrder(
            blocks=self.state_blocks, interleave=self.interleave
        )
        # The next instruction is at hand long before it is launched, so that what it needs is
        # decoded into registers. A cycle after it was launched its word is still there.
        instruction = program.instruction
        place, whole = Signal(range(self.interleave)), Signal()
        launch, launched, useful, accumulates = Signal(), Signal(), Signal(), Signal()
        emits, ready, executes = Signal(), Signal(), Signal()
        has_work, block_bits = order.has_work, Shape.cast(range(self.beats)).width
        m.d.sync += [
            useful.eq(has_work),
            accumulates.eq(has_work & instruction.operation.accumulator),
            emits.eq(has_work & instruction.emits),
            ready.eq(~order.finished & ~(has_work & instruction.emits & ~self.state.credit)),
            whole.eq(place == self.interleave - 1),
            launched.eq(launch),
        ]
        m.d.comb += [
            launch.eq(timer.due & ready & (~accumulates | self.passes.complete)),
            self.passes.take.eq(launch & accumulates),
            self.passes.shift.eq(self.valid & self.o.instruction.operation.accumulator),
            self.state.reserve.eq(launch & emits),
            self.o.element.eq(timer.element),
            self.valid.eq(timer.running & executes),
            timer.gap.eq(instruction.gap),
            timer.no_gap.eq(place != 0),
            timer.launch.eq(launch),
            order.place.eq(place),
            order.advance.eq(launched & (place == 0)),
            order.h_block.eq(self.h_base >> block_bits),
            order.s_block.eq(self.s_base >> block_bits),
            order.blocks_minus_1.eq(self._blocks_minus_1),
        ]
        for name in ("deferred", "last", "drains", "closes"):
            m.d.comb += getattr(order, name).eq(instruction[name])
        with m.If(timer.running), m.If(executes & self.o.instruction.operation.accumulator):
            m.d.sync += self.accumulator_address.eq(self.accumulator_address + 1)
        with m.If(launch):
            m.d.sync += [
                executes.eq(useful),
                self.o.instruction.eq(instruction),
                self.o.h_block.eq(order.h),
                self.o.s_block.eq(order.s),
                self.o.place.eq(place),
                place.eq(place + 1),
            ]
            with m.If(whole):
                m.d.sync += place.eq(0)
                m.d.sync += program.number.eq(Mux(instruction.last, 0, program.number + 1))
        self._layers(m, program, timer, order)
        return m

    @property
    def _blocks_minus_1(self):
        """As many as there are at most, which is what the column engine makes of them."""
        return self.blocks_minus_1[: Shape.cast(range(self.state_blocks)).width]

    def _layers(self, m, program, timer, order):
        """One layer after another: its table entry is read, its program run."""
        is_last, final = (self.kind & LAST_LAYER).any(), self.layer == MAX_LAYERS - 1
        last_layer = is_last | final
        encoded = (self.kind & ENCODED).any() | ~last_layer
        wrong = ~program.instruction.known | ~(is_last | (self.kind & ENCODED).any() & ~final)
        fetched, skip, changed = Signal(range(TABLE_WORDS)), order.skip, Signal()
        awaiting, complete, faulty = Signal(), Signal(), Signal()
        unit_bits = Shape.cast(range(self.beats * self.pointwise_lanes)).width
        m.d.comb += [
            # The first two words are read in the column engine's half of the entry.
            self.table.address.eq(Cat(fetched[:3], fetched >= SHARED_FIELDS, self.layer)),
            program.code.eq(self.kind[:4]),
            self.hidden.base.eq(self.h_segment),
            self.state.units_minus_1.eq(Cat(self.units_minus_1[:unit_bits], self._blocks_minus_1)),
            self.state.segment.eq(self.h_segment),
            self.state.threshold.eq(self.threshold_h),
        ]
        with m.If(self.changed):
            m.d.sync += changed.eq(1)
        m.d.sync += complete.eq(
            awaiting
            & order.finished
            & ~timer.running
            & self.drained
            & (~encoded | self.hidden.complete)
        )
        with m.FSM():
            self._fetch(m, fetched, program, skip)
            with m.State("PREPARE"):
                m.d.comb += [
                    self.state.begin.eq(~skip & encoded),
                    timer.prepare.eq(1),
                    order.prepare.eq(1),
                ]
                m.d.sync += [
                    self.hidden.empty.eq(skip & encoded),
                    self.accumulator_address.eq(self.accumulator_base),
                    changed.eq(0),
                    self.hidden.number.eq(self.layer + 1),
                ]
                m.next = "DECODE"
            with m.State("DECODE"):
                m.next = "START"
            with m.State("START"):
                m.d.comb += order.start.eq(1)
                with m.If(wrong):
                    m.d.sync += faulty.eq(1)
                m.next = "RUN"
            with m.State("RUN"):
                m.d.comb += awaiting.eq(~complete)
                with m.If(complete):
                    if self.skips:
                        with m.If(~skip):
                            m.d.sync += self.layers.settled.bit_select(self.layer, 1).eq(~changed)
                    m.d.comb += self.done.eq(last_layer)
                    with m.If(last_layer):
                        m.d.sync += [self.fault.eq(faulty), faulty.eq(0)]
                    m.d.sync += self.hidden.parity.eq(self.hidden.parity ^ last_layer)
                    m.next = "IDLE"
        with m.If(self.hidden.empty):
            m.d.sync += self.hidden.empty.eq(0)
        if self.skips:
            with m.If(self.unsettle):
                m.d.sync += self.layers.settled.eq(0)

    def _fetch(self, m, fetched, program, skip):
        """A layer begins with its token; its table entry is read, word by word."""
        with m.State("IDLE"):
            m.d.comb += [self.layers.idle.eq(1), self.layers.token.ready.eq(1)]
            m.d.sync += [
                self.layer.eq(self.layers.token.p.layer),
                skip.eq(self.layers.token.p.skip),
                fetched.eq(0),
                program.number.eq(0),
            ]
            with m.If(self.layers.token.valid):
                m.next = "FETCH"
        with m.State("FETCH"):
            m.d.sync += fetched.eq(fetched + 1)
            for number, name in enumerate(POINTWISE_FIELDS):
                with m.If(fetched == number + self.read_latency):
                    m.d.sync += getattr(self, name).eq(self.table.word)
            with m.If(fetched == len(POINTWISE_FIELDS) + self.read_latency - 1):
                m.next = "PREPARE"
