"""Microphones' pins to samples, every integer as the golden model has it."""

from functools import cache

import numpy as np
import pytest
from hearing.bench import Pins, compiled, number
from hearing.cases import modulated, pdm_bits
from hypothesis import given, settings
from hypothesis import strategies as st

from thresh.audio.decimator import Decimator
from thresh.audio.i2s_words import I2sWords
from thresh.gateware.audio.cic import Cic
from thresh.gateware.audio.i2s_receiver import I2sReceiver
from thresh.gateware.audio.pdm_receiver import PdmReceiver

DECIMATORS = {
    "order3": Decimator(), "order4": Decimator(order=4),
    "order2": Decimator(order=2, ratio=16),
}  # fmt: skip
CLOCKED = Decimator(order=2, ratio=16)
WORDS = {"i2s4": (4, False), "i2s6": (6, True), "i2s10": (10, True), "i2s24": (24, False)}


@cache
def simulation():
    """Every receiver that is tested, in one compiled simulation."""
    cics = {
        name: Cic(decimator=Decimator(order=one.order, ratio=one.ratio, halve=False))
        for name, one in DECIMATORS.items()
    }
    pdms = {
        f"pdm{divisor}": PdmReceiver(decimator=CLOCKED, divisor=divisor) for divisor in (4, 6, 24)
    }
    i2s = {
        name: I2sReceiver(divisor=divisor, halve=halve)
        for name, (divisor, halve) in WORDS.items()
    }  # fmt: skip
    whole = PdmReceiver(decimator=Decimator(), divisor=4)
    every = PdmReceiver(decimator=CLOCKED, divisor=1)
    return compiled(**cics, **pdms, **i2s, whole=whole, every=every)


def block(name):
    """One of them, reset."""
    pins = Pins(simulation(), name)
    pins.restart()
    return pins


def run_cic(name, bits, gaps):
    """Samples, and the cycles between a sample and the bit that follows its last by order - 1."""
    pins, decimator = block(name), DECIMATORS[name]
    samples, delays, sent = [], [], []
    for bit, gap in zip([*bits, 0, 0, 0], gaps, strict=False):
        for cycle in range(gap + 1):
            pins.set("strobe", cycle == 0)
            pins.set("bit", bit)
            pins.tick()
            if cycle == 0:
                sent.append(pins.cycles)
            if pins.get("o_valid"):
                samples.append(number(pins.get("o_payload")))
                last = len(samples) * decimator.ratio + decimator.order - 2
                delays.append(pins.cycles - sent[last])
    for _ in range(12):
        pins.set("strobe", 0)
        pins.tick()
        if pins.get("o_valid"):
            samples.append(number(pins.get("o_payload")))
    return samples, delays


