"""Golden device: a microphone's bits or words to decisions in exact integers, NumPy only."""

import numpy as np

from thresh.audio.chain import read_features, read_microphone, read_spotter
from thresh.audio.decimator import Decimator
from thresh.audio.front_ends import AnyFrontEnd
from thresh.audio.i2s_words import I2sWords
from thresh.audio.spotter import Spotter
from thresh.model.network import Network
from thresh.sim.golden import GoldenModel

from .trace import DeviceTrace, heard_of

Microphone = Decimator | I2sWords
"""What makes samples of a microphone's bits or words."""


class GoldenDevice:
    """The chain of a network from its microphone's reset on, piece by piece.

    What is taken in pieces equals, concatenated, what is taken at once.

    Parameters
    ----------
    network : Network
        With a front end and a decision, and without a readout, which only a host computes.
    microphone : Decimator or I2sWords, optional
        Instead of the one that the network's file names.

    Raises
    ------
    ValueError
        When the network lacks a part of the chain, naming it.
    """

    def __init__(self, network: Network, *, microphone: Microphone | None = None) -> None:
        found = microphone or read_microphone(network)
        if found is None:
            raise ValueError(f"{network.name} names no microphone, so it cannot be a device")
        self.network = network
        self.microphone = found
        self.front_end, self.spotter = device_parts(network)
        self._stream = found.stream()
        self._model = GoldenModel(network)
        self._words = self.spotter.stream()
        self._waiting = np.zeros(0, np.int16)
        self._frame = 0

    @property
    def per_sample(self) -> int:
        """Bits or words from one sample to the next."""
        if isinstance(self.microphone, Decimator):
            return self.microphone.bits_per_sample
        return 1 + self.microphone.halve

    def take(self, stimulus: np.ndarray) -> DeviceTrace:
        """What a further piece of the recording makes.

        Parameters
        ----------
        stimulus : ndarray of int, shape (bits,) or (words,)
            PDM bits, 0 or 1, or I2S words.

        Returns
        -------
        DeviceTrace
            Of this piece; the frames of ``heard`` count from the reset.
        """
        return self.take_samples(self._stream.take(stimulus))

    def take_samples(self, samples: np.ndarray) -> DeviceTrace:
        """As `take`, from int16 samples of shape (samples,) on."""
        waiting = np.concatenate((self._waiting, samples))
        features = self.front_end.features(waiting)
        self._waiting = waiting[len(features) * self.front_end.hop :]
        return self.take_features(features, samples)

    def take_features(self, features: np.ndarray, samples: np.ndarray | None = None) -> DeviceTrace:
        """As `take`, from features of shape (frames, bands) on."""
        run = self._model.run(np.asarray(features)[None])
        scores = np.zeros((len(features), self.network.outputs), np.int64)
        heard = []
        for frame, row in enumerate(run.outputs[0]):
            if (label := self._words.step(row)) is not None:
                heard.append((self._frame + frame, label))
            scores[frame] = self._words.scores
        self._frame += len(features)
        return DeviceTrace(
            samples=samples,
            features=features,
            events=np.concatenate((run.fired_x[0][:, None], run.fired_h[0]), axis=1),
            outputs=run.outputs[0],
            scores=scores,
            best=scores.argmax(axis=1),
            score=scores.max(axis=1),
            heard=heard_of(heard),
        )


def device_parts(network: Network) -> tuple[AnyFrontEnd, Spotter]:
    """Front end and decision of a network for a device.

    Raises
    ------
    ValueError
        When it has none, or a readout, naming what.
    """
    if network.readout is not None:
        raise ValueError(
            f"{network.name} has a readout that only a host computes, so it cannot be a device"
        )
    front_end, spotter = read_features(network), read_spotter(network)
    if front_end is None or spotter is None:
        lacking = "front end" if front_end is None else "decision"
        raise ValueError(f"{network.name} has no {lacking}, so it cannot be a device")
    return front_end, spotter


def list_columns(network: Network) -> list[int]:
    """Which events of a trace a device reports: the inputs', and those of layers that send any."""
    return [0, *(place for place, sends in enumerate(network.encoded, start=1) if sends)]


def golden_device(
    network: Network, stimulus: np.ndarray, *, microphone: Microphone | None = None
) -> DeviceTrace:
    """What a device that holds ``network`` makes of a whole recording.

    Parameters
    ----------
    network : Network
    stimulus : ndarray of int, shape (bits,) or (words,)
        PDM bits, 0 or 1, or I2S words, from the microphone's reset on.
    microphone : Decimator or I2sWords, optional
        Instead of the one that the network's file names.

    Raises
    ------
    ValueError
        As `GoldenDevice`, and when the stimulus is none of its microphone.
    """
    return GoldenDevice(network, microphone=microphone).take(stimulus)


def joined(pieces: list[DeviceTrace]) -> DeviceTrace:
    """The trace of a recording from those of its pieces, of which each saw the same stages."""
    return DeviceTrace(
        **{
            name: np.concatenate([getattr(piece, name) for piece in pieces])
            for name in pieces[0].stages
        }
    )
