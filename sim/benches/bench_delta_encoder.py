"""`DeltaEncoder`: a value a cycle, inputs and state interleaved, thresholds that change."""

import cocotb
import numpy as np

from thresh.model.arithmetic import encode

from .bench_support import SHAPE, Block
from .script import Script, pack

LATENCY = 3
INPUTS, UNITS = 6, 9
"""Sizes of the two lists; an address comes again after 4 cycles or more."""
BITS = SHAPE.get("value_bits", 16)
HIGHEST = (1 << (BITS - 1)) - 1
THRESHOLDS = (0, 1, 2, 40, HIGHEST // 2, HIGHEST - 1, HIGHEST)


class Encoding:
    """A script of encoded values, and the references they leave."""

    def __init__(self) -> None:
        self.script = Script(i_valid=0)
        self.references = np.zeros(SHAPE["depth"], np.int64)
        self.now = 0
        self.fired: list[int] = []

    def set_thresholds(self, x: int, h: int) -> None:
        """Of the inputs and of the hidden values from the next cycle on."""
        for _ in range(LATENCY + 1):
            self.gap()
        self.thresholds = (x, h)
        self.script.drive(self.now, threshold_x=x, threshold_h=h)
        self.gap()

    def value(self, value: int, *, index: int, hidden: bool) -> None:
        """Encode one value in this cycle."""
        script, address_bits = self.script, SHAPE["address_bits"]
        size, base = (UNITS, INPUTS) if hidden else (INPUTS, 0)
        first, last, address = index == 0, index == size - 1, base + index
        item = ((value, BITS), (address, address_bits), (index, address_bits))
        ends = ((first, 1), (last, 1))
        script.drive(self.now, i_valid=1, i_payload=pack(*item, (hidden, 1), *ends))
        sent = encode(value, self.references[address], self.thresholds[hidden], BITS)
        delta, clipped = map(int, sent)
        self.references[address] += delta
        fires = delta != 0
        seen = self.now + LATENCY
        script.want(seen, o_valid=fires or first or last, saturated=clipped)
        if fires:
            event = ((index, address_bits), (delta, BITS), (fires, 1), (hidden, 1))
            script.want(seen, o_payload=pack(*event, *ends))
            self.fired.append(delta)
        self.now += 1

    def gap(self) -> None:
        """A cycle without a value."""
        self.script.want(self.now + LATENCY, o_valid=0, saturated=0)
        self.now += 1

    async def run(self, dut) -> None:
        """Play it from references of zero, then read them back."""
        idle = {"access_enable": 0, "access_write": 0, "access_write_data": 0}
        block = await Block.start(
            dut, "encoder", i_valid=0, threshold_x=0, threshold_h=0, access_address=0, **idle
        )
        block.set(access_enable=1, access_write=1)
        for address in range(SHAPE["depth"]):
            block.set(access_address=address)
            await block.tick()
        block.set(**idle)
        await block.play(self.script)
        for _ in range(2):
            await block.tick()
        block.set(access_enable=1)
        for address, wanted in enumerate(self.references):
            block.set(i_payload=address << BITS)
            await block.tick()
            await block.tick()
            came = block.get("access_read_data")
            assert came == wanted & ((1 << BITS) - 1), f"reference {address} is {came}"


def near(random: np.random.Generator, reference: int, threshold: int) -> int:
    """A value whose change is at the boundary or beside it, none, or the largest there is."""
    change = random.choice((-1, 1)) * (threshold + random.choice((-1, 0, 1)))
    value = random.choice((reference, -HIGHEST - 1, HIGHEST, *[reference + change] * 5))
    return int(np.clip(value, -HIGHEST - 1, HIGHEST))


@cocotb.test()
@cocotb.parametrize(gaps=[False, True])
async def equals_the_arithmetic(dut, gaps) -> None:
    """Both lists of many steps, interleaved, with every pair of thresholds."""
    random, encoding = np.random.default_rng(5), Encoding()
    pairs = [(x, h) for x in THRESHOLDS for h in THRESHOLDS]
    for step in random.permutation(3 * len(pairs)):
        encoding.set_thresholds(*pairs[step % len(pairs)])
        at = [0, 0]
        for hidden in random.permutation([0] * INPUTS + [1] * UNITS):
            reference = int(encoding.references[at[hidden] + hidden * INPUTS])
            value = near(random, reference, encoding.thresholds[hidden])
            encoding.value(value, index=at[hidden], hidden=bool(hidden))
            at[hidden] += 1
            while gaps and random.random() < 0.3:
                encoding.gap()
    await encoding.run(dut)


@cocotb.test()
@cocotb.parametrize(threshold=[0, 1, 40, HIGHEST], hidden=[False, True])
async def fires_at_the_threshold_exactly(dut, threshold, hidden) -> None:
    """One less does not fire, and no change never does."""
    changes = [0, threshold - 1, threshold, 1 - threshold, -threshold, -threshold - 1]
    encoding = Encoding()
    other = HIGHEST if threshold < HIGHEST else 0
    encoding.set_thresholds(*((other, threshold) if hidden else (threshold, other)))
    for index, change in enumerate(changes):
        encoding.value(change, index=index, hidden=hidden)
    await encoding.run(dut)
    wanted = {
        0: [-1, 1, -1],
        1: [1, -1, -2],
        40: [40, -40, -41],
        HIGHEST: [HIGHEST, -HIGHEST, -HIGHEST - 1],
    }[threshold]
    assert encoding.fired == wanted, encoding.fired


@cocotb.test()
async def a_clipped_delta_is_counted_and_the_rest_follows(dut) -> None:
    """From the lowest value to the highest takes three deltas."""
    encoding = Encoding()
    encoding.set_thresholds(0, HIGHEST)
    for value in (-HIGHEST - 1, HIGHEST, HIGHEST, HIGHEST, HIGHEST):
        for index in range(INPUTS):
            encoding.value(value, index=index, hidden=False)
    await encoding.run(dut)
    assert encoding.fired[::INPUTS] == [-HIGHEST - 1, HIGHEST, HIGHEST, 1], encoding.fired
