"""A new sequence zeroes every word in use and copies every bias, to its place."""

import pytest
from block_bench import simulate
from link_bench import geometry

from thresh.gateware.control.sequence_reset import SequenceReset

BIAS_BASE = 50


def run(shape, last, latency, *, sequences=1):
    """Zeroed addresses, and (address of M, weight address, part) of every bias."""
    unit, zeroed, biases, shifts = SequenceReset(geometry=shape, latency=latency), [], [], [0]

    async def bench(ctx):
        ctx.set(unit.bias_base, BIAS_BASE)
        ctx.set(unit.last, last)
        for _ in range(sequences):
            ctx.set(unit.start, 1)
            await ctx.tick()
            ctx.set(unit.start, 0)
            # The column memory's address register, and what comes out of it.
            words = [None] * (latency + 1)
            while ctx.get(unit.active):
                if ctx.get(unit.clear):
                    zeroed.append(ctx.get(unit.address))
                if ctx.get(unit.bias_write):
                    biases.append((ctx.get(unit.bias_address), words[-1], ctx.get(unit.bias_part)))
                shifts[0] += ctx.get(unit.shift)
                words = [ctx.get(unit.weight_address), *words[:-1]]
                await ctx.tick()

    simulate(unit, bench)
    assert shifts[0] == shape.beats * sequences
    return zeroed, biases


@pytest.mark.parametrize("latency", [1, 2])
@pytest.mark.parametrize("more", [0, 31, 100])
@pytest.mark.parametrize("sequences", [1, 2])
@pytest.mark.parametrize("lanes", [4, 16])
def test_every_word_once_and_one_after_the_last(more, latency, sequences, lanes):
    shape = geometry(lanes=lanes)
    last = shape.beats - 1 + more  # a layer has a block at least
    assert shape.biases_per_word == lanes // 4
    zeroed, biases = run(shape, last, latency, sequences=sequences)
    assert zeroed == [*range(last + 2)] * sequences
    wanted = [
        (n, BIAS_BASE + n // shape.biases_per_word, n % shape.biases_per_word)
        for n in range(last + 2)
    ]
    assert biases == wanted * sequences
