"""Drives the stream shell in the Amaranth simulator."""

import numpy as np

from thresh.layout.image import Image
from thresh.layout.link import Region
from thresh.sim.golden import GoldenModel

PATIENCE = 50_000
"""Cycles after which a shell that has not answered has hung."""


def frames_of(network, x):
    """What goes out for inputs (T, I): outputs of the last layer, int64 of shape (T, outputs)."""
    model, outputs = GoldenModel(network), []
    for values in x:
        model.step(values[None])
        outputs.append(model.layers[-1].h[0].copy())
    return np.array(outputs)


def words_of(image: Image):
    """(region, address, word) of everything that is loaded."""
    yield from ((Region.TABLE, at, int(word)) for at, word in enumerate(image.table.flat))
    yield from ((Region.HEADER, at, int(word)) for at, word in enumerate(image.header))
    for at, word in enumerate(image.weights):
        yield Region.WEIGHTS, at, int.from_bytes(bytes(word), "little")


class ShellDriver:
    """The streams of a `StreamShell`, from testbenches.

    Parameters
    ----------
    shell : StreamShell
    seed : int or None
        Of the cycles in which neither side is ready; None: always ready.
    """

    def __init__(self, shell, seed=None):
        self.shell = shell
        self.random = None if seed is None else np.random.default_rng(seed)

    async def pause(self, ctx):
        if self.random is not None:
            await ctx.tick().repeat(int(self.random.integers(0, 12)) + 1)

    async def until(self, ctx, signal, what):
        for _ in range(PATIENCE):
            _, _, value = await ctx.tick().sample(signal)
            if value:
                return
        raise AssertionError(f"The shell hangs: {what} never came")

    async def load(self, ctx, image):
        """Write every word, then say that they are there."""
        for region, address, word in words_of(image):
            await self.write(ctx, region, address, word)
        ctx.set(self.shell.loaded, 1)

    async def _request(self, ctx, **fields):
        memory = self.shell.memory
        for name, value in fields.items():
            ctx.set(getattr(memory, name), value)
        ctx.set(memory.valid, 1)
        await self.until(ctx, memory.ready, "ready for a word")
        ctx.set(memory.valid, 0)

    async def write(self, ctx, region, address, word):
        await self._request(ctx, write=1, region=region, address=address, data=word)

    async def read(self, ctx, region, address):
        await self._request(ctx, write=0, region=region, address=address)
        await self.pause(ctx)
        ctx.set(self.shell.word.ready, 1)
        while True:
            _, _, valid, word = await ctx.tick().sample(
                self.shell.word.valid, self.shell.word.payload
            )
            if valid:
                ctx.set(self.shell.word.ready, 0)
                return word

    async def new_sequence(self, ctx):
        ctx.set(self.shell.new_sequence, 1)
        await ctx.tick()
        ctx.set(self.shell.new_sequence, 0)

    async def send(self, ctx, x):
        """Inputs of whole or unfinished frames."""
        for value in np.asarray(x).flat:
            await self.pause(ctx)
            ctx.set(self.shell.x.payload, int(value))
            ctx.set(self.shell.x.valid, 1)
            await self.until(ctx, self.shell.x.ready, "ready for an input")
            ctx.set(self.shell.x.valid, 0)

    async def receive(self, ctx, frames):
        """Outputs of so many frames; int64 of shape (frames, outputs)."""
        y, got = self.shell.y, [[]]
        while len(got) <= frames:
            await self.pause(ctx)
            ctx.set(y.ready, 1)
            for _ in range(PATIENCE):
                _, _, valid, value, last = await ctx.tick().sample(
                    y.valid, y.payload, self.shell.y_last
                )
                if valid:
                    break
            else:
                raise AssertionError("The shell hangs: an output never came")
            ctx.set(y.ready, 0)
            got[-1].append(value)
            if last:
                got.append([])
        return np.array(got[:-1])
