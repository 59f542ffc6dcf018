"""Column-wise multiply-accumulate: P lanes, one column slice per cycle."""

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from thresh.gateware.lib.delayed import delayed
from thresh.gateware.lib.tally import tally
from thresh.model.arithmetic import ACCUMULATOR_BITS

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

    def elaborate(self, platform):
        m = Module()
        beats = self.lanes // self.pointwise_lanes
        running = []
        together, bits = self.mac_lane.products, self.mac_lane.sum_bits
        for number in range(self.lanes // together):
            lane = self.mac_lane(weight_bits=self.weight_bits, value_bits=self.value_bits)
            m.submodules[f"lane_{number}"] = lane
            m.d.comb += [
                lane.weight.eq(self.weights.word_select(number, together * self.weight_bits)),
                lane.delta.eq(self.delta),
            ]
            running.append(lane.accumulator)

        # The mark travels with its event; then all lanes are captured at once.
        marks = Signal(self.mac_lane.latency)
        m.d.sync += marks.eq(Cat(self.mark, marks))
        at, following = Signal(range(beats)), Signal(range(beats))
        captured, shift = Signal(self.pointwise_lanes * bits), Signal()
        leave = self._one_leaves if self.captures == 1 else self._several_leave
        leave(m, marks[-1], Cat(running), captured, shift, at, following)
        comes = Cat(self.mark, marks)[self.mac_lane.latency - (self.captures == 1) - self.lead]
        m.d.comb += self.full.eq(tally(m, up=comes, down=self.take, most=self.captures))

        # The last capture of the same lanes waits in a ring.
        m.submodules.before = before = Memory(shape=len(captured), depth=beats, init=[])
        read, write = before.read_port(), before.write_port()
        m.d.comb += [
            read.addr.eq(following),
            write.en.eq(shift),
            write.addr.eq(at),
            write.data.eq(captured),
        ]
        m.d.sync += at.eq(following)
        for number in range(self.pointwise_lanes):
            now = captured.word_select(number, bits)
            then = read.data.word_select(number, bits)
            total = now - then
            if bits < ACCUMULATOR_BITS:
                total = total[:bits].as_signed()
            m.d.sync += self.sums.word_select(number, ACCUMULATOR_BITS).eq(total)
        return m

    def _one_leaves(self, m, loads, source, captured, shift, at, following):
        """A capture leaves a shift register, which is free for the next one then."""
        register = Signal.like(source, name="register")
        with m.If(loads):
            m.d.sync += register.eq(source)
        with m.Elif(self.shift):
            m.d.sync += register.eq(register >> len(captured))
        m.d.comb += [
            captured.eq(register),
            shift.eq(self.shift),
            following.eq(Mux(self.shift, at + 1, at)),
        ]

    def _several_leave(self, m, loads, source, captured, shift, at, following):
        """Captures wait in a memory, out of which one word after another is read."""
        m.submodules.waiting = waiting = Memory(
            shape=len(source), depth=1 << self.captures.bit_length(), init=[]
        )
        come, go = waiting.write_port(), waiting.read_port(domain="comb")
        # The next place is counted beside it, so that no logic leads to the addresses.
        place, after = Cat(following, go.addr), Signal(len(following) + len(go.addr), init=1)
        m.d.comb += [come.en.eq(loads), come.data.eq(source)]
        with m.If(self.shift):
            m.d.sync += [place.eq(after), after.eq(after + 1)]
        m.d.sync += [come.addr.eq(come.addr + loads), shift.eq(self.shift)]
        # One of four words is chosen before a register, and one of those behind it.
        near, far = following[:2], delayed(m, following[2:], 1, "far")[-1]
        chosen = Signal(-(-len(source) // (4 * len(captured))) * len(captured))
        for group in range(len(chosen) // len(captured)):
            words = go.data[4 * group * len(captured) :][: 4 * len(captured)]
            word = words.word_select(near, len(captured))
            m.d.sync += chosen.word_select(group, len(captured)).eq(word)
        m.d.comb += captured.eq(chosen.word_select(far, len(captured)))
