"""Column-wise multiply-accumulate: P lanes, one column slice per cycle."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.memory_shape import MemoryShape
from thresh.gateware.lib.tally import tally
from thresh.model.arithmetic import ACCUMULATOR_BITS

from .capture_difference import CaptureDifference
from .capture_queue import CaptureQueue
from .capture_register import CaptureRegister
from .mac_lane import MacLane


class ColumnMAC(wiring.Component):
    """``sum[p] = sum over a pass's events of W[p, column] * delta``, for P rows at once.

    The lanes never stop and are never cleared. At a mark their running sums are captured, and the
    pass's sum is the capture minus the one before, modulo 2**32 or what a lane's sums have; sums
    leave S per cycle. With more than one capture, passes may come while the one before leaves, and
    wait.

    Parameters
    ----------
    lanes, pointwise_lanes, weight_bits, value_bits : int
    mac_lane : class
    captures : int
        Passes that may wait or leave at a time.
    lead : int
        Cycles that ``take`` comes earlier.

    Members
    -------
    weights : In(P * weight_bits)
        A column slice, lane 0 lowest.
    delta : In(signed(V))
        In the same cycle as ``weights``; 0 when there is no event.
    mark : In(1)
        The pass ends with this cycle's event, or just before it when there is none.
    full : Out(1)
        A pass waits, and can leave when it is taken now.
    take : In(1)
        The pass that waits longest is to leave.
    shift : In(1)
        For P / S cycles from ``1 + lead`` cycles after ``take``; with more than one capture, whose
        ``lead`` is 1 at least, from ``lead`` cycles after it.
    sums : Out(S * 32)
        Units 0 to S-1 of the captured pass ``2 + lead`` cycles after ``take``, and so on.
    """

    def __init__(
        self,
        *,
        lanes,
        pointwise_lanes,
        weight_bits,
        value_bits,
        mac_lane=MacLane,
        captures=1,
        lead=0,
    ):
        self.lanes = lanes
        self.pointwise_lanes = pointwise_lanes
        self.weight_bits = weight_bits
        self.value_bits = value_bits
        self.mac_lane = mac_lane
        self.captures = captures
        self.lead = lead
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

    @staticmethod
    def memories(geometry, primitives):
        """The last captures, and those that wait where there may be several."""
        if not primitives.captures:
            return []
        lane = primitives.lane_of(geometry)
        beats, bits = geometry.beats, geometry.pointwise_lanes * lane.sum_bits
        found = [MemoryShape(bits=bits, words=beats)]
        if primitives.captures > 1:
            depth = 1 << primitives.captures.bit_length()
            found.append(MemoryShape(bits=bits * beats, words=depth, clocked=False))
        return found

    def elaborate(self, platform):
        m = Module()
        width, bits = self.lanes * self.mac_lane.sum_bits, self.mac_lane.sum_bits
        word_bits = self.pointwise_lanes * bits
        if self.captures == 1:
            captures = CaptureRegister(width=width, word_bits=word_bits)
        else:
            captures = CaptureQueue(width=width, word_bits=word_bits, captures=self.captures)
        m.submodules.captures = captures
        m.submodules.difference = difference = CaptureDifference(
            pointwise_lanes=self.pointwise_lanes, beats=self.lanes // self.pointwise_lanes,
            sum_bits=bits,
        )  # fmt: skip
        # A mark goes beside its event; then all lanes are captured at once.
        marks = Signal(self.mac_lane.latency)
        m.d.sync += marks.eq(Cat(self.mark, marks))
        early = self.mac_lane.latency - (self.captures == 1) - self.lead
        completes = Cat(self.mark, marks)[early]
        m.d.comb += [
            captures.load.eq(marks[-1]),
            captures.i.eq(Cat(self._lanes(m))),
            captures.shift.eq(self.shift),
            difference.i.eq(captures.o),
            difference.valid.eq(captures.valid),
            difference.element.eq(captures.element),
            self.sums.eq(difference.sums),
            self.full.eq(tally(m, up=completes, down=self.take, most=self.captures)),
        ]
        return m

    def _lanes(self, m):
        """The running sums of all lanes."""
        together, sums = self.mac_lane.products, []
        for number in range(self.lanes // together):
            lane = self.mac_lane(weight_bits=self.weight_bits, value_bits=self.value_bits)
            m.submodules[f"lane_{number}"] = lane
            m.d.comb += [
                lane.weight.eq(self.weights.word_select(number, together * self.weight_bits)),
                lane.delta.eq(self.delta),
            ]
            sums.append(lane.accumulator)
        return sums