@pytest.mark.parametrize("name", DECIMATORS)
@settings(max_examples=10)
@given(bits=pdm_bits(most=1500), gap=st.integers(0, 4))
def test_cic_equals_the_golden_model(name, bits, gap):
    decimator = DECIMATORS[name]
    whole = Decimator(order=decimator.order, ratio=decimator.ratio, halve=False)
    random = np.random.default_rng(gap)
    gaps = random.integers(0, gap + 1, len(bits) + 3).tolist()
    samples, delays = run_cic(name, bits.tolist(), gaps)
    # The bits that follow the recording complete a sample that lacked up to three.
    wanted = whole.samples(np.append(bits, [0, 0, 0]).astype(np.uint8)).tolist()
    assert samples[: len(bits) // whole.ratio] == whole.samples(bits).tolist()
    assert samples == wanted[: len(samples)]
    assert set(delays) <= {decimator.order + 2}


@pytest.mark.parametrize("divisor", [4, 6, 24])
def test_a_microphone_is_clocked_and_heard(divisor):
    """A bit lies at the pin only around the rising edge of its clock."""
    bits = np.random.default_rng(2).integers(0, 2, 900, dtype=np.uint8)
    pins = block(f"pdm{divisor}")
    samples, sent, before, edges, upcoming = [], 0, 0, [], iter(bits.tolist())
    current = next(upcoming)
    while sent < len(bits):
        # The half period before the edge shows the bit, the other its opposite.
        pins.set("data", current if before == 0 else 1 - current)
        pins.tick()
        clock = pins.get("clock")
        if clock and not before:
            edges.append(pins.cycles)
            sent += 1
        if before and not clock:
            current = next(upcoming, 0)
        before = clock
        if pins.get("o_valid"):
            samples.append(number(pins.get("o_payload")))
    assert set(np.diff(edges)) == {divisor}
    wanted = CLOCKED.samples(bits).tolist()
    assert len(samples) >= len(wanted) - 1
    assert samples == wanted[: len(samples)]


@settings(max_examples=10)
@given(bits=pdm_bits(most=1500))
def test_a_bit_in_every_cycle(bits):
    pins, samples = block("every"), []
    for bit in [*bits.tolist(), *[0] * 12]:
        pins.set("data", bit)
        pins.tick()
        if pins.get("o_valid"):
            samples.append(number(pins.get("o_payload")))
    wanted = CLOCKED.samples(np.append(bits, np.zeros(12, np.uint8))).tolist()
    assert len(wanted) - 1 <= len(samples)
    assert samples == wanted[: len(samples)]


def test_a_tone_and_full_scale_come_through_the_pin():
    tone = 32_000 * np.sin(2 * np.pi * 440 * np.arange(24) / 8000)
    bits = np.concatenate((modulated(tone, 250), np.ones(2000, np.uint8), np.zeros(2000, np.uint8)))
    pins = block("whole")
    pins.set("data", int(bits[0]))
    samples, sent, before = [], 0, 0
    while sent < len(bits):
        pins.tick()
        clock = pins.get("clock")
        if before and not clock:
            pins.set("data", int(bits[min(sent, len(bits) - 1)]))
        sent += clock and not before
        before = clock
        if pins.get("o_valid"):
            samples.append(number(pins.get("o_payload")))
    wanted = Decimator().samples(bits).tolist()
    assert len(samples) >= len(wanted) - 1
    assert samples == wanted[: len(samples)]


@pytest.mark.parametrize("name", WORDS)
@pytest.mark.parametrize("bits", [18, 24])
def test_an_i2s_microphone_is_clocked_and_heard(name, bits):
    """The part drives a bit after each falling edge; its words end in undriven bits."""
    random = np.random.default_rng(bits)
    limit = 1 << (bits - 1)
    words = np.concatenate(([limit - 1, -limit, 0, -1, 1], random.integers(-limit, limit, 12)))
    divisor, halve = WORDS[name]
    pins = block(name)
    samples, before, selected, place, frame, edges = [], 0, 1, 0, -1, []
    for _ in range(len(words) * 64 * divisor):
        pins.tick()
        clock, select = pins.get("clock"), pins.get("select")
        if clock and not before:
            # The part sees the word select at the rising edge.
            edges.append(pins.cycles)
            place = 0 if selected and not select else place + 1
            frame += selected and not select
            selected = select
        if before and not clock:
            inside = not selected and place < bits and 0 <= frame < len(words)
            value = int(words[frame]) >> (bits - 1 - place) & 1 if inside else random.integers(2)
            pins.set("data", int(value))
        before = clock
        if pins.get("o_valid"):
            samples.append(number(pins.get("o_payload")))
    assert set(np.diff(edges)) == {divisor}
    wanted = I2sWords(bits=bits, halve=halve).samples(words).tolist()
    assert len(samples) >= len(wanted) - 1
    assert samples == wanted[: len(samples)]


def test_refuses_clocks_that_are_none():
    with pytest.raises(ValueError, match="an even number of them from 4, not 5"):
        PdmReceiver(decimator=Decimator(), divisor=5)
    with pytest.raises(ValueError, match="takes 1 cycle or an even number of them from 4, not 2"):
        PdmReceiver(decimator=Decimator(), divisor=2)
    with pytest.raises(ValueError, match="even number of cycles from 4, not 2"):
        I2sReceiver(divisor=2)
