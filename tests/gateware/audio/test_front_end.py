"""The front end equals its golden model, every integer, and takes the cycles that it should."""

import numpy as np
import pytest
from amaranth.hdl import Module
from hearing.bench import front_end, run_front_end
from hearing.cases import samples
from hypothesis import given, settings

from thresh.audio.block_transform import magnitudes
from thresh.audio.front_end import leading_one
from thresh.audio.magnitude_front_end import FLOOR, MagnitudeFrontEnd
from thresh.gateware.audio.front_end import FrontEnd
from thresh.gateware.audio.front_end_program import frame_cycles
from thresh.gateware.columns.multiplier import LogicMultiplier, Multiplier
from thresh.gateware.lib.delayed import delayed

FRONT = MagnitudeFrontEnd(offsets=(9000,) * 40, scales=(3000,) * 40)
WIDE = MagnitudeFrontEnd(
    rate=16000, window=400, hop=160, points=512, high_hz=8000, offsets=(9000,) * 40,
    scales=(3000,) * 40,
)  # fmt: skip


class LateMultiplier(Multiplier):
    """A multiplier of three more registers."""

    latency = Multiplier.latency + 3

    def elaborate(self, platform):
        m = Module()
        m.submodules.inner = inner = Multiplier(a_bits=self.a_bits, b_bits=self.b_bits)
        m.d.comb += [inner.a.eq(self.a), inner.b.eq(self.b)]
        m.d.comb += self.product.eq(delayed(m, inner.product, 3, "late")[-1])
        return m


def small():
    """The front end of the UP5K: logic multiplies."""
    return front_end(LogicMultiplier, 256, 200, 80)


def large():
    """The front end of the ECP5: 16 kHz, the program in block RAM."""
    return front_end(Multiplier, 512, 400, 160, program_in_memory=True)


def expected_cycles(front, pcm, latency=4):
    """Of each frame, from the golden model's integers."""
    found = []
    for number in range(front.frames(len(pcm))):
        frame = pcm[number * front.hop : number * front.hop + front.window].astype(np.int64)
        windowed = np.zeros((1, front.points), np.int64)
        windowed[0, : front.window] = (frame * front.hann + (1 << 14)) >> 15
        sums, (shift,) = magnitudes(windowed)
        energy = (sums @ front.weights.T + (FLOOR << shift))[0]
        _, interval = front.bins
        outer = (interval == 0).sum() + (interval == front.bands).sum()
        doublings = (31 - leading_one(energy)).tolist()
        visits = int(2 * len(interval) - outer)
        found.append(frame_cycles(latency, front.points, doublings, int(shift), visits))
    return found


def check(simulation, front, pcm, slow=200, latency=4):
    """Every feature, and every frame's cycles when samples come slowly enough."""
    features, cycles = run_front_end(simulation, front, pcm, gap=lambda: slow)
    np.testing.assert_array_equal(features, front.features(pcm))
    assert cycles == expected_cycles(front, pcm, latency)
    return cycles


def kinds():
    random, n = np.random.default_rng(8), np.arange(400)
    return {
        "silence": 0 * n,
        "highest": np.full(400, 32767),
        "lowest": np.full(400, -32768),
        "square": np.where(n // 25 % 2, 32767, -32768),
        "alternating": np.where(n % 2, 32767, -32768),
        "one bit": np.where(n == 77, 1, 0),
        "impulse": np.where(n == 100, -32768, 0),
        "low noise": random.integers(-9, 10, 400),
        "noise": random.integers(-32768, 32768, 400),
        "tone": np.rint(32767 * np.cos(2 * np.pi * 0.1737 * n)),
    }


@pytest.mark.parametrize("kind", list(kinds()))
def test_equals_the_golden_model_in_features_and_cycles(kind):
    pcm = kinds()[kind].astype(np.int16)
    assert max(check(small(), FRONT, pcm)) <= 20_000


@settings(max_examples=30)
@given(pcm=samples())
def test_equals_the_golden_model_for_any_samples(pcm):
    check(small(), FRONT, pcm)


@settings(max_examples=10)
@given(pcm=samples())
def test_16_kilohertz_equals_the_golden_model(pcm):
    check(large(), WIDE, pcm, slow=200)


@pytest.mark.parametrize("gaps", [0, 3, 60])
@pytest.mark.parametrize("stalls", [0, 30])
def test_frames_overlap_whatever_waits(gaps, stalls):
    """Without gaps samples wait for the frame that they would overwrite."""
    random = np.random.default_rng(gaps + stalls)
    pcm = random.integers(-3000, 3000, 1000).astype(np.int16)
    features, _ = run_front_end(
        small(), FRONT, pcm, gap=lambda: int(random.integers(gaps + 1)),
        stall=lambda: bool(stalls) and random.integers(stalls) > 0,
    )  # fmt: skip
    np.testing.assert_array_equal(features, FRONT.features(pcm))


@pytest.mark.parametrize("bands", [8, 20, 39])
def test_bands_are_the_tables(bands):
    offsets, scales = tuple(range(8000, 8000 + bands)), tuple(range(2500, 2500 + bands))
    front = MagnitudeFrontEnd(bands=bands, offsets=offsets, scales=scales, high_hz=3900)
    pcm = np.random.default_rng(10).integers(-300, 300, 600).astype(np.int16)
    check(small(), front, pcm)


def test_offsets_and_scales_of_full_width_saturate():
    offsets = tuple(0 if band % 2 else 32767 for band in range(40))
    front = MagnitudeFrontEnd(offsets=offsets, scales=(32768,) * 40)
    pcm = np.random.default_rng(11).integers(-30_000, 30_000, 600).astype(np.int16)
    check(small(), front, pcm)
    assert set(front.features(pcm).ravel()) == {-16384, 16383}


def test_a_multiplier_may_take_longer():
    pcm = np.random.default_rng(13).integers(-9000, 9000, 400).astype(np.int16)
    late = front_end(LateMultiplier, 256, 200, 80)
    cycles = check(late, FRONT, pcm, latency=1 + LateMultiplier.latency)
    assert max(cycles) <= 20_000


def test_a_frame_is_not_begun_while_it_is_held():
    pins = small()
    pcm = np.random.default_rng(14).integers(-9000, 9000, 200).astype(np.int16)
    pins.set("hold", 1)
    pins.set("i_valid", 0)
    pins.restart()
    pins.set("x_ready", 1)
    for sample in pcm.tolist():
        pins.set("i_valid", 1)
        pins.set("i_payload", sample)
        pins.tick()
        while not pins.get("i_ready"):
            pins.tick()
    pins.set("i_valid", 0)
    for _ in range(20_000):
        pins.tick()
        assert not pins.get("x_valid")
    assert pins.get("busy")
    pins.set("hold", 0)
    for _ in range(20_000):
        pins.tick()
        if pins.get("x_valid"):
            break
    assert pins.get("x_valid")


def test_refuses_a_multiplier_too_fast():
    with pytest.raises(ValueError, match="must take at least 4 cycles, not 3"):
        FrontEnd(latency=3)
