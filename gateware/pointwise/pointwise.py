"""Pointwise stage: accumulate, narrow, activate and update S units per cycle."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from thresh.gateware.columns.multiplier import Multiplier
from thresh.gateware.lib.access import access_port
from thresh.gateware.lib.delayed import delayed
from thresh.gateware.lib.read_word import read_word
from thresh.model.arithmetic import ACCUMULATOR_BITS
from thresh.model.network import MAX_SHIFT

from .delta_memory import DeltaMemory
from .gate_update import GateUpdate
from .pointwise_sequencer import element_layout
from .program import REGISTERS


def accumulate_cycles(read_latency):
    """Cycles from an element's issue to its accumulator."""
    return 1 + read_latency


def result_latency(multiplier, read_latency):
    """Cycles from an element's issue to its new state."""
    return accumulate_cycles(read_latency) + GateUpdate.result_latency(multiplier, read_latency)


def register_distance(multiplier, read_latency):
    """Cycles from an instruction's start until a register it wrote can be read."""
    return result_latency(multiplier, read_latency) - 2


class Pointwise(wiring.Component):
    """``M += sums``, then one instruction of the cell's program on S units, every cycle.

    Results come `result_latency` cycles after the issue.

    Parameters
    ----------
    pointwise_lanes, beats, interleave, value_bits, read_latency : int
    accumulator_depth, state_depth : int
    multiplier : class

    Members
    -------
    i : In(element), valid : In(1)
        From the `PointwiseSequencer`, with ``accumulator_address``.
    sums : In(S * 32)
        From the `ColumnMAC`, ``read_latency`` cycles after the issue.
    shift : In(4)
        The layer's narrowing.
    word : Out(S * V), word_valid : Out(1)
        New state h.
    changed : Out(1)
    saturated : Out(range(2 * S + 1))
        Values clipped in a cycle.
    drained : Out(1)
    accumulators, state : In(access port)
        A word of the state is read a cycle later than elsewhere.
    """

    def __init__(
        self,
        *,
        pointwise_lanes,
        beats,
        value_bits,
        accumulator_depth,
        state_depth,
        interleave=1,
        multiplier=Multiplier,
        read_latency=1,
    ):
        self.pointwise_lanes = pointwise_lanes
        self.beats = beats
        self.interleave = interleave
        self.value_bits = value_bits
        self.accumulator_depth = accumulator_depth
        self.state_depth = state_depth
        self.multiplier = multiplier
        self.read_latency = read_latency
        accumulators = pointwise_lanes * ACCUMULATOR_BITS
        super().__init__(
            {
                "i": In(element_layout(state_depth // beats, beats, interleave)),
                "valid": In(1),
                "accumulator_address": In(range(accumulator_depth)),
                "sums": In(accumulators),
                "shift": In(range(MAX_SHIFT + 1)),
                "word": Out(pointwise_lanes * value_bits),
                "word_valid": Out(1),
                "changed": Out(1),
                "saturated": Out(range(2 * pointwise_lanes + 1)),
                "drained": Out(1),
                "accumulators": In(access_port(accumulator_depth, accumulators)),
                "state": In(access_port(state_depth, pointwise_lanes * value_bits)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        units = [
            GateUpdate(
                value_bits=self.value_bits,
                multiplier=self.multiplier,
                read_latency=self.read_latency,
            )
            for _ in range(self.pointwise_lanes)
        ]
        accumulate = accumulate_cycles(self.read_latency)
        addressed_at = accumulate + GateUpdate.OPERANDS - self.read_latency
        result_at = accumulate + units[0].latency
        changed_at = accumulate + units[0].changed_latency
        valid = delayed(m, self.valid, result_at, "valid")
        element = delayed(m, self.i, max(accumulate, addressed_at - 1), "element")
        m.d.sync += self.drained.eq(~Cat(valid).any())

        # Accumulate: read M, add the pass's sums, write back.
        m.submodules.delta_memory = memory = DeltaMemory(
            width=len(self.sums), depth=self.accumulator_depth, read_latency=self.read_latency
        )
        address = delayed(m, self.accumulator_address, accumulate, "address")
        added = Signal.like(self.sums)
        for number in range(self.pointwise_lanes):
            old = memory.read_data.word_select(number, ACCUMULATOR_BITS)
            new = self.sums.word_select(number, ACCUMULATOR_BITS)
            m.d.sync += added.word_select(number, ACCUMULATOR_BITS).eq(old + new)
        wiring.connect(m, wiring.flipped(self.accumulators), memory.access)
        m.d.comb += [
            memory.read_address.eq(self.accumulator_address),
            memory.write_enable.eq(
                valid[accumulate] & element[accumulate].instruction.operation.accumulator
            ),
            memory.write_address.eq(address[accumulate]),
            memory.write_data.eq(added),
        ]

        # Operands: the state memory in three copies, one per operand.
        source = element[addressed_at - 1]
        write_address, write_enable = Signal(range(self.state_depth)), Signal()
        operands = {}
        for name in ("a", "b", "c"):
            copy = Memory(shape=len(self.word), depth=self.state_depth, init=[])
            m.submodules[f"state_{name}"] = copy
            read, write = copy.read_port(), copy.write_port()
            wanted = Signal(range(self.state_depth), name=f"{name}_address")
            inside = Cat(source.element, self._block(source, source.instruction[name]))
            m.d.sync += wanted.eq(Mux(self.state.enable, self.state.address, inside))
            m.d.comb += [
                read.addr.eq(wanted),
                write.en.eq(write_enable),
                write.addr.eq(write_address),
                write.data.eq(self.word),
            ]
            operands[name] = read_word(m, read.data, self.read_latency)
        m.d.comb += self.state.read_data.eq(operands["b"])

        # Update S units.
        for number, unit in enumerate(units):
            m.submodules[f"unit_{number}"] = unit
            m.d.comb += [
                unit.operation.eq(element[accumulate].instruction.operation),
                unit.valid.eq(valid[accumulate]),
                unit.accumulator.eq(added.word_select(number, ACCUMULATOR_BITS)),
                unit.shift.eq(self.shift),
                unit.force.eq(self.state.enable),
                unit.forced.eq(self.state.write_data.word_select(number, self.value_bits)),
                self.word.word_select(number, self.value_bits).eq(unit.result),
            ]
            for name, value in operands.items():
                part = value.word_select(number, self.value_bits)
                m.d.comb += getattr(unit, name).eq(part)

        # Write back.
        # Elements come one after another, so that they can be counted again at the end.
        target = Signal.like(source.h_block)
        arrived, following = Signal.like(source.element), Signal.like(source.element)
        m.d.comb += following.eq(arrived + valid[result_at])
        m.d.sync += arrived.eq(following)
        emits, settles = Signal(), Signal()
        m.d.sync += [
            target.eq(self._block(source, source.instruction.result)),
            emits.eq(source.instruction.emits),
            settles.eq(source.instruction.settles),
        ]
        behind = result_at - addressed_at
        target_late = delayed(m, target, behind - 1, "target")[-1]
        emits_late = delayed(m, emits, behind - 1, "emits")[-1]
        settles_late = delayed(m, settles, changed_at - addressed_at, "settles")[-1]
        changed = Cat(unit.changed for unit in units).any()
        # From outside a word is written by way of the units' results, two cycles later.
        outside = delayed(m, self.state.enable, 1, "outside")[-1]
        outside_address = delayed(m, self.state.address, 1, "outside_address")[-1]
        outside_write = delayed(m, self.state.write, 2, "outside_write")[-1]
        m.d.sync += write_address.eq(Mux(outside, outside_address, Cat(following, target_late)))
        m.d.comb += write_enable.eq(valid[result_at] | outside_write)
        m.d.sync += self.word_valid.eq(valid[result_at - 1] & emits_late)
        m.d.sync += self.changed.eq(valid[changed_at] & settles_late & changed)
        counts = [unit.saturated + unit.saturated_twice for unit in units]
        while len(counts) > 1:
            pairs = [sum(counts[n : n + 2]) for n in range(0, len(counts), 2)]
            counts = [delayed(m, pair, 1, f"clipped_{len(pairs)}")[-1] for pair in pairs]
        m.d.sync += self.saturated.eq(counts[0])
        return m

    def _block(self, element, register):
        """Block of the state memory that holds ``register`` of this element."""
        temporary = Cat(element.place, register)
        return Mux(
            register == REGISTERS.index("h"),
            element.h_block,
            Mux(register == REGISTERS.index("s"), element.s_block, temporary),
        )
