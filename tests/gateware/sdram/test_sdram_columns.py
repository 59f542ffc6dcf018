from dataclasses import replace

import numpy as np
import pytest
from block_bench import simulate
from sdram_bench import CLOCK_HZ, QUICK_SDRAM, simulate_with_chip

from thresh.gateware.sdram.column_fetcher import ColumnFetcher
from thresh.gateware.sdram.sdram_columns import SdramColumns
from thresh.layout.sdram_chip import SdramChip, SdramCommand
from thresh.sim.sdram_model import SdramModel, SdramViolation


class HastyChip(SdramChip):
    """A chip that is closed a cycle too early after a write."""

    def cycles(self, name, clock_hz):
        return super().cycles(name, clock_hz) - (name == "write_recovery")


RANDOM = np.random.default_rng(4)
CONTENT = RANDOM.integers(0, 1 << 16, 1 << 16, np.uint16)


def filled_chip(clock_hz=CLOCK_HZ, chip=QUICK_SDRAM):
    model = SdramModel(chip, clock_hz)
    model.load(0, CONTENT)
    return model


def fetch(columns, *, request_gaps=0.0, stalls=0.0, **parameters):
    """Words of (first burst, bursts) columns: values, last flags, model, and when one was taken."""
    clock_hz = parameters.setdefault("clock_hz", CLOCK_HZ)
    block = SdramColumns(chip=QUICK_SDRAM, **parameters)
    model = filled_chip(clock_hz)
    random = np.random.default_rng(1)
    words, lasts, cycles = [], [], []
    total = 8 * sum(bursts for _, bursts in columns)

    async def bench(ctx):
        waiting = list(columns)
        while not ctx.get(block.ready):
            await ctx.tick()
        offered = False
        while len(words) < total:
            if waiting and not offered and random.random() >= request_gaps:
                ctx.set(block.i.p.address, waiting[0][0])
                ctx.set(block.i.p.bursts, waiting[0][1])
                ctx.set(block.i.valid, 1)
                offered = True
            ctx.set(block.o.ready, int(random.random() >= stalls))
            taken, valid, ready, word, last = (await ctx.tick().sample(
                block.i.ready, block.o.valid, block.o.ready, block.o.p.word, block.o.p.last,
            ))[2:]  # fmt: skip
            if offered and taken:
                waiting.pop(0)
                ctx.set(block.i.valid, 0)
                offered = False
            cycles.append(bool(valid and ready))
            if valid and ready:
                words.append(word)
                lasts.append(last)

    simulate_with_chip(block, bench, model=model, clock_hz=clock_hz)
    return words, lasts, model, cycles


def expected(columns):
    words = [CONTENT[8 * start : 8 * (start + bursts)] for start, bursts in columns]
    lasts = [np.arange(8 * bursts) == 8 * bursts - 1 for _, bursts in columns]
    return np.concatenate(words), np.concatenate(lasts)


def random_columns(count, most):
    bursts = RANDOM.integers(1, most + 1, count)
    return [(int(RANDOM.integers(0, 8192 - n)), int(n)) for n in bursts]


@pytest.mark.parametrize(("gaps", "stalls"), [(0, 0), (0.9, 0), (0, 0.6), (0.95, 0.3)])
def test_columns_come_in_order_whatever_waits(gaps, stalls):
    columns = [*random_columns(12, 8), (60, 70), (1, 1), (0, 1), (8191, 1)]
    words, lasts, _, _ = fetch(columns, request_gaps=gaps, stalls=stalls, depth=32)
    want_words, want_lasts = expected(columns)
    np.testing.assert_array_equal(words, want_words)
    np.testing.assert_array_equal(lasts, want_lasts)


@pytest.mark.parametrize("pad_delay", [1, 3])
@pytest.mark.parametrize("clock_hz", [100e6, 133e6])
def test_other_clocks_and_registers_at_the_pads_are_held_to_time(clock_hz, pad_delay):
    # A register on the way is a cycle in which the chip lags.
    columns = random_columns(20, 5)
    block = SdramColumns(chip=QUICK_SDRAM, clock_hz=clock_hz, pad_delay=pad_delay)
    model = filled_chip(clock_hz)
    words = []

    async def bench(ctx):
        ctx.set(block.o.ready, 1)
        line = [None] * (pad_delay + 1)
        requests = list(columns)
        ctx.set(block.i.valid, 1)
        pins = block.pins
        while len(words) < len(want):
            start, bursts = requests[0] if requests else (0, 0)
            ctx.set(block.i.valid, int(bool(requests)))
            ctx.set(block.i.p.address, start)
            ctx.set(block.i.p.bursts, bursts)
            ready, valid, word, command, bank, address = (await ctx.tick().sample(
                block.i.ready, block.o.valid, block.o.p.word, pins.command, pins.bank, pins.address
            ))[2:]  # fmt: skip
            if requests and ready:
                requests.pop(0)
            if valid:
                words.append(word)
            line = [model.step(int(command), bank, address, None), *line[:-1]]
            driven = line[pad_delay]
            ctx.set(pins.dq_i, 0xDEAD if driven is None else driven)

    want, _ = expected(columns)
    simulate(block, bench)
    np.testing.assert_array_equal(words, want)


