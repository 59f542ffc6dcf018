"""The front end for gateware: exact, streamable, and close to its formula in floating point."""

import hashlib
import json

import numpy as np
import pytest
from hearing.cases import samples
from hypothesis import given, settings

from thresh.audio.front_end import FrontEnd
from thresh.audio.front_ends import raw_front_end, read_front_end
from thresh.audio.magnitude_front_end import MagnitudeFrontEnd

WIDE = {"rate": 16000, "window": 400, "hop": 160, "points": 512, "high_hz": 8000}


def fitted(**changes):
    return MagnitudeFrontEnd(**{"offsets": (9000,) * 40, "scales": (3_000,) * 40} | changes)


def chirp(count, level=12_000):
    n = np.arange(count)
    tone = np.cos(2 * np.pi * (200 * n / 8000 + 1200 * (n / 8000) ** 2))
    noise = np.random.default_rng(5).integers(-40, 41, count)
    envelope = 0.5 - 0.5 * np.cos(2 * np.pi * n / 1600)
    return (level * tone * envelope + noise).clip(-32768, 32767).astype(np.int16)


def float_logs(pcm, front):
    n = np.arange(front.window)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * n / front.window)
    frames = [
        pcm[k : k + front.window] * hann for k in range(0, len(pcm) - front.window + 1, front.hop)
    ]
    spectrum = np.fft.rfft(frames, front.points)[:, 1:-1]
    sums = (np.abs(spectrum.real) + np.abs(spectrum.imag)) / (2 * front.points)
    mel = 1127 * np.log1p(np.arange(1, front.points // 2) * front.rate / front.points / 700)
    low, high = (1127 * np.log1p(hertz / 700) for hertz in (front.low_hz, front.high_hz))
    edges = np.linspace(low, high, front.bands + 2)
    weights = [np.interp(mel, edges[b : b + 3], [0, 255, 0]) for b in range(front.bands)]
    return 1024 * np.log2(sums @ np.transpose(weights) + 16)


@pytest.mark.parametrize("changes", [{}, WIDE])
def test_streaming_equals_batch(changes):
    front, pcm = fitted(**changes), chirp(5000)
    batch = front.features(pcm)
    assert batch.shape == (front.frames(5000), 40)
    for k, frame in enumerate(batch):
        part = pcm[k * front.hop : k * front.hop + front.window]
        np.testing.assert_array_equal(front.features(part), frame[None])


@pytest.mark.parametrize("changes", [{}, WIDE, {"rate": 7812.5, "high_hz": 3900}])
def test_is_close_to_floating_point(changes):
    front = fitted(**changes)
    noise = np.random.default_rng(7).normal(0, 1, 8000) * np.geomspace(30, 9000, 8000)
    pcm = noise.clip(-32768, 32767).astype(np.int16)
    difference = (front.log_mel(pcm) - float_logs(pcm, front)) / 1024
    assert abs(difference.mean()) < 0.05
    assert np.abs(difference).max() < 0.3


def test_a_loud_band_hides_others_only_below_the_last_of_15_bits():
    front, time = fitted(), np.arange(2000) / 8000
    loud = 30_000 * np.sin(2 * np.pi * 400 * time)
    soft = 100 * np.sin(2 * np.pi * 3000 * time)
    both, alone = (front.log_mel(np.rint(one).astype(np.int16)) for one in (loud + soft, soft))
    band = int(alone[5].argmax())
    assert np.abs(both[:, band] - alone[:, band]).max() < 1024


@settings(max_examples=40)
@given(pcm=samples())
def test_any_samples_give_features_that_deltas_can_hold(pcm):
    front = fitted(scales=(32768,) * 40)
    features = front.features(pcm)
    assert features.shape == (front.frames(len(pcm)), 40)
    assert features.min(initial=0) >= -16384
    assert features.max(initial=0) <= 16383


def test_silence_lies_at_the_floor():
    assert set(fitted().log_mel(np.zeros(400, np.int16)).ravel()) == {4 * 1024 + 6}


def test_integers_stay_the_same():
    features = fitted().features(chirp(8000)).astype("<i8")
    assert hashlib.sha256(features.tobytes()).hexdigest()[:16] == "7c6769491446e38f"


def test_fitting_gives_mean_zero_and_deviation_one():
    front = MagnitudeFrontEnd()
    noise = np.random.default_rng(6).uniform(-1, 1, 16_000) * np.geomspace(10, 30_000, 16_000)
    logs = front.log_mel(noise.astype(np.int16))
    features = front.fitted(logs).normalise(logs) / 4096
    np.testing.assert_allclose(features.mean(axis=0), 0, atol=0.02)
    np.testing.assert_allclose(features.std(axis=0), 1, atol=0.02)


def test_files_name_the_kind_and_old_ones_need_not():
    for front in (fitted(), fitted(rate=7812.5, high_hz=3900), FrontEnd()):
        assert read_front_end(json.loads(json.dumps(front.to_dict()))) == front
    assert raw_front_end("magnitude-mel") == MagnitudeFrontEnd()
    assert raw_front_end("log-mel") == FrontEnd()


@pytest.mark.parametrize("settings", [{"kind": "cepstra"}, {"kind": 3}])
def test_refuses_other_kinds(settings):
    with pytest.raises(ValueError, match="one of log-mel, magnitude-mel, not"):
        read_front_end(settings)
    with pytest.raises(ValueError, match="one of log-mel, magnitude-mel, not 'cepstra'"):
        raw_front_end("cepstra")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"hop": "80"}, "hop must be an integer, not '80'"),
        ({"rate": "fast"}, "rate must be a number, not 'fast'"),
        ({"offsets": [0.5] * 40}, "offsets must be a list of integers"),
        ({"scales": [1] * 39}, "scales must hold 40 integers, not 39"),
        ({"offsets": [-1] * 40}, "offsets must lie in 0 to 32767"),
        ({"scales": [32769] * 40}, "scales must lie in 0 to 32768"),
        ({"points": 128}, r"points must be one of \(256, 512\), not 128"),
        ({"window": 252}, "window must be 8 to 248, not 252"),
        ({"window": 198}, "window must be a multiple of 4, not 198"),
        ({"high_hz": 4001}, "high_hz must be 61 to 4000, not 4001"),
        ({"low_hz": 3000}, "each of 40 bands from 3000 to 4000 Hz must hold one of the"),
        ({"version": 2}, "reads version 1, not version 2"),
        ({"taps": 3}, "the entries must be"),
    ],
)
def test_refuses_settings_by_name(change, sentence):
    with pytest.raises(ValueError, match=sentence):
        read_front_end(fitted().to_dict() | change)


@pytest.mark.parametrize("pcm", [np.zeros(400), np.zeros((400, 2), np.int16)])
def test_refuses_audio_of_another_kind(pcm):
    with pytest.raises(ValueError, match="one channel of int16"):
        fitted().features(pcm)
