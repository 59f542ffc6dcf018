"""The blocks of a step do not wait for each other in a circle, so that their cycles add up.

Of each block this takes what other files prove (docs/proofs.md says where): that its own cycles
fall whenever it does not wait, for what it waits, and that as many passes are marked as are taken.
Layers, passes and room are any numbers; blocks go on in any order, or together.
"""

from itertools import permutations
from types import SimpleNamespace

import pytest

z3 = pytest.importorskip("z3")

BLOCKS = ("walker", "sums", "sequencer", "sieve")
NUMBERS = ("layer", "marked", "summed", "running", "taken", "words")
FLAGS = ("offered", "has", "emitted", "at_list", "at_mark", "at_pass", "at_word")
LAYERS, ROOM, DEPTH = z3.Ints("layers room depth")
"""Layers of the step, passes that sums have room for, and words that the sieve has."""

PASSES = z3.Function("passes", z3.IntSort(), z3.IntSort())
"""Passes of all layers before one."""


def numbers(*states):
    """There is room, and each layer has a pass at least: said of the layers that are spoken of."""
    layers = [z3.IntVal(0), LAYERS]
    for s in states:
        layers += [s.layer, s.layer + 1, s.running, s.running + 1]
    rises = [
        z3.Implies(one < other, PASSES(other) - PASSES(one) >= other - one)
        for one, other in permutations(layers, 2)
    ]
    return [LAYERS > 0, ROOM > 0, DEPTH > 0, PASSES(0) == 0, *rises]


def state(tail=""):
    """A cycle: layers and passes of walker and sequencer, and where they are in them."""
    found = {name: z3.Int(name + tail) for name in NUMBERS}
    return SimpleNamespace(**found, **{name: z3.Bool(name + tail) for name in FLAGS})


def complete(s, layer):
    """All of a layer's words of state are in its list."""
    return z3.Or(s.running > layer, z3.And(s.running == layer, s.emitted, s.words == 0), layer < 0)


def taken_up(s, layer):
    """The sequencer has taken a layer from the walker."""
    return z3.Or(s.running > layer, z3.And(s.running == layer, s.has), layer < 0)


def offers(s, layer):
    """The walker has handed a layer over."""
    return z3.Or(s.layer > layer, z3.And(s.layer == layer, s.offered))


def waits(s):
    """What each block waits for; it rests as well where it has nothing to do."""
    walker = z3.Or(
        s.layer == LAYERS,
        z3.And(~s.offered, ~taken_up(s, s.layer - 1)),
        z3.And(s.offered, s.at_list, ~complete(s, s.layer - 1)),
        z3.And(s.offered, s.at_mark, s.marked - s.taken >= ROOM),
    )
    sequencer = z3.Or(
        s.running == LAYERS,
        z3.And(~s.has, ~offers(s, s.running)),
        z3.And(s.has, ~s.emitted, s.at_pass, s.taken == s.summed),
        z3.And(s.has, ~s.emitted, s.at_word, s.words >= DEPTH),
        z3.And(s.emitted, s.words > 0),
    )
    return dict(zip(BLOCKS, (walker, s.summed == s.marked, sequencer, s.words == 0), strict=True))


def holds(s):
    """What is so in every cycle."""
    ends = PASSES(s.running + 1)
    return z3.And(
        s.layer >= 0, s.running >= 0, s.running <= LAYERS, s.words >= 0, s.words <= DEPTH,
        s.taken <= s.summed, s.summed <= s.marked, s.marked - s.taken <= ROOM,
        z3.If(
            s.layer < LAYERS,
            z3.And(PASSES(s.layer) <= s.marked, s.marked < PASSES(s.layer + 1)),
            z3.And(s.layer == LAYERS, s.marked == PASSES(LAYERS), ~s.offered),
        ),
        PASSES(s.running) <= s.taken,
        z3.Implies(s.running < LAYERS, s.taken <= ends),
        z3.Implies(s.running == LAYERS, z3.And(s.taken == PASSES(LAYERS), ~s.has)),
        z3.Implies(s.has, offers(s, s.running)),
        z3.Implies(s.emitted, z3.And(s.has, s.taken == ends)),
        z3.Implies(z3.And(s.has, s.at_pass), s.taken < ends),
        z3.Not(z3.And(s.at_list, s.at_mark)), z3.Not(z3.And(s.at_pass, s.at_word)),
    )  # fmt: skip


def same(s, after, *names):
    return z3.And([getattr(after, name) == getattr(s, name) for name in names])


