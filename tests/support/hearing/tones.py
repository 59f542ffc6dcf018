"""A network that hears one tone, and recordings with and without it."""

import numpy as np

from thresh.audio.magnitude_front_end import MagnitudeFrontEnd
from thresh.audio.spotter import NEVER, Spotter
from thresh.data.audio_file import write_wav
from thresh.model.network import Layer, Network

BANDS, RATE = 4, 8000


def tone_network(*, spotter=True, classes=("other", "word")):
    """A linear layer: the second class has what the third of four bands has above its mean."""
    weights = np.zeros((1, 2, BANDS), int)
    weights[0, 1, 2] = 64
    weights[0, 1, 0] = -64
    layer = Layer(
        kind="linear", weight_x=weights, weight_h=np.zeros((1, 2, 0), int),
        bias=np.zeros((1, 2), int), x_frac=12, weight_x_frac=6, weight_h_frac=0, threshold_x=0,
    )  # fmt: skip
    front_end = MagnitudeFrontEnd(bands=BANDS, offsets=(12000,) * BANDS, scales=(4096,) * BANDS)
    decision = Spotter(shift=2, thresholds=(NEVER, 2000), refractory=(0, 30))
    return Network(
        layers=(layer,), name="tones", classes=classes, decision="mean",
        front_end=front_end.to_dict(), spotter=decision.to_dict() if spotter else {},
    )  # fmt: skip


def write_clip(path, hertz, seconds=1.6, seed=0):
    """A quiet noise, and in its middle half a tone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draw, time = np.random.default_rng(seed), np.arange(int(seconds * RATE)) / RATE
    pcm = 20 * draw.standard_normal(len(time))
    middle = slice(len(time) // 4, 3 * len(time) // 4)
    pcm[middle] += 6000 * np.sin(2 * np.pi * hertz * time[middle])
    write_wav(path, pcm.astype(np.int16), RATE)
    return path


def tone_folder(home, words=6, others=8):
    """Clips of the word at 1.5 kHz, of another tone, and of none."""
    for number in range(words):
        write_clip(home / "word" / f"w{number}.wav", 1500, seed=number)
    for number in range(others):
        write_clip(home / "hum" / f"h{number}.wav", 150, seed=50 + number)
    return home
