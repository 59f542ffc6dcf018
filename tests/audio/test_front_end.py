"""The log-mel front end: exact, streamable, and close to the same features in floating point."""

import hashlib
import json

import numpy as np
import pytest

from thresh.audio.front_end import FrontEnd, log2


def signal(samples: int, level: int = 12_000) -> np.ndarray:
    """A chirp with an envelope and integer noise; int16."""
    n = np.arange(samples)
    chirp = np.cos(2 * np.pi * (200 * n / 8000 + 1200 * (n / 8000) ** 2))
    envelope = 0.5 - 0.5 * np.cos(2 * np.pi * n / 1600)
    noise = np.random.default_rng(5).integers(-40, 41, samples)
    return (level * chirp * envelope + noise).clip(-32768, 32767).astype(np.int16)


def float_features(pcm: np.ndarray, front: FrontEnd) -> np.ndarray:
    """Log-mel features by NumPy's transform, all in float64."""
    n = np.arange(front.window)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * n / front.window)
    frames = [
        pcm[k : k + front.window] * hann for k in range(0, len(pcm) - front.window + 1, front.hop)
    ]
    power = np.abs(np.fft.rfft(frames, front.points)) ** 2
    mel = 1127 * np.log(1 + np.fft.rfftfreq(front.points, 1 / front.rate) / 700)
    edges = np.linspace(
        1127 * np.log(1 + front.low_hz / 700),
        1127 * np.log(1 + front.high_hz / 700),
        front.bands + 2,
    )
    weights = [np.interp(mel, edges[b : b + 3], [0, 1, 0]) for b in range(front.bands)]
    logs = np.log2(power @ np.transpose(weights) * 4096 + front.floor)
    scaled = (logs * 1024 - np.array(front.offsets)) * np.array(front.scales) / 4096
    return scaled.clip(-16383, 16383)


def fitted() -> FrontEnd:
    return FrontEnd(offsets=(34_000,) * 40, scales=(3200,) * 40)


def test_streaming_equals_batch():
    front, pcm = fitted(), signal(4000)
    batch = front.features(pcm)
    assert batch.shape == (48, 40)
    for k, frame in enumerate(batch):
        part = pcm[k * front.hop : k * front.hop + front.window]
        np.testing.assert_array_equal(front.features(part), frame[None])


def test_is_close_to_floating_point():
    front, pcm = fitted(), signal(8000)
    difference = np.abs(front.features(pcm) - float_features(pcm, front)) / 2.0**front.x_frac
    assert difference.max() < 0.08
    assert difference.mean() < 0.005


def test_integers_stay_the_same():
    features = fitted().features(signal(8000)).astype("<i8")
    digest = hashlib.sha256(features.tobytes()).hexdigest()
    assert digest[:16] == "1141acfd06b63326"


@pytest.mark.parametrize("level", [-32768, 32767])
def test_extremes_stay_within_the_range_that_deltas_need(level):
    front = FrontEnd(offsets=(20_000,) * 40, scales=(20_000,) * 40)
    loud = np.where(np.arange(1600) % 2, level, -1 - level).astype(np.int16)
    for pcm in (loud, np.zeros(1600, np.int16), np.full(1600, level, np.int16)):
        assert np.abs(front.features(pcm)).max() <= 16_383


def test_largest_energy_fits_64_bits():
    front = FrontEnd()
    largest = 2 * (1 << 23) ** 2 * int(front.mel_weights.sum(axis=1).max()) + front.floor
    assert largest < 1 << 63


def test_logarithm_is_within_its_table_step():
    value = np.unique(np.geomspace(1, 2.0**62, 20_000).astype(np.int64))
    error = np.abs(log2(value) / 1024 - np.log2(value.astype(np.float64)))
    assert error.max() < 0.5 / 128 / np.log(2) + 1 / 1024
    assert (np.diff(log2(value)) >= 0).all()


@pytest.mark.parametrize(("samples", "frames"), [(0, 0), (199, 0), (200, 1), (279, 1), (280, 2)])
def test_counts_whole_frames_only(samples, frames):
    assert FrontEnd().features(np.zeros(samples, np.int16)).shape == (frames, 40)


def test_fitting_gives_mean_zero_and_deviation_one():
    front = FrontEnd()
    noise = np.random.default_rng(6).uniform(-9000, 9000, 16_000)
    logs = front.log_mel(noise.astype(np.int16))
    features = front.fitted(logs).normalise(logs) / 4096
    np.testing.assert_allclose(features.mean(axis=0), 0, atol=0.02)
    np.testing.assert_allclose(features.std(axis=0), 1, atol=0.02)


def test_json_round_trip():
    front = fitted()
    assert FrontEnd.from_dict(json.loads(json.dumps(front.to_dict()))) == front


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"hop": "80"}, "hop must be an integer, not '80'"),
        ({"hop": True}, "hop must be an integer, not True"),
        ({"offsets": 3}, "offsets must be a list of integers, not 3"),
        ({"offsets": [0.5] * 40}, "offsets must be a list of integers"),
        ({"scales": [1] * 39}, "scales must hold 40 integers, not 39"),
        ({"offsets": [1 << 17] * 40}, "offsets must stay below"),
        ({"points": 250}, "points must be a power of two, not 250"),
        ({"window": 300}, "window must be 2 to 256, not 300"),
        ({"hop": 0}, "hop must be 1 to 65536, not 0"),
        ({"high_hz": 4001}, "high_hz must be 61 to 4000, not 4001"),
        ({"low_hz": 3990}, "each of 40 bands"),
        ({"taps": 3}, "the entries must be"),
    ],
)
def test_refuses_settings_by_name(change, sentence):
    with pytest.raises(ValueError, match=sentence):
        FrontEnd.from_dict(FrontEnd().to_dict() | change)


@pytest.mark.parametrize("settings", [None, [], {"rate": 8000}])
def test_refuses_what_is_not_a_front_end(settings):
    with pytest.raises(ValueError, match="the entries must be"):
        FrontEnd.from_dict(settings)


@pytest.mark.parametrize("pcm", [np.zeros(400), np.zeros((400, 2), np.int16)])
def test_refuses_audio_of_another_kind(pcm):
    with pytest.raises(ValueError, match="one channel of int16"):
        FrontEnd().features(pcm)
