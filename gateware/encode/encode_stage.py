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


class EncodeStage(wiring.Component):
    """S `DeltaEncoder` side by side: a word of new state per cycle, inputs in between, one each.

    Value number n of a list belongs to encoder n mod S. With S > 1 an `EventSieve` behind them
    makes a word's events leave one by one; with S = 1 an event leaves at once.

    Parameters
    ----------
    geometry : thresh.layout.geometry.Geometry
    read_latency : int

    Members
    -------
    x : In(stream of signed(V))
    blocked : In(1)
        References are accessed from outside.
    inputs_minus_1 : In
        Inputs of the network.
    taken, restart : In(1)
        The list of inputs under way was taken; a new sequence begins.
    begin : In(1)
        A layer begins; the next two describe it.
    units_minus_1, segment : In
        Units, first value address.
    reserve : In(1), credit : Out(1)
        A block of P / S words will come; one more may be reserved.
    word : In(S * V), valid : In(1)
        Units in their order, padded to blocks.
    threshold_x, threshold_h : In(V - 1)
    o : Out(stream of `nonzero_event`), always ready
    fired : Out(1)
        An event leaves.
    saturated : Out
        Deltas clipped in this cycle; ``h_saturated`` : Out(1), of the state.
    access : In(access port)
        References by value address; ``read_data`` follows a cycle later than elsewhere.
    """

    def __init__(self, *, geometry, read_latency):
        self.geometry = geometry
        self.read_latency = read_latency
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
                "begin": In(1),
                "units_minus_1": In(self.address_bits),
                "segment": In(self.address_bits),
                "reserve": In(1),
                "credit": Out(1, init=1),
                "word": In(pointwise_lanes * bits),
                "valid": In(1),
                "threshold_x": In(bits - 1),
                "threshold_h": In(bits - 1),
                "o": Out(stream.Signature(event, always_ready=True)),
                "fired": Out(1),
                "saturated": Out(range(pointwise_lanes + 1)),
                "h_saturated": Out(1),
                "access": In(access_port(depth, bits)),
            }
        )

    def elaborate(self, platform):
        m = Module()
        bits, pointwise_lanes, beats = (
            getattr(self.geometry, n) for n in ("value_bits", "pointwise_lanes", "beats")
        )
        lane_bits = pointwise_lanes.bit_length() - 1
        row_bits = self.address_bits - lane_bits
        lanes = [
            DeltaEncoder(
                value_bits=bits,
                depth=self.geometry.value_depth // pointwise_lanes,
                read_latency=self.read_latency,
            )
            for _ in range(pointwise_lanes)
        ]

        # State first, inputs in the cycles between; the next step's once these are taken.
        index, closed, spare = Signal(self.address_bits), Signal(), Signal(init=1)
        following = Signal.like(index)
        accepted = self.x.valid & self.x.ready
        x_last = index == self.inputs_minus_1
        m.d.comb += self.x.ready.eq(~self.valid & ~closed & ~self.blocked & spare)
        m.d.comb += following.eq(index)
        m.d.sync += index.eq(following)
        with m.If(accepted):
            m.d.comb += following.eq(Mux(x_last, 0, index + 1))
            m.d.sync += closed.eq(x_last)
        with m.If(self.taken):
            m.d.sync += closed.eq(0)
        with m.If(self.restart):
            m.d.comb += following.eq(0)
            m.d.sync += closed.eq(0)
        # Where an input's reference lies, or one that is read from outside, a cycle ahead.
        place_x = Signal(row_bits)
        m.d.sync += place_x.eq(
            Mux(self.access.enable, self.access.address[lane_bits:], following[lane_bits:])
        )

        # Words of state are numbered; what follows the last unit is padding.
        row, h_row, left = Signal(row_bits), Signal(row_bits), Signal(row_bits)
        last, more, inside = Signal(), Signal(), Signal(pointwise_lanes)
        with m.If(self.valid & more):
            m.d.sync += [
                row.eq(row + 1),
                h_row.eq(h_row + 1),
                left.eq(left - 1),
                last.eq(left == 1),
                more.eq(~last),
            ]
        with m.If(self.begin):
            m.d.sync += [
                row.eq(self.segment[lane_bits:]),
                h_row.eq(0),
                left.eq(self.units_minus_1[lane_bits:]),
                last.eq(self.units_minus_1[lane_bits:] == 0),
                more.eq(1),
                inside.eq(Cat(self.units_minus_1[:lane_bits] >= n for n in range(pointwise_lanes))),
            ]

        first = Mux(self.valid, h_row == 0, index == 0)
        ends = Mux(self.valid, last, x_last)
        for number, lane in enumerate(lanes):
            m.submodules[f"lane_{number}"] = lane
            mine = index[:lane_bits] == number
            value = self.word.word_select(number, bits).as_signed()
            m.d.comb += [
                lane.i.valid.eq(Mux(self.valid, more & (~last | inside[number]), accepted & mine)),
                lane.i.p.value.eq(Mux(self.valid, value, self.x.payload)),
                lane.i.p.address.eq(Mux(self.valid, row, place_x)),
                lane.i.p.index.eq(Mux(self.valid, h_row, index[lane_bits:])),
                lane.i.p.hidden.eq(self.valid),
                lane.i.p.first.eq(first),
                lane.i.p.last.eq(ends),
                lane.threshold_x.eq(self.threshold_x),
                lane.threshold_h.eq(self.threshold_h),
            ]
        fires = Cat(lane.o.valid & lane.o.p.fires for lane in lanes)
        saturated = Cat(lane.saturated for lane in lanes)
        m.d.comb += [
            self.fired.eq(self.o.valid & self.o.p.fires),
            self.saturated.eq(sum(saturated)),
            self.h_saturated.eq(saturated.any() & lanes[0].o.p.hidden),
        ]
        self._reach(m, lanes, lane_bits)
        if pointwise_lanes == 1:
            wiring.connect(m, lanes[0].o, wiring.flipped(self.o))
            m.d.comb += self.credit.eq(1)
            return m

        # The place of a word travels beside its values.
        m.submodules.sieve = sieve = EventSieve(
            value_bits=bits,
            address_bits=self.address_bits,
            pointwise_lanes=pointwise_lanes,
            beats=beats,
        )
        position = Signal(range(beats))
        with m.If(self.valid):
            m.d.sync += position.eq(position + 1)
        listed = Mux(self.valid, more, accepted)
        place = Cat(
            self.valid | accepted,
            Mux(self.valid, h_row, index[lane_bits:]),
            self.valid,
            first & listed,
            ends & listed,
            self.valid & (position == beats - 1),
        )
        came = Signal(len(place))
        m.d.comb += came.eq(place)
        came = delayed(m, came, 2 + self.read_latency, "place")[-1]
        m.d.comb += [
            Cat(
                sieve.valid,
                sieve.word.row,
                sieve.word.hidden,
                sieve.word.first,
                sieve.word.last,
                sieve.word.closes,
            ).eq(came),
            sieve.word.deltas.eq(Cat(lane.o.p.delta for lane in lanes)),
            sieve.word.fires.eq(fires),
            sieve.reserve.eq(self.reserve),
            self.credit.eq(sieve.credit),
            spare.eq(sieve.almost_empty),
        ]
        wiring.connect(m, sieve.o, wiring.flipped(self.o))
        return m

    def _reach(self, m, lanes, lane_bits):
        """References from outside, one at a time."""
        chosen = Signal(lane_bits)
        m.d.sync += chosen.eq(self.access.address)
        words = []
        for number, lane in enumerate(lanes):
            mine = self.access.address[:lane_bits] == number
            m.d.comb += [
                lane.access.enable.eq(self.access.enable),
                lane.access.address.eq(self.access.address[lane_bits:]),
                lane.access.write.eq(self.access.write & mine),
                lane.access.write_data.eq(self.access.write_data),
            ]
            words.append(Mux(chosen == number, lane.access.read_data, 0))
        m.d.comb += self.access.read_data.eq(reduce(or_, words))
