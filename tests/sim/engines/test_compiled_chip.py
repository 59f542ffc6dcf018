"""The chip of compiled simulations beside the model in Python, which refuses the same."""

from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
from drivers.chip_alone import chip_alone

from thresh.layout.sdram_chip import ALL_BANKS, ULX3S_SDRAM, SdramCommand
from thresh.sim.sdram_model import SdramModel, SdramViolation

CLOCK_HZ = 120e6
MODE = 0x33
ACT, PRE, READ, WRITE = (
    SdramCommand.ACTIVATE, SdramCommand.PRECHARGE, SdramCommand.READ, SdramCommand.WRITE,
)  # fmt: skip

SMALL = replace(ULX3S_SDRAM, row_bits=3, column_bits=5, power_up=200)
"""Few words: commands meet often, and a copy of the model costs nothing."""


class RandomDriver:
    """Commands of every kind, mostly such as the chip takes, at both models until one refuses."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.golden, self.other = SdramModel(SMALL, CLOCK_HZ), chip_alone()(SMALL, CLOCK_HZ)
        words = self.random.integers(1 << 16, size=len(self.golden.words), dtype=np.uint16)
        for model in (self.golden, self.other):
            model.load(0, words)
        self.edges, self.refused = 0, ""

    def anything(self):
        """What may be at the pins."""
        draw, choice = self.random.integers, self.random.choice
        command = int(choice([*SdramCommand, *[SdramCommand.NOP] * 4, READ, READ, WRITE]))
        address = {
            SdramCommand.SET_MODE: choice([0x30, 0x31, 0x32, MODE, MODE, 0x23, 0x137]),
            ACT: draw(9), PRE: choice([0, ALL_BANKS]),
        }.get(command, draw(33))  # fmt: skip
        drives = (bool(self.golden._input) or command == WRITE) ^ (self.random.random() < 0.02)
        dq = int(draw(1 << 16)) if drives else None
        return command, int(draw(4)), int(address), dq, int(choice([0, 0, 0, 0, 1, 2, 3]))

    def nothing(self):
        """A rest, with the word that a write still wants."""
        dq = int(self.random.integers(1 << 16)) if self.golden._input else None
        return SdramCommand.NOP, 0, 0, dq, 0

    def taken(self, pins):
        """Whether the chip takes it, unless a violation is wanted, once in 200."""
        try:
            deepcopy(self.golden).step(*pins)
        except SdramViolation:
            return self.random.random() < 0.005
        return True

    def edge(self):
        """One of both."""
        pins = self.anything()
        if self.golden.cycle < 200 or not self.taken(pins):
            pins = self.nothing()
        try:
            wanted = self.golden.step(*pins)
        except SdramViolation as violation:
            self.refused = str(violation)
            with pytest.raises(SdramViolation) as found:
                self.other.step(*pins)
            assert str(found.value) == self.refused
        else:
            assert self.other.step(*pins) == wanted
            self.edges += 1


def test_both_models_say_the_same_of_random_commands():
    """Words driven and kept, what is counted, and the sentence of the first violation."""
    edges, reads, rules = 0, 0, set()
    for seed in range(30):
        driver = RandomDriver(seed)
        while not driver.refused and driver.edges < 1500:
            driver.edge()
        golden, other = driver.golden, driver.other
        np.testing.assert_array_equal(other.words, golden.words)
        assert (other.busy, other.commands) == (golden.busy, golden.commands)
        edges, reads = edges + driver.edges, reads + golden.commands[READ]
        rules.add(driver.refused.split(": ")[-1])
        other.close()
    assert edges > 10_000
    assert reads > 100
    assert len(rules) > 10
