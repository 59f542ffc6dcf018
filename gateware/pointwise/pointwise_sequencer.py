"""Pointwise sequencer: runs each layer's program over its blocks, behind the lanes' back."""

from amaranth import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from thresh.gateware.columns.column_engine import TOKEN
from thresh.gateware.control.layer_table import TABLE_READER
from thresh.gateware.encode.nonzero_queue import SEGMENTS
from thresh.layout.layer_table import ENCODED, LAST_LAYER, POINTWISE_FIELDS, TABLE_WORDS
from thresh.model.network import MAX_LAYERS

from .program import INSTRUCTION, PROGRAM_LENGTH, program_words


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

    Parameters
    ----------
    beats, interleave : int
        P / S, and the blocks that take turns.
    state_blocks : int
        Groups of `beats` words in the state memory.
    distance : int
        Cycles from an instruction's start until a register it wrote can be read.
    accumulator_depth : int
    read_latency : int
        Of the layer table.

    Members
    -------
    token : In(stream of `TOKEN`)
    table : Out(`TABLE_READER`)
    captured : In(1), take : Out(1)
        A pass waits in the lanes; its sums are consumed from the next cycle.
    reserve : Out(1)
        A block of results will come.
    credit : In(1)
        A block of results can be accepted.
    o : Out(element), valid : Out(1)
        The element now issued; with ``accumulator_address`` for those that have an accumulator.
    accumulator_address : Out
    changed : In(1)
        A state under way differs from what it was.
    h_complete : In(1)
        The layer's hidden list is complete.
    drained : In(1)
        Nothing is in the pipeline.
    begin, h_empty : Out(1)
        A layer's program begins; a skipped layer's list is empty.
    layer, parity, segment : Out
        The layer under way, the step's parity, and the number of the layer's list.
    kind, ... : Out(16)
        That layer's `thresh.layout.layer_table.POINTWISE_FIELDS`.
    settled : Out(MAX_LAYERS), unsettle : In(1)
    idle : Out(1), done : Out(1)
        No layer is under way; the last layer of a step is complete.
    """

    launch_latency, skip_latency = 5 + len(POINTWISE_FIELDS), 4 + len(POINTWISE_FIELDS)
    """Beside the table's latency: cycles from a layer's token to its first instruction, and until
    it is complete where it is skipped."""

    def __init__(
        self, *, beats, state_blocks, distance, accumulator_depth, interleave=1, read_latency=1
    ):
        if beats < 4:
            raise ValueError(f"lanes / pointwise_lanes must be at least 4, not {beats!r}")
        self.beats = beats
        self.interleave = interleave
        self.state_blocks = state_blocks
        self.distance = distance
        self.accumulator_depth = accumulator_depth
        self.read_latency = read_latency
        super().__init__(
            {
                "token": In(stream.Signature(TOKEN)),
                "table": Out(TABLE_READER),
                "captured": In(1),
                "take": Out(1),
                "reserve": Out(1),
                "credit": In(1),
                "o": Out(element_layout(state_blocks, beats, interleave)),
                "valid": Out(1),
                "accumulator_address": Out(range(accumulator_depth)),
                "changed": In(1),
                "h_complete": In(1),
                "drained": In(1),
                "begin": Out(1),
                "h_empty": Out(1),
                "layer": Out(range(MAX_LAYERS)),
                "parity": Out(1),
                "segment": Out(range(SEGMENTS)),
                **{name: Out(16) for name in POINTWISE_FIELDS},
                "settled": Out(MAX_LAYERS),
                "unsettle": In(1),
                "idle": Out(1),
                "done": Out(1),
            }
        )

    def elaborate(self, platform):
        m = Module()
        counter = Signal(range(PROGRAM_LENGTH))
        following = self._fetch(m, Cat(counter, self.kind[:4]))
        encoded, last_layer = (self.kind & ENCODED).any(), (self.kind & LAST_LAYER).any()

        # Issue back to back where registers and captures allow. A late instruction has nothing to
        # do in the first group, an early one nothing after the last, both nothing for a block that
        # is not there; their time passes unused.
        running, executes = Signal(), Signal()
        element, last_element = Signal(range(self.beats)), Signal()
        no_gap, short_gap, due, gap_left = Signal(), Signal(), Signal(), Signal(5)
        armed = Signal()
        first_group, last_group, draining = Signal(), Signal(), Signal()
        groups_left, finished = Signal(range(self.state_blocks)), Signal(init=1)
        group_bits = self.interleave.bit_length() - 1
        groups = self.blocks_minus_1[group_bits:][: len(groups_left)]
        most = self.blocks_minus_1[:group_bits]
        place, whole = Signal(range(self.interleave)), Signal()
        h_now, h_before = Signal.like(self.o.h_block), Signal.like(self.o.h_block)
        s_now, s_before = Signal.like(self.o.s_block), Signal.like(self.o.s_block)
        h_next, s_next = Signal.like(self.o.h_block), Signal.like(self.o.s_block)
        # The next instruction is at hand long before it is launched, so that what it needs is
        # decoded into registers.
        launch, launched, useful, accumulates = Signal(), Signal(), Signal(), Signal()
        emits = Signal()
        group_is_last = Mux(following.late, draining, last_group)
        has_work = Mux(following.late, ~first_group, ~draining) & ~(group_is_last & (place > most))
        m.d.sync += [
            h_next.eq(Mux(following.late, h_before, h_now) + place),
            s_next.eq(Mux(following.late, s_before, s_now) + place),
            useful.eq(has_work),
            accumulates.eq(has_work & following.operation.accumulator),
            emits.eq(has_work & following.emits),
            armed.eq(~finished & ~(has_work & following.emits & ~self.credit)),
            no_gap.eq((following.gap == 0) | (place != 0)),
            short_gap.eq((following.gap <= 1) | (place != 0)),
            launched.eq(launch),
        ]
        m.d.comb += [
            launch.eq(due & armed & (~accumulates | self.captured)),
            self.take.eq(launch & accumulates),
            self.reserve.eq(launch & emits),
            self.o.element.eq(element),
            self.valid.eq(running & executes),
        ]
        # The next is due in an element's last cycle, or when its gap is over.
        with m.If(running):
            m.d.sync += [
                gap_left.eq(following.gap),
                due.eq(
                    (no_gap & (element == self.beats - 2)) | (short_gap & last_element & ~launch)
                ),
            ]
        with m.Elif(launch):
            m.d.sync += due.eq(0)
        with m.Elif(~due):
            m.d.sync += [gap_left.eq(gap_left - 1), due.eq(gap_left <= 2)]
        with m.If(running):
            m.d.sync += [element.eq(element + 1), last_element.eq(element == self.beats - 2)]
            with m.If(executes & self.o.instruction.operation.accumulator):
                m.d.sync += self.accumulator_address.eq(self.accumulator_address + 1)
            with m.If(last_element):
                m.d.sync += [running.eq(0), last_element.eq(0)]
        with m.If(launch):
            m.d.sync += [
                running.eq(1),
                executes.eq(useful),
                self.o.instruction.eq(following),
                self.o.h_block.eq(h_next),
                self.o.s_block.eq(s_next),
                self.o.place.eq(place),
                place.eq(place + 1),
            ]
            with m.If(whole):
                m.d.sync += [place.eq(0), counter.eq(Mux(following.last, 0, counter + 1))]
        # A cycle later the word of the instruction launched is still there.
        m.d.sync += whole.eq(place == self.interleave - 1)
        with m.If(launched & (place == 0)):
            with m.If(following.last):
                m.d.sync += [
                    h_before.eq(h_now),
                    s_before.eq(s_now),
                    h_now.eq(h_now + self.interleave),
                    s_now.eq(s_now + self.interleave),
                    first_group.eq(0),
                    groups_left.eq(groups_left - 1),
                    last_group.eq(groups_left == 1),
                    draining.eq(last_group),
                    finished.eq(last_group & ~following.drains),
                ]
            with m.If(following.closes & draining):
                m.d.sync += finished.eq(1)

        fetched, skip, moved = Signal(range(TABLE_WORDS)), Signal(), Signal()
        m.d.comb += self.table.address.eq(Cat(fetched[:3], 1, self.layer))
        with m.If(self.changed):
            m.d.sync += moved.eq(1)
        block_bits = Shape.cast(range(self.beats)).width
        awaiting, complete = Signal(), Signal()
        m.d.sync += complete.eq(
            awaiting & finished & ~running & self.drained & (~encoded | self.h_complete)
        )
        with m.FSM():
            with m.State("IDLE"):
                m.d.comb += [self.idle.eq(1), self.token.ready.eq(1)]
                m.d.sync += [
                    self.layer.eq(self.token.p.layer),
                    skip.eq(self.token.p.skip),
                    fetched.eq(0),
                    counter.eq(0),
                ]
                with m.If(self.token.valid):
                    m.next = "FETCH"
            with m.State("FETCH"):
                m.d.sync += fetched.eq(fetched + 1)
                for number, name in enumerate(POINTWISE_FIELDS):
                    with m.If(fetched == number + self.read_latency):
                        m.d.sync += getattr(self, name).eq(self.table.word)
                with m.If(fetched == len(POINTWISE_FIELDS) + self.read_latency - 1):
                    m.next = "PREPARE"
            with m.State("PREPARE"):
                m.d.comb += self.begin.eq(~skip)
                m.d.sync += [
                    self.h_empty.eq(skip & encoded),
                    h_now.eq(self.h_base >> block_bits),
                    s_now.eq(self.s_base >> block_bits),
                    self.accumulator_address.eq(self.accumulator_base),
                    groups_left.eq(groups),
                    last_group.eq(groups == 0),
                    first_group.eq(1),
                    draining.eq(0),
                    moved.eq(0),
                    due.eq(1),
                    self.segment.eq(self.layer + 1),
                ]
                m.next = "DECODE"
            with m.State("DECODE"):
                m.next = "START"
            with m.State("START"):
                m.d.sync += finished.eq(skip)
                m.next = "RUN"
            with m.State("RUN"):
                m.d.comb += awaiting.eq(~complete)
                with m.If(complete):
                    with m.If(~skip):
                        m.d.sync += self.settled.bit_select(self.layer, 1).eq(~moved)
                    m.d.comb += self.done.eq(last_layer)
                    m.d.sync += self.parity.eq(self.parity ^ last_layer)
                    m.next = "IDLE"
        with m.If(self.h_empty):
            m.d.sync += self.h_empty.eq(0)
        with m.If(self.unsettle):
            m.d.sync += self.settled.eq(0)
        return m

    def _fetch(self, m, address):
        """The instruction at ``address``, a cycle later.

        From two memories, each within a block RAM's word; from logic where block RAM is slower.
        """
        attributes = {"rom_style": "logic"} if self.read_latency > 1 else {}
        words = program_words(self.interleave * self.beats, self.distance)
        width = (INSTRUCTION.size + 1) // 2
        halves = []
        for name, low in (("low", 0), ("high", width)):
            init = [word.as_bits() >> low & (1 << width) - 1 for word in words]
            m.submodules[f"program_{name}"] = half = Memory(
                shape=width, depth=len(words), init=init, attrs=attributes
            )
            read = half.read_port()
            m.d.comb += read.addr.eq(address)
            halves.append(read.data)
        instruction = Signal(INSTRUCTION)
        m.d.comb += instruction.as_value().eq(Cat(halves))
        return instruction
