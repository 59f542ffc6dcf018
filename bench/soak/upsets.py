"""Upsets: one bit of one memory turns over in the middle of a sequence; what verifying finds of it.

The compiled core of the ECP5 runs a network of three kinds of layer. Between two steps a bit of a
memory turns over, in a word that the network uses. One step of every eight is verified as ``thresh
run --verify 8`` does, and the memories at the end. Counted are sequences with a wrong output after
the upset, those in which verifying found something, and those with wrong outputs in which it found
nothing.
"""

from functools import partial
from pathlib import Path

import numpy as np

from thresh.host.verify import Verifier
from thresh.layout.layer_table import TABLE_WORDS
from thresh.layout.link import Counter
from thresh.model.network import MAX_LAYERS
from thresh.sim.engines.open_memories import Memory
from thresh.sim.golden import GoldenModel

from .campaign import Campaign, Counts, Opened
from .core_client import CoreClient
from .cores import RESIDENT, ChipCore, RunningCore
from .drawn import link_bench

NET = link_bench.network(6, 40, 24, 10, kinds=("gru", "lstm", "linear"), threshold=200)
STEPS, EVERY = 24, 8
FIRST, LAST = 5, 13
"""Steps before which a bit may turn over."""
FLIPS_PER_PART = 25
WANTED = 1100
OUTCOMES = ("flips", "wrong", "found", "unseen")

NAMES = {
    "columns.memory": "weights and biases", "accumulate.memory": "M",
    "references.memory": "references", "registers": "state and temporaries",
    "activation.table": "activation tables", "queue.events": "lists of events",
    "queue.lengths": "lengths of lists", "sequencer.program": "program of the pointwise stage",
    "core.table": "layer table", "table.copy": "layer table", "counters.totals": "counters",
}  # fmt: skip
"""What people call a memory, by a part of its path."""


def name_of(memory: Memory) -> str:
    """What people call it."""
    return next((name for part, name in NAMES.items() if part in memory.name), "other")


def words_of(memory: Memory, core: RunningCore, random: np.random.Generator) -> int:
    """A word that the network uses, where that is known."""
    plan, name = core.plan, name_of(memory)
    if name == "layer table":
        header = MAX_LAYERS * TABLE_WORDS
        words = [*range(TABLE_WORDS * len(plan.layers)), *range(header, header + 6)]
        return int(random.choice(words))
    used = {
        "weights and biases": plan.weight_words, "M": plan.accumulator_words,
        "references": -(-plan.values // core.geometry.pointwise_lanes),
        "state and temporaries": plan.state_words,
        "counters": Counter.FIRED + len(plan.layers) + 1,
    }.get(name, memory.words)  # fmt: skip
    return int(random.integers(min(used, memory.words)))


def upset(core: RunningCore, memory: Memory, random: np.random.Generator) -> tuple[bool, bool]:
    """Whether an output after it is wrong, and whether verifying finds it."""
    image = core.load_network(NET)
    core.new_sequence()
    client = CoreClient(core, NET)
    verifier = Verifier(client, image, EVERY)  # type: ignore[arg-type]
    model, wrong = GoldenModel(NET), False
    at, seed = int(random.integers(FIRST, LAST)), int(random.integers(1 << 30))
    place = words_of(memory, core, random), int(random.integers(memory.bits))
    for number, x in enumerate(link_bench.walk(STEPS, NET.inputs, seed=seed, stride=1500)):
        if number == at:
            core.flip(memory.name, *place)
        outputs = verifier.step(x, number).outputs
        wrong |= not np.array_equal(outputs, model.step(x[None])[0])
    verifier.memories()
    return wrong, not verifier.found.good


def part(made: ChipCore, number: int) -> Counts:
    """So many upsets of one memory; parts take turns."""
    random, counts = np.random.default_rng([4, number]), Counts()
    for flip in range(FLIPS_PER_PART):
        with made.powered_up(number * FLIPS_PER_PART + flip) as core:
            memories = core.inner_memories
            names = sorted({name_of(memory) for memory in memories} - {"other"})
            name = names[number % len(names)]
            some = [memory for memory in memories if name_of(memory) == name]
            try:
                wrong, found = upset(core, some[random.integers(len(some))], random)
            except RuntimeError:  # a step that does not end is seen by everybody
                wrong, found = True, True
        outcome = (1, wrong, found, wrong and not found)
        for what, true in zip(OUTCOMES, outcome, strict=True):
            for key in (what, f"{name}: {what}"):
                counts[key] = counts.get(key, 0) + int(true)
    return counts


def opened(folder: Path) -> Opened:
    """Ready to run."""
    core = ChipCore(RESIDENT, folder)
    return Opened(source=core.source, part=partial(part, core))


UPSETS = Campaign(about=__doc__, unit="flips", wanted=WANTED, open=opened)
