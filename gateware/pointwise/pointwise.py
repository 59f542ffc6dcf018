"""Pointwise stage: accumulate, narrow, activate and update S units per cycle."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.audio.multiplier_port import multiplier_port
from thresh.gateware.columns.multiplier import Multiplier
from thresh.gateware.lib.access import access_port
from thresh.gateware.lib.delayed import delayed
from thresh.gateware.lib.held import held
from thresh.gateware.lib.pipelined_sum import PipelinedSum
from thresh.model.arithmetic import ACCUMULATOR_BITS
from thresh.model.network import MAX_SHIFT

from .accumulate import Accumulate
from .activation import Activation
from .delta_memory import DeltaMemory
from .gate_update import GateUpdate
from .pointwise_sequencer import element_layout
from .program import REGISTERS
from .state_memory import OPERANDS, StateMemory


def result_latency(multiplier, read_latency):
    """Cycles from an element's issue to its new state."""
    return Accumulate.latency_of(read_latency) + GateUpdate.result_latency(multiplier, read_latency)


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
    shares_multiplier : bool
        As the `Core`'s; of several units, the first one's.
    compact : bool
        As in the `Primitives`.

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
    multiplier_port : In(`multiplier_port`)
        Where the multiplier is shared: as the `GateUpdate`'s.
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
        shares_multiplier=False,
        compact=False,
    ):
        self.pointwise_lanes = pointwise_lanes
        self.beats = beats
        self.interleave = interleave
        self.value_bits = value_bits
        self.accumulator_depth = accumulator_depth
        self.state_depth = state_depth
        self.multiplier = multiplier
        self.read_latency = read_latency
        self.shares_multiplier = shares_multiplier
        self.compact = compact
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
                **({"multiplier_port": In(multiplier_port())} if shares_multiplier else {}),
            }
        )

    @staticmethod
    def memories(geometry):
        """M, the state, and every unit's table."""
        lanes, bits = geometry.pointwise_lanes, geometry.value_bits
        state = StateMemory.memories(width=lanes * bits, depth=geometry.state_depth)
        width, depth = geometry.accumulator_word_bits, geometry.accumulator_depth
        delta = DeltaMemory.memories(width=width, depth=depth)
        return [*delta, *state, *Activation.memories(bits) * lanes]

    def elaborate(self, platform):
        m = Module()
        m.submodules.accumulate = accumulate = Accumulate(
            pointwise_lanes=self.pointwise_lanes,
            depth=self.accumulator_depth,
            read_latency=self.read_latency,
        )
        m.submodules.registers = registers = StateMemory(
            width=len(self.word), depth=self.state_depth, read_latency=self.read_latency,
            compact=self.compact,
        )  # fmt: skip
        units = self._units(m, accumulate, registers)
        accumulated_at = accumulate.latency
        operands_at = accumulated_at + GateUpdate.OPERANDS - self.read_latency - 1
        result_at = accumulated_at + units[0].latency
        valid = delayed(m, self.valid, result_at, "valid")
        begins = self._begins(m, result_at)
        elements = self._elements(m, begins, valid, (accumulated_at, operands_at))
        m.d.sync += self.drained.eq(~Cat(valid).any())

        wiring.connect(m, wiring.flipped(self.accumulators), accumulate.access)
        operation = elements[0].instruction.operation
        m.d.comb += [
            accumulate.address.eq(self.accumulator_address),
            accumulate.sums.eq(self.sums),
            accumulate.write.eq(valid[accumulated_at] & operation.accumulator),
        ]
        for unit in units:
            m.d.comb += [unit.operation.eq(operation), unit.valid.eq(valid[accumulated_at])]
            if self.compact:
                m.d.comb += unit.begins.eq(begins[accumulated_at])

        wiring.connect(m, wiring.flipped(self.state), registers.access)
        source = elements[1]
        for name in OPERANDS:
            address = Cat(source.element, self._block(source, source.instruction[name]))
            m.d.comb += getattr(registers, f"{name}_address").eq(address)
        self._write_back(
            m, units, registers, source, valid[operands_at + 1 :], begins[operands_at:]
        )
        return m

    def _begins(self, m, cycles):
        """An instruction's first element, after every number of cycles, where that is needed."""
        first = self.valid & (self.i.element == 0)
        return delayed(m, first, cycles, "begins") if self.compact else [None] * (cycles + 1)

    def _elements(self, m, begins, valid, cycles):
        """The element that was issued, after each number of ``cycles``."""
        if not self.compact:
            line = delayed(m, self.i, max(cycles), "element")
            return [line[cycle] for cycle in cycles]
        found = []
        for cycle in cycles:
            # The instruction holds, and its elements are counted again.
            element, counted = Signal.like(self.i.element), Signal.like(self.i)
            m.d.sync += element.eq(element + valid[cycle])
            m.d.comb += counted.eq(self._later(m, self.i, begins, cycle))
            m.d.comb += counted.element.eq(element)
            found.append(counted)
        return found

    def _later(self, m, value, begins, cycles):
        """What holds for an instruction, some cycles later."""
        if self.compact:
            return held(m, value, begins, cycles, self.beats, "held")
        return delayed(m, value, cycles, "later")[-1]

    def _units(self, m, accumulate, registers):
        """S units side by side; each word is theirs, lane by lane."""
        units, bits = [], self.value_bits
        for lane in range(self.pointwise_lanes):
            shares = self.shares_multiplier and lane == 0
            unit = GateUpdate(
                value_bits=bits, multiplier=self.multiplier, read_latency=self.read_latency,
                shares_multiplier=shares, span=self.beats if self.compact else 0,
            )  # fmt: skip
            if shares:
                wiring.connect(m, wiring.flipped(self.multiplier_port), unit.multiplier_port)
            m.submodules[f"unit_{lane}"] = unit
            m.d.comb += [
                unit.accumulator.eq(accumulate.accumulators.word_select(lane, ACCUMULATOR_BITS)),
                unit.shift.eq(self.shift),
                unit.force.eq(self.state.enable),
                unit.forced.eq(self.state.write_data.word_select(lane, bits)),
                self.word.word_select(lane, bits).eq(unit.result),
            ]
            for name in OPERANDS:
                operand = getattr(registers, name).word_select(lane, bits)
                m.d.comb += getattr(unit, name).eq(operand)
            units.append(unit)
        return units

    def _write_back(self, m, units, registers, source, valid, begins):
        """Results by their place, which was known with their operands' addresses; ``valid`` from
        the cycle after that on, ``begins`` from then on."""
        instruction = source.instruction
        block, emits, settles = Signal.like(source.h_block), Signal(), Signal()
        m.d.comb += [
            block.eq(self._block(source, instruction.result)),
            emits.eq(instruction.emits),
            settles.eq(instruction.settles),
        ]
        latency = len(valid) - 1
        changed_at = latency - units[0].latency + units[0].changed_latency
        block = self._later(m, block, begins, latency)
        emits = self._later(m, emits, begins, latency)
        settles = self._later(m, settles, begins, changed_at + 1)
        # Elements come one after another, so that they can be counted again at the end.
        element, following = Signal.like(source.element), Signal.like(source.element)
        m.d.comb += following.eq(element + valid[latency])
        m.d.sync += element.eq(following)
        m.d.comb += [
            registers.result_valid.eq(valid[latency]),
            registers.result_address.eq(Cat(following, block)),
            registers.result.eq(self.word),
        ]
        changed = Cat(unit.changed for unit in units).any()
        m.d.sync += [
            self.word_valid.eq(valid[latency - 1] & emits),
            self.changed.eq(valid[changed_at] & settles & changed),
        ]
        m.submodules.clips = clips = PipelinedSum(count=len(units), width=2)
        m.d.comb += [
            *(
                n.eq(unit.saturated + unit.saturated_twice)
                for n, unit in zip(clips.i, units, strict=True)
            ),
            self.saturated.eq(clips.o),
        ]

    def _block(self, element, register):
        """Block of the state memory that holds ``register`` of this element."""
        temporary = Cat(element.place, register)
        return Mux(
            register == REGISTERS.index("h"),
            element.h_block,
            Mux(register == REGISTERS.index("s"), element.s_block, temporary),
        )
