"""A small network with the whole chain of a device, and what its microphone says."""

import numpy as np
from hearing.cases import modulated
from link_bench import network

from thresh.audio.decimator import Decimator
from thresh.audio.magnitude_front_end import MagnitudeFrontEnd
from thresh.audio.spotter import Spotter

PDM = Decimator(order=3, ratio=8, halve=True)
"""Few bits in a sample, so that tests are short."""

FRONT_END = MagnitudeFrontEnd(bands=20, offsets=(12000,) * 20, scales=(6000,) * 20)


def hearing_network(**changes):
    """20 bands, a GRU of 12 units, three classes that are announced now and then."""
    fields = {
        "name": "small",
        "classes": ("one", "two", "other"),
        "decision": "mean",
        "front_end": FRONT_END.to_dict(),
        "microphone": PDM.to_dict(),
        "spotter": Spotter(shift=1, thresholds=(-2000,) * 3, refractory=(5,) * 3).to_dict(),
    }
    return network(20, 12, 3, **fields | changes)


def noise_samples(count, seed=3):
    """Noise that swells and fades; int16."""
    random = np.random.default_rng(seed)
    return (random.normal(0, 4000, count) * np.hanning(count)).clip(-32768, 32767).astype(np.int16)


def noise_bits(samples, seed=3):
    """PDM bits of `noise_samples`."""
    return modulated(noise_samples(samples, seed), PDM.bits_per_sample)
