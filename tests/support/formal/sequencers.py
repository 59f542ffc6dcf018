"""The pointwise sequencer in proofs: what is left of a layer, in cycles, passes and blocks."""

from amaranth import *
from amaranth.hdl import Assert

from thresh.gateware.pointwise.block_order import BlockOrder
from thresh.gateware.pointwise.issue_timer import IssueTimer
from thresh.gateware.pointwise.pointwise_sequencer import PointwiseSequencer
from thresh.gateware.pointwise.program import GAP_BITS, PROGRAM_LENGTH
from thresh.layout.layer_table import POINTWISE_FIELDS
from thresh.layout.program_schedule import schedule
from thresh.model.cells import CELLS
from thresh.performance.longest_step import PASSES

from .measures import chosen, falls
from .prover import among

LONGEST_GAP = 1 << GAP_BITS

FLAGS = ("draining", "groups_left", "first_group", "last_group")
"""What proofs see of a `BlockOrder`."""


class Programs:
    """What every code's program says of an instruction, by code and number."""

    def __init__(self, beats, distance):
        slots = {cell.code: schedule(cell.program, beats, distance) for cell in CELLS.values()}
        self.last = {code: len(of) - 1 for code, of in slots.items()}
        self.closes = {
            code: max((at for at, slot in enumerate(of) if slot.deferred), default=0)
            for code, of in slots.items()
        }
        self.accumulates = {code: [slot.accumulates for slot in of] for code, of in slots.items()}
        self.emits = {code: [slot.emits for slot in of] for code, of in slots.items()}
        self.emits_late = {
            code: int(any(slot.emits and slot.deferred for slot in of))
            for code, of in slots.items()
        }  # fmt: skip

    @staticmethod
    def of_round(flags, code, number, size, place):
        """How often what the flags say is still launched in a round, for so many blocks."""
        words = {code << 3 | n: of for code, all_of in flags.items() for n, of in enumerate(all_of)}
        after = {
            code << 3 | n: sum(of[n + 1 :]) for code, of in flags.items() for n in range(len(of))
        }
        key = Cat(number[:3], code)
        now = chosen(key, {k: int(v) for k, v in words.items()}, 1)
        return chosen(key, after, 0) * size + Mux(now & (place < size), size - place, 0)