def moves(s, after, waiting):
    """A cycle: every block that does not wait may go on, and one that waits stays."""
    marks = z3.And(s.offered, s.at_mark, after.marked == s.marked + 1)
    next_layer = z3.And(after.layer == s.layer + 1, ~after.offered)
    last = after.marked == PASSES(s.layer + 1)
    walker = z3.Or(
        z3.And(same(s, after, "layer", "marked"), z3.Or(after.offered, ~s.offered)),
        z3.And(marks, z3.If(last, next_layer, z3.And(after.layer == s.layer, after.offered))),
    )
    takes = z3.And(s.has, s.at_pass, after.taken == s.taken + 1, same(s, after, "running", "has"))
    begins = z3.And(~s.has, same(s, after, "taken", "running"), ~after.emitted)
    works = z3.And(s.has, same(s, after, "taken", "running", "has"))
    ends = z3.And(s.emitted, after.running == s.running + 1, ~after.has, ~after.emitted)
    all_out = z3.And(works, s.taken == PASSES(s.running + 1), after.emitted)
    sequencer = z3.Or(
        begins,
        z3.And(takes, ~after.emitted),
        z3.And(works, after.emitted == s.emitted),
        all_out,
        z3.And(ends, same(s, after, "taken")),
    )
    emits = z3.And(s.has, ~s.emitted, s.at_word, ~waiting["sequencer"])
    came = after.words - z3.If(waiting["sieve"], s.words, s.words - 1)
    return z3.And(
        z3.If(waiting["walker"], same(s, after, "layer", "marked", "offered"), walker),
        z3.If(waiting["sums"], same(s, after, "summed"), after.summed == s.summed + 1),
        z3.If(
            waiting["sequencer"], same(s, after, "running", "taken", "has", "emitted"), sequencer
        ),
        came >= 0, came <= z3.If(emits, 1, 0),
    )  # fmt: skip


def proven(*claims, given, states):
    """Whether what is given allows no counterexample."""
    solver = z3.Solver()
    solver.set("timeout", 120_000)
    solver.add(*numbers(*states), *given, z3.Not(z3.And(*claims)))
    answer = solver.check()
    assert answer != z3.unknown, solver.reason_unknown()
    return answer == z3.unsat


def test_what_is_said_of_every_cycle_is_so_of_the_first_and_stays_so():
    s, after = state(), state("'")
    first = [getattr(s, name) == 0 for name in NUMBERS]
    first += [~s.offered, ~s.has, ~s.emitted, ~s.at_list, ~s.at_mark, ~s.at_pass, ~s.at_word]
    assert proven(holds(s), given=first, states=[s])
    where = [
        z3.Implies(z3.And(after.has, after.at_pass), after.taken < PASSES(after.running + 1)),
        z3.Not(z3.And(after.at_list, after.at_mark)),
        z3.Not(z3.And(after.at_pass, after.at_word)),
    ]
    given = [holds(s), moves(s, after, waits(s)), *where]
    assert proven(holds(after), given=given, states=[s, after])
    for name in NUMBERS:  # each of which may go on
        assert not proven(same(s, after, name), given=given, states=[s, after])


def ended(s):
    return z3.And(s.running == LAYERS, s.layer == LAYERS, s.words == 0)


def goes_on(waiting, s):
    """Until the step has ended, a block goes on in every cycle."""
    claim = z3.Or(ended(s), *(~one for one in waiting.values()))
    return proven(claim, given=[holds(s)], states=[s])


def test_some_block_goes_on_in_every_cycle_of_a_step():
    s = state()
    assert goes_on(waits(s), s)


def test_a_step_takes_no_more_cycles_than_its_blocks_have_of_their_own():
    s = state()
    left, then = ([z3.Int(f"{name}{tail}") for name in BLOCKS] for tail in ("", "'"))
    falls = [
        z3.And(after >= 0, after <= before - z3.If(waiting, 0, 1))
        for waiting, before, after in zip(waits(s).values(), left, then, strict=True)
    ]
    given = [holds(s), z3.Not(ended(s)), *falls]
    assert proven(sum(then) <= sum(left) - 1, sum(left) > 0, given=given, states=[s])


def begins_late(s):
    """The walker begins a layer once the sequencer has taken that very layer."""
    return {"walker": z3.Or(waits(s)["walker"], z3.And(~s.offered, ~taken_up(s, s.layer)))}


def waits_for_own_list(s):
    """A layer's inputs are its own outputs."""
    own = z3.And(s.offered, s.at_list, ~complete(s, s.layer))
    return {"walker": z3.Or(waits(s)["walker"], own)}


def takes_one_more(s):
    """The sequencer wants a pass that is never marked."""
    more = z3.And(s.has, ~s.emitted, s.taken == s.summed)
    return {"sequencer": z3.Or(waits(s)["sequencer"], more)}


def keeps_a_word(s):
    """The sieve waits for another word."""
    return {"sieve": s.words <= 1}


@pytest.mark.parametrize("fault", [begins_late, waits_for_own_list, takes_one_more, keeps_a_word])
def test_blocks_that_wait_in_a_circle_are_found_out(fault):
    s = state()
    assert not goes_on(waits(s) | fault(s), s)