def test_a_long_column_streams_a_word_every_cycle_between_refreshes():
    _, _, model, cycles = fetch([(37, 200)])
    busy = np.flatnonzero(cycles)
    gaps = np.diff(busy)
    # 1600 words lie in four rows.
    assert np.sum(gaps > 1) == model.commands[SdramCommand.REFRESH] - 8
    assert gaps.max() <= 18
    assert len(busy) / (busy[-1] - busy[0] + 1) > 0.98


def test_short_columns_of_other_banks_follow_without_a_gap():
    # Six bursts each, every one in the next bank and in another row.
    columns = [(64 * n, 6) for n in range(10)]
    _, _, _, cycles = fetch(columns)
    busy = np.flatnonzero(cycles)
    assert busy[-1] - busy[0] + 1 == 10 * 48


def test_words_are_loaded_and_read_back():
    block = SdramColumns(chip=QUICK_SDRAM, clock_hz=CLOCK_HZ, depth=64)
    bursts = [int.from_bytes(RANDOM.bytes(16), "little") for _ in range(40)]
    base, read = 50, []

    async def bench(ctx):
        for number, value in enumerate(bursts):
            ctx.set(block.load_address, base + number)
            ctx.set(block.load.payload, value)
            ctx.set(block.load.valid, 1)
            await ctx.tick().until(block.load.ready)
            ctx.set(block.load.valid, 0)
            if number % 3 == 0:
                await ctx.tick().repeat(40)
        ctx.set(block.o.ready, 1)
        ctx.set(block.i.p.address, base)
        ctx.set(block.i.p.bursts, len(bursts))
        ctx.set(block.i.valid, 1)
        await ctx.tick().until(block.i.ready)
        ctx.set(block.i.valid, 0)
        while len(read) < 8 * len(bursts):
            (word,) = await ctx.tick().sample(block.o.p.word).until(block.o.valid)
            read.append(word)

    model = simulate_with_chip(block, bench)
    want = [value >> 16 * n & 0xFFFF for value in bursts for n in range(8)]
    assert read == want
    np.testing.assert_array_equal(model.words[8 * base : 8 * base + len(want)], want)


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("row_to_column", 16, "tRCD"),
        ("precharge", 16, "tRP"),
        ("row_active", 24, "tRAS"),
        ("refresh", 58, "tRFC"),
        ("refresh_every", 8200, "tREFI"),
        ("write_recovery", 15, "tWR"),
        ("power_up", 1900, "powers up"),
    ],
)
def test_a_controller_for_a_faster_chip_is_caught(field, value, rule):
    faster = replace(QUICK_SDRAM, **{field: value, "row_cycle": 40})
    if field == "write_recovery":
        faster = HastyChip(**vars(QUICK_SDRAM))
    block = SdramColumns(chip=faster, clock_hz=CLOCK_HZ)

    async def bench(ctx):
        # Two rows of one bank in turn, read and written, for longer than a refresh takes.
        ctx.set(block.o.ready, 1)
        for turn in range(30):
            ctx.set(block.load_address, 256 * (turn % 2))
            ctx.set(block.load.valid, 1)
            await ctx.tick().until(block.load.ready)
            ctx.set(block.load.valid, 0)
            ctx.set(block.i.p.address, 256 * (turn % 2 == 0))
            ctx.set(block.i.p.bursts, 1)
            ctx.set(block.i.valid, 1)
            await ctx.tick().until(block.i.ready)
            ctx.set(block.i.valid, 0)
            await ctx.tick().repeat(40)

    with pytest.raises(SdramViolation, match=rule):
        simulate_with_chip(block, bench)


@pytest.mark.parametrize(
    ("clock_hz", "sentence"),
    [(150e6, r"up to 133\.3 MHz, not 150 MHz"), (10e6, "too slow"), (80e6, "tRAS and tRP")],
)
def test_refuses_clocks_out_of_range(clock_hz, sentence):
    chip = QUICK_SDRAM if clock_hz != 80e6 else replace(QUICK_SDRAM, row_cycle=100)
    with pytest.raises(ValueError, match=sentence):
        SdramColumns(chip=chip, clock_hz=clock_hz)


@pytest.mark.parametrize("depth", [8, 48])
def test_refuses_a_queue_that_is_too_short_or_no_power_of_two(depth):
    sentence = f"depth must be a power of two from 16 words on, not {depth}"
    with pytest.raises(ValueError, match=sentence):
        ColumnFetcher(chip=QUICK_SDRAM, depth=depth)


def test_refreshes_come_in_time_while_nothing_is_read():
    block = SdramColumns(chip=QUICK_SDRAM, clock_hz=CLOCK_HZ)

    async def bench(ctx):
        await ctx.tick().repeat(3_000)

    model = simulate_with_chip(block, bench)
    assert model.commands[SdramCommand.REFRESH] >= 8 + 2
