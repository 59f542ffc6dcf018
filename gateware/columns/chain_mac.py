"""Multiply-accumulate lanes that are their own way out."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.tally import tally
from thresh.model.arithmetic import ACCUMULATOR_BITS

from .chain_lane import ChainLane


class ChainMAC(wiring.Component):
    """``sum[p] = sum over a pass's events of W[p, column] * delta``, for P rows at once.

    As a `ColumnMAC`, but a pass's sums stay in the lanes until they leave, from lane to lane, S per
    cycle; zeros follow them. Until then no event may come. It costs next to nothing beside the
    lanes, where these can load a sum.

    Parameters
    ----------
    lanes, pointwise_lanes, weight_bits, value_bits : int
    mac_lane : class
        A `ChainLane`.

    Members
    -------
    weights, delta, mark, full, take
        As the `ColumnMAC`'s.
    shift : In(1)
        The next sums are wanted in the next cycle.
    sums : Out(S * 32)
        Units 0 to S-1 of a pass until the first ``shift``, and so on.
    """

    def __init__(self, *, lanes, pointwise_lanes, weight_bits, value_bits, mac_lane=ChainLane):
        self.lanes = lanes
        self.pointwise_lanes = pointwise_lanes
        self.weight_bits = weight_bits
        self.value_bits = value_bits
        self.mac_lane = mac_lane
        super().__init__(
            {
                "weights": In(lanes * weight_bits),
                "delta": In(signed(value_bits)),
                "mark": In(1),
                "full": Out(1),
                "take": In(1),
                "shift": In(1),
                "sums": Out(pointwise_lanes * ACCUMULATOR_BITS),
            }
        )

    def elaborate(self, platform):
        m = Module()
        lanes = []
        for number in range(self.lanes):
            lane = self.mac_lane(weight_bits=self.weight_bits, value_bits=self.value_bits)
            m.submodules[f"lane_{number}"] = lane
            lanes.append(lane)
            m.d.comb += [
                lane.weight.eq(self.weights.word_select(number, self.weight_bits)),
                lane.delta.eq(self.delta),
                lane.shift.eq(self.shift),
            ]
        for lane, behind in zip(lanes, lanes[self.pointwise_lanes :], strict=False):
            m.d.comb += lane.behind.eq(behind.accumulator)
        # A mark goes beside its event; sums are wanted two cycles after they are taken.
        marks = Signal(self.mac_lane.latency - 2)
        m.d.sync += marks.eq(Cat(self.mark, marks))
        m.d.comb += [
            self.sums.eq(Cat(lane.accumulator for lane in lanes[: self.pointwise_lanes])),
            self.full.eq(tally(m, up=marks[-1], down=self.take, most=1)),
        ]
        return m
