"""Encode stage: inputs and new state, delta encoded into the events of the next lists."""

from functools import reduce
from operator import or_

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.access import access_port
from thresh.gateware.lib.delayed import delayed

from .delta_encoder import DeltaEncoder, nonzero_event
from .event_sieve import EventSieve
from .input_counter import InputCounter
from .reference_memory import ReferenceMemory
from .state_counter import StateCounter

STATE_LAYER = wiring.Signature(
    {
        "begin": Out(1),
        "units_minus_1": Out(16),
        "segment": Out(16),
        "threshold": Out(16),
        "reserve": Out(1),
        "credit": In(1, init=1),
    }
)
"""A layer whose state will be encoded, from who runs it: ``begin``, and its units, first value
address and threshold. ``reserve``: a block of P / S words will come; ``credit``: one more may be
reserved."""


class EncodeStage(wiring.Component):
    """S `DeltaEncoder` side by side: a word of new state per cycle, inputs in between, one each.

    Value number n of a list belongs to encoder n mod S. With S > 1 an `EventSieve` behind them
    makes a word's events leave one by one; with S = 1 an event leaves at once.

    Parameters
    ----------
    geometry : thresh.layout.geometry.Geometry
    read_latency : int
    readable : bool
        References are read and written from outside, not only cleared.
    compact : bool
        As in the `Primitives`.

    Members
    -------
    x : In(stream of signed(V))
    blocked : In(1)
        References are accessed from outside.
    inputs_minus_1 : In
        Inputs of the network.
    taken, restart : In(1)
        The list of inputs under way was taken; a new sequence begins.
    layer : In(`STATE_LAYER`)
    word : In(S * V), valid : In(1)
        Units in their order, padded to blocks.
    threshold_x : In(V - 1)
        The inputs' threshold.
    o : Out(stream of `nonzero_event`), always ready
    fired : Out(1)
        An event leaves.
    saturated : Out
        Deltas clipped in this cycle; ``h_saturated`` : Out(1), of the state.
    access : In(access port)
        References by value address; ``read_data`` follows a cycle later than elsewhere.
    """

    @staticmethod
    def latency(geometry, read_latency):
        """Cycles from a word to its first event, when no others wait."""
        sieve = EventSieve.latency if geometry.pointwise_lanes > 1 else 0
        return DeltaEncoder.latency(read_latency) + sieve

    def __init__(self, *, geometry, read_latency, readable=True, compact=False):
        self.geometry = geometry
        self.read_latency = read_latency
        self.readable = readable
        self.compact = compact
        bits, depth, pointwise_lanes = (
            geometry.value_bits,
            geometry.value_depth,
            geometry.pointwise_lanes,
        )
        self.address_bits = Shape.cast(range(depth)).width
        event = nonzero_event(bits, self.address_bits)
        super().__init__(
            {
                "x": In(stream.Signature(signed(bits))),
                "blocked": In(1),
                "inputs_minus_1": In(self.address_bits),
                "taken": In(1),
                "restart": In(1),
                "layer": In(STATE_LAYER),
                "word": In(pointwise_lanes * bits),
                "valid": In(1),
                "threshold_x": In(bits - 1),
                "o": Out(stream.Signature(event, always_ready=True)),
                "fired": Out(1),
                "saturated": Out(range(pointwise_lanes + 1)),
                "h_saturated": Out(1),
                "access": In(access_port(depth, bits)),
            }
        )

    @staticmethod
    def memories(geometry):
        """The references of every encoder, and the words that wait behind them."""
        lanes, bits = geometry.pointwise_lanes, geometry.value_bits
        found = ReferenceMemory.memories(value_bits=bits, depth=geometry.value_depth // lanes)
        if lanes == 1:
            return found
        address_bits = Shape.cast(range(geometry.value_depth)).width
        return found * lanes + EventSieve.memories(
            value_bits=bits, address_bits=address_bits, pointwise_lanes=lanes, beats=geometry.beats
        )

    def elaborate(self, platform):
        m = Module()
        bits, pointwise_lanes = self.geometry.value_bits, self.geometry.pointwise_lanes
        lane_bits = pointwise_lanes.bit_length() - 1
        accepted, ready = self.x.valid & self.x.ready, Signal(init=1)
        inputs = self._inputs(m, accepted, ready)
        m.submodules.state = state = StateCounter(
            address_bits=self.address_bits, pointwise_lanes=pointwise_lanes
        )
        m.d.comb += [
            state.begin.eq(self.layer.begin),
            state.units_minus_1.eq(self.layer.units_minus_1),
            state.segment.eq(self.layer.segment),
            state.advance.eq(self.valid),
        ]
        # Where an input's reference lies, or one that is read from outside, a cycle ahead.
        address_x, following = Signal(self.address_bits - lane_bits), inputs.following[lane_bits:]
        if self.readable:
            following = Mux(self.access.enable, self.access.address[lane_bits:], following)
        m.d.sync += address_x.eq(following)

        row = Mux(self.valid, state.row, inputs.index[lane_bits:])
        first = Mux(self.valid, state.row == 0, inputs.index == 0)
        last = Mux(self.valid, state.last, inputs.last)
        lanes = self._lanes(m)
        for number, lane in enumerate(lanes):
            value = self.word.word_select(number, bits).as_signed()
            unit = state.active & (~state.last | state.units[number])
            mine = accepted & (inputs.index[:lane_bits] == number)
            m.d.comb += [
                lane.i.valid.eq(Mux(self.valid, unit, mine)),
                lane.i.p.value.eq(Mux(self.valid, value, self.x.payload)),
                lane.i.p.address.eq(Mux(self.valid, state.address, address_x)),
                lane.i.p.index.eq(row),
                lane.i.p.hidden.eq(self.valid),
                lane.i.p.first.eq(first),
                lane.i.p.last.eq(last),
            ]
        if pointwise_lanes == 1:
            wiring.connect(m, lanes[0].o, wiring.flipped(self.o))
            m.d.comb += self.layer.credit.eq(1)
            return m
        active = Mux(self.valid, state.active, accepted)
        place = (self.valid | accepted, row, self.valid, first & active, last & active)
        m.d.comb += ready.eq(self._sieve(m, lanes, Cat(place)))
        return m

    def _inputs(self, m, accepted, ready):
        """State comes first, inputs in the cycles between; the next step's once these are taken."""
        m.submodules.inputs = inputs = InputCounter(width=self.address_bits)
        m.d.comb += [
            self.x.ready.eq(~self.valid & ~inputs.complete & ~self.blocked & ready),
            inputs.inputs_minus_1.eq(self.inputs_minus_1),
            inputs.accept.eq(accepted),
            inputs.taken.eq(self.taken),
            inputs.restart.eq(self.restart),
        ]
        return inputs

    def _lanes(self, m):
        """The encoders, with their thresholds, saturations and references from outside."""
        pointwise_lanes = self.geometry.pointwise_lanes
        lane_bits = pointwise_lanes.bit_length() - 1
        chosen, outside = Signal(lane_bits), self.access
        m.d.sync += chosen.eq(outside.address)
        lanes, words = [], []
        for number in range(pointwise_lanes):
            lane = DeltaEncoder(
                value_bits=self.geometry.value_bits,
                depth=self.geometry.value_depth // pointwise_lanes,
                read_latency=self.read_latency,
                readable=self.readable,
                compact=self.compact,
            )
            m.submodules[f"lane_{number}"] = lane
            mine = outside.address[:lane_bits] == number
            m.d.comb += [
                lane.threshold_x.eq(self.threshold_x),
                lane.threshold_h.eq(self.layer.threshold),
                lane.access.enable.eq(outside.enable),
                lane.access.address.eq(outside.address[lane_bits:]),
                lane.access.write.eq(outside.write & mine),
                lane.access.write_data.eq(outside.write_data),
            ]
            lanes.append(lane)
            words.append(Mux(chosen == number, lane.access.read_data, 0))
        saturated = Cat(lane.saturated for lane in lanes)
        m.d.comb += [
            outside.read_data.eq(reduce(or_, words)),
            self.fired.eq(self.o.valid & self.o.p.fires),
            self.saturated.eq(sum(saturated)),
            self.h_saturated.eq(saturated.any() & lanes[0].o.p.hidden),
        ]
        return lanes

    def _sieve(self, m, lanes, place):
        """Line up a word's events, its place delayed beside them; whether an input may come."""
        beats = self.geometry.beats
        m.submodules.sieve = sieve = EventSieve(
            value_bits=self.geometry.value_bits,
            address_bits=self.address_bits,
            pointwise_lanes=self.geometry.pointwise_lanes,
            beats=beats,
        )
        beat = Signal(range(beats))
        with m.If(self.valid):
            m.d.sync += beat.eq(beat + 1)
        encoded = Signal(len(place) + 1)
        m.d.comb += encoded.eq(Cat(place, self.valid & (beat == beats - 1)))
        encoded = delayed(m, encoded, DeltaEncoder.latency(self.read_latency), "place")[-1]
        word = sieve.word
        m.d.comb += [
            Cat(sieve.valid, word.row, word.hidden, word.first, word.last, word.closes).eq(encoded),
            word.deltas.eq(Cat(lane.o.p.delta for lane in lanes)),
            word.fires.eq(Cat(lane.o.valid & lane.o.p.fires for lane in lanes)),
            sieve.reserve.eq(self.layer.reserve),
            self.layer.credit.eq(sieve.credit),
        ]
        wiring.connect(m, sieve.o, wiring.flipped(self.o))
        return sieve.almost_empty
