"""Clock bridge: no word is lost, doubled or reordered, whatever the clocks do; the core sleeps."""

from random import Random

import pytest
from amaranth import Cat, ClockDomain, ClockSignal, Module, Signal
from amaranth.sim import Simulator
from block_bench import refusal

from thresh.gateware.boot.clock_bridge import ClockBridge

AUDIO_NS = 500
SETTLE = 3


class Core:
    """Takes a word, is busy ``SETTLE`` cycles later, works and answers every word that is odd."""

    def __init__(self, m, bridge):
        self.finished = Signal(32)
        word, left, wait = Signal(16), Signal(5), Signal(range(SETTLE + 1))
        with m.FSM(domain="core"):
            with m.State("REST"):
                m.d.comb += bridge.o.ready.eq(1)
                with m.If(bridge.o.valid):
                    m.d.core += [word.eq(bridge.o.payload), wait.eq(SETTLE - 1)]
                    m.next = "WAIT"
            with m.State("WAIT"):
                m.d.core += [wait.eq(wait - 1), left.eq(word[2:7])]
                with m.If(wait == 0):
                    m.next = "WORK"
            with m.State("WORK"):
                m.d.comb += bridge.busy.eq(1)
                m.d.core += left.eq(left - 1)
                with m.If(left == 0):
                    m.next = "ANSWER"
            with m.State("ANSWER"):
                m.d.comb += [
                    bridge.i_answer.valid.eq(word[0]),
                    bridge.i_answer.payload.eq(Cat(word[0], ~word[1:])),
                ]
                with m.If(bridge.i_answer.ready | ~word[0]):
                    m.d.core += self.finished.eq(self.finished + 1)
                    m.next = "REST"


def answers_of(words):
    return [word ^ 0xFFFE for word in words if word & 1]


def hear(seed, core_ns, start_ns, *, mean_gap, stall, count=40, follow=True):
    """Answers of ``count`` words, and how often the core's clock stopped.

    Both clocks begin at any phase and their periods wander by some percent. With ``follow`` the
    core's clock starts up to ``start_ns`` after it is wanted and stops some cycles after it is
    not; without, it stops and starts as it likes.
    """
    random = Random(seed)
    m = Module()
    m.domains.audio = ClockDomain(reset_less=True)
    m.domains.core = ClockDomain(reset_less=True)
    m.submodules.bridge = bridge = ClockBridge(depth=4, answer_depth=2, settle=SETTLE)
    slow, fast = Signal(), Signal()
    m.d.comb += [ClockSignal("audio").eq(slow), ClockSignal("core").eq(fast)]
    core = Core(m, bridge)
    words = [random.getrandbits(16) for _ in range(count)]
    heard, stops, sent, ended = [], 0, 0, False

    async def crystal(ctx):
        period = AUDIO_NS * random.uniform(0.9, 1.1)
        await ctx.delay(random.random() * 1e-6)
        while True:
            period = min(max(period * random.uniform(0.99, 1.01), 400), 600)
            for value in (1, 0):
                ctx.set(slow, value)
                await ctx.delay(period / 2 * 1e-9)

    async def oscillator(ctx):
        nonlocal stops
        period = core_ns
        while True:
            if follow and not ctx.get(bridge.wanted):
                await ctx.changed(bridge.wanted)
            await ctx.delay(random.uniform(1, start_ns) * 1e-9)
            late = random.randrange(4)
            while late or (random.random() < 0.95 and not follow):
                if follow:
                    late = late - 1 if not ctx.get(bridge.wanted) else random.randrange(1, 5)
                else:
                    late = 0
                period = min(max(period * random.uniform(0.99, 1.01), core_ns * 0.8), core_ns * 1.2)
                for value in (1, 0):
                    ctx.set(fast, value)
                    await ctx.delay(period / 2 * 1e-9)
            stops += 1

    async def source(ctx):
        nonlocal sent
        for word in words:
            for _ in range(random.randrange(2 * mean_gap + 1)):
                await ctx.tick("audio")
            ctx.set(bridge.i.payload, word)
            ctx.set(bridge.i.valid, 1)
            await ctx.tick("audio").until(bridge.i.ready)
            ctx.set(bridge.i.valid, 0)
            sent += 1

    async def sink(ctx):
        nonlocal ended
        wanted = answers_of(words)
        while len(heard) < len(wanted):
            if random.random() < stall:
                ctx.set(bridge.o_answer.ready, 0)
                await ctx.tick("audio").repeat(random.randrange(1, 40))
            ctx.set(bridge.o_answer.ready, 1)
            heard.append(await ctx.tick("audio").sample(bridge.o_answer.payload).until(
                bridge.o_answer.valid))  # fmt: skip
        while sent < count or ctx.get(core.finished) < count:
            await ctx.tick("audio")
        for _ in range(60):  # nothing comes twice, and the clock is let go
            _, _, valid = await ctx.tick("audio").sample(bridge.o_answer.valid)
            assert not valid
        assert ctx.get(bridge.wanted) == (0 if follow else ctx.get(bridge.wanted))
        ended = True

    async def watch(ctx):
        while True:
            await ctx.negedge(bridge.wanted)
            assert not follow or ctx.get(core.finished) in (sent, sent - 1, sent - 2)
            assert not ctx.get(bridge.busy)

    async def deadline(ctx):
        await ctx.delay(20e-3)
        raise AssertionError(f"{len(heard)} answers of {count} words: the core sleeps for good")

    simulator = Simulator(m)
    simulator.add_testbench(crystal, background=True)
    simulator.add_testbench(oscillator, background=True)
    simulator.add_testbench(watch, background=True)
    simulator.add_testbench(source)
    simulator.add_testbench(sink)
    simulator.add_testbench(deadline, background=True)
    simulator.run()
    assert ended
    return [int(value[0]) for value in heard], answers_of(words), stops


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("core_ns", [41.7, 317.3, 1234.5])
def test_words_and_answers_arrive_once_and_in_order(seed, core_ns):
    heard, wanted, stops = hear(seed, core_ns, 9000, mean_gap=(2, 120)[seed % 2], stall=0.2)
    assert heard == wanted
    assert seed % 2 == 0 or stops > 3


def test_the_start_of_a_real_oscillator():
    heard, wanted, stops = hear(9, 41.7, 100_000, mean_gap=250, stall=0, count=20)
    assert heard == wanted
    assert stops > 5


@pytest.mark.parametrize("seed", range(3))
def test_a_clock_that_stops_as_it_likes_loses_nothing(seed):
    heard, wanted, _ = hear(seed, 97.0, 4000, mean_gap=5, stall=0.2, follow=False)
    assert heard == wanted


def test_refuses_queues_and_cores_that_cannot_be():
    with refusal("The word queue has a power of two from 2 on, not 3"):
        ClockBridge(depth=3)
    with refusal("The answer queue has a power of two from 2 on, not 1"):
        ClockBridge(answer_depth=1)
    with refusal("busy after at least 1 cycle, not 0"):
        ClockBridge(settle=0)
