"""Campaigns on cores find a wrong integer, drift, and upsets: with the twin as the core."""

import json
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import Phase, given, seed, settings

from bench.soak import drift, integers, upsets
from bench.soak.campaign import Failed
from bench.soak.cores import RESIDENT, RunningCore
from thresh.host.client import Client
from thresh.host.transport import DirectTransport
from thresh.layout.image import build_image
from thresh.layout.link import Counter, Region
from thresh.layout.memories import read_map
from thresh.sim.device_twin import DeviceTwin
from thresh.sim.engines.open_memories import Memory
from thresh.sim.observation import used_words


class TwinCore(RunningCore):
    """A core that is the twin; behind its ``wrong_at``-th step a bit is seen turned over, of M."""

    def __init__(self, wrong_at=None, region=Region.ACCUMULATORS, word=lambda plan: 0):
        self.geometry, self.wrong_at, self.steps = RESIDENT, wrong_at, 0
        self.region, self.word = region, word
        self.twin = DeviceTwin(RESIDENT)
        self.client = Client(DirectTransport(self.twin))

    def load(self, image):
        self.client.load(image)
        self.map = read_map(image.table, image.header, RESIDENT)

    def new_sequence(self):
        self.client.new_sequence()

    def run(self, x):
        for values in x:
            self.client.step(values)
            self.steps += 1

    def read(self, region, address, count):
        return self.twin.memories[region][address : address + count]

    def write(self, region, address, words):
        self.client.write(region, address, words)

    def memories(self):
        used = used_words(self.map).items()
        seen = {region: self.read(region, 0, count).copy() for region, count in used}
        if self.wrong_at and self.steps >= self.wrong_at:
            seen[self.region][self.word(self.map), 1] ^= 1
        return seen

    def flip(self, name, word, bit):
        memory = self.twin.memories[Region[name]]
        memory[word, bit // 8] ^= 1 << bit % 8
        self.twin._plan = None

    def powered_up(self, number):
        @contextmanager
        def opened():
            yield self

        return opened()


def run_integers(core, number):
    counts = dict.fromkeys(("integers", "networks", "sequences", "steps", "saturations"), 0)

    @seed(number)
    @settings(max_examples=4, database=None, phases=[Phase.generate])
    @given(integers.resident())
    def agree(case):
        integers.check(core, counts, case)

    agree()
    return counts


def test_a_wrong_integer_of_a_random_network_is_found():
    counts = run_integers(TwinCore(), 1)
    assert counts["networks"] >= 4
    assert counts["integers"] > 1000
    with pytest.raises(Failed, match="accumulator 0 of unit 0 is"):
        run_integers(TwinCore(wrong_at=1), 1)


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(drift, "BURST", 20)
    monkeypatch.setattr(drift, "BURSTS", 2)


def test_a_sequence_goes_on_behind_a_stop_and_does_not_drift(short):
    whole, cut, other = (drift.Sequence(TwinCore()) for _ in range(3))
    first, second = whole.part(0), whole.part(1)
    assert (first["steps"], first["looked_at"], second["stops"]) == (40, 2, 0)
    cut.part(0)
    other.restore(json.loads(json.dumps(cut.state())))
    assert other.part(1)["stops"] == 1
    assert other.state() == whole.state() != cut.state()
    again = drift.Sequence(TwinCore())
    again.restore(cut.state())
    with pytest.raises(Failed, match="goes on with part 1"):
        again.part(5)


def test_an_accumulator_that_drifted_is_found(short):
    with pytest.raises(Failed, match="1 accumulators have drifted in burst 1"):
        drift.Sequence(TwinCore(wrong_at=30)).part(0)


@pytest.mark.parametrize(
    ("region", "word", "named"),
    [
        (Region.STATE, lambda plan: plan.layers[0].h_base, "layer 0: state h of unit 0 is"),
        (Region.COUNTERS, lambda plan: Counter.BUSY_CYCLES, "counter of busy cycles is"),
    ],
)
@pytest.mark.parametrize("at", [15, 55, 60])
def test_a_wrong_integer_at_the_end_of_a_burst_is_found(monkeypatch, region, word, named, at):
    monkeypatch.setattr(drift, "BURST", 20)
    monkeypatch.setattr(drift, "BURSTS", 4)
    with pytest.raises(Failed, match=f"burst {(at - 1) // 20}, {named}"):
        drift.Sequence(TwinCore(wrong_at=at, region=region, word=word)).part(0)


@pytest.mark.parametrize(
    ("region", "bits"), [("ACCUMULATORS", 128), ("WEIGHTS", 128), ("REFERENCES", 16)]
)
def test_an_upset_is_found_where_the_network_uses_it(monkeypatch, region, bits):
    monkeypatch.setattr(upsets, "words_of", lambda memory, core, random: 0)
    random = np.random.default_rng(2)
    memory = Memory(name=region, words=8, bits=bits, zero=True)
    assert [upsets.upset(TwinCore(), memory, random)[1] for _ in range(3)] == [True] * 3


def test_words_that_a_network_does_not_use_are_left_alone():
    core, random = TwinCore(), np.random.default_rng(0)
    core.load_network(upsets.NET)
    plan = build_image(upsets.NET, RESIDENT).placement
    memory = Memory(name="core.engine.stage.columns.memory", words=8192, bits=128, zero=True)
    assert max(upsets.words_of(memory, core, random) for _ in range(3000)) < plan.weight_words