def cycles_of(unit):
    """Of an instruction with its gap, of a layer's instructions, and of a layer, without those in
    which the sequencer waits."""
    slot = unit.beats + LONGEST_GAP + 2
    launches = (unit.state_blocks // unit.interleave + 2) * PROGRAM_LENGTH * unit.interleave
    run = (launches + 2) * slot + unit.beats + 4
    return slot, run, run + fetch_cycles(unit) + 8


def fetch_cycles(unit):
    """In which a layer's entry is read."""
    return len(POINTWISE_FIELDS) + unit.read_latency


def sequencer_rules(unit):
    """Rules for a `PointwiseSequencer` like ``unit``, and its parts."""
    rules = SequencerRules(unit)
    return {
        PointwiseSequencer: rules.sequencer,
        BlockOrder: rules.order,
        IssueTimer: rules.timer,
    }


class SequencerRules:
    """What is always true of a sequencer and its parts, and falls until it ends.

    Parameters
    ----------
    unit : PointwiseSequencer
        One like it.
    """

    def __init__(self, unit):
        self.unit, self.shared = unit, {}
        self.interleave, self.beats = unit.interleave, unit.beats
        self.groups = unit.state_blocks // unit.interleave
        self.programs = Programs(unit.interleave * unit.beats, unit.distance)

    def sequencer(self, inner, names):
        """The sequencer's own; what its parts show is declared here, for they come later."""
        ghost = self.shared[names.order] = {
            name: Signal(range(self.groups) if name == "groups_left" else 1, name=f"order_{name}")
            for name in FLAGS
        }
        due_in = self.shared[names.timer] = Signal(range(2 * cycles_of(self.unit)[0]))
        order = names.order
        ended = order.advance & order.last & ~ghost["draining"]
        closed = order.advance & order.closes & ghost["draining"]
        over = order.finished | closed
        credit_before, fresh = Signal(), Signal()
        inner.d.sync += [
            credit_before.eq(names.self.state.credit), fresh.eq(among(names.machine, "START")),
        ]  # fmt: skip
        self._ends(inner, names, ghost, ended, over, due_in, credit_before, fresh)
        self._holds(inner, names, ghost, over)
        self._counts(inner, names, ghost, over)

    def _ends(self, inner, names, ghost, ended, over, due_in, credit_before, fresh):
        """Cycles that are left fall, but where passes, credit or columns are waited for."""
        machine, order, timer = names.machine, names.order, names.timer
        slot, run, most = cycles_of(self.unit)
        rounds = Mux(ghost["draining"], 1, ghost["groups_left"] + 2) - ended
        left = (
            rounds * PROGRAM_LENGTH + (PROGRAM_LENGTH - 1 - names.program.number)
        ) * self.interleave
        left = left + (self.interleave - 1 - names.place)
        tail = Mux(timer.running, self.beats - timer.element + 3, Mux(names.complete, 1, 2))
        inside = Mux(over, tail, (left + 1) * slot + due_in + fresh + self.beats + 4)
        for name, cycles in {"IDLE": 0, "PREPARE": run + 3, "DECODE": run + 2}.items():
            inside = Mux(among(machine, name), cycles, inside)
        inside = Mux(among(machine, "START"), run + 1, inside)
        fetch = fetch_cycles(self.unit)
        inside = Mux(among(machine, "FETCH"), run + 3 + fetch - names.fetched, inside)
        measure = Signal(range(2 * most))
        inner.d.comb += measure.eq(inside)
        completes = names.self.drained & (~names.encoded | names.self.hidden.complete)
        waits = among(machine, "IDLE") | (
            among(machine, "RUN")
            & Mux(
                order.finished,
                ~timer.running & ~names.complete & ~completes,
                timer.due & ~names.launch & ~fresh & (~credit_before | ~names.self.passes.complete),
            )
        )
        falls(inner, measure, waits=waits, begins=among(machine, "IDLE"), most=most)

    def _holds(self, inner, names, ghost, over):
        """Where the parts stand in every state of the machine."""
        machine, program, order, timer = names.machine, names.program, names.order, names.timer
        last = chosen(program.code, self.programs.last)
        closes = chosen(program.code, self.programs.closes)
        runs, before = among(machine, "RUN"), among(machine, "DECODE", "START")
        inner.d.comb += [
            Assert(~among(machine, "FETCH") | (names.fetched < fetch_cycles(self.unit))),
            Assert(names.place < self.interleave),
            Assert(runs & ~names.complete | (order.finished & ~timer.running)),
            Assert(runs & ~names.complete | ~(names.launched | names.ready)),
            Assert(~over | (names.place == 0)),
            Assert(runs | among(machine, "IDLE") | (program.number == 0)),
            Assert(program.number <= last + over),
            Assert(~ghost["draining"] | over | ((program.number <= closes) & (closes != 0))),
            Assert(~(names.launched & order.last & order.drains) | (closes != 0)),
            Assert(~before | ~ghost["draining"]),
            Assert(
                ~(before | runs)
                | ghost["draining"]
                | (ghost["last_group"] == (ghost["groups_left"] == 0))
            ),
            Assert(~before | timer.due),
            Assert(~before | ghost["first_group"]),
            Assert(
                ~ghost["first_group"]
                | ~(before | runs)
                | (ghost["groups_left"] == names.self._blocks_minus_1[self.interleave // 2 :])
            ),
            Assert(~(ghost["first_group"] & ghost["draining"]) | ~runs),
        ]

    def _counts(self, inner, names, ghost, over):
        """Passes are taken, and blocks of words emitted, as many as the layer has."""
        code, number, order = names.program.code, names.program.number, names.order
        blocks, interleave, programs = names.self._blocks_minus_1, self.interleave, self.programs
        last_size = Mux(blocks[0], interleave, 1) if interleave == 2 else C(1)
        rest, draining = ghost["groups_left"], ghost["draining"]
        ended = order.advance & order.last
        size = Mux(rest == 0, last_size, interleave)
        late = Mux(draining, last_size, Mux(ghost["first_group"], 0, interleave))
        more = Mux(rest == 0, 0, ((rest - 1)[: len(rest)] * interleave + last_size))
        n = chosen(code, {cell.code: len(cell.passes) for cell in CELLS.values()}, 1)
        now = programs.of_round(programs.accumulates, code, number, size, names.place)
        takes = Mux(over | draining, 0, Mux(ended, 0, now) + more * n)
        is_late = chosen(code, programs.emits_late)
        now = programs.of_round(programs.emits, code, number, Mux(is_late, late, size), names.place)
        early = Mux(draining, 0, Mux(ended, 0, now) + more)
        later = Mux(ended, 0, now) + Mux(draining, 0, rest * interleave + last_size)
        emits = Mux(over, 0, Mux(is_late, later, early))
        taken = Signal(range(self.unit.state_blocks * PASSES + 1))
        emitted = Signal(range(self.unit.state_blocks + 1))
        inner.d.sync += [
            taken.eq(taken + names.self.passes.take),
            emitted.eq(emitted + names.self.state.reserve),
        ]
        with inner.If(among(names.machine, "START")):
            inner.d.sync += [taken.eq(0), emitted.eq(0)]
        with inner.If(among(names.machine, "RUN")):
            inner.d.comb += [
                Assert(taken + takes == Mux(names.skip, 0, (blocks + 1) * n)),
                Assert(emitted + emits == Mux(names.skip, 0, blocks + 1)),
            ]

    def order(self, inner, names):
        """The order of blocks shows its flags."""
        ghost = self.shared[names.self]
        inner.d.comb += [
            *(ghost[name].eq(getattr(names, name)) for name in FLAGS),
            Assert(names.draining | (names.groups_left < self.groups)),
        ]

    def timer(self, inner, names):
        """The timer shows in how many cycles the next instruction is due."""
        timer = names.self
        inner.d.comb += [
            Assert(timer.last == (timer.running & (timer.element == self.beats - 1))),
            Assert(timer.running | (timer.element == 0)),
            Assert(~(timer.running & timer.due) | timer.last),
        ]
        running = self.beats - timer.element + LONGEST_GAP
        inner.d.comb += self.shared[timer].eq(
            Mux(timer.due, 0, Mux(timer.running, running, names.left + 1))
        )
