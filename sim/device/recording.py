"""What was heard while somebody listened: a trace, what made it, and the network."""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from thresh.model.files import read_arrays, write_atomically
from thresh.model.model_file import assemble, description_of, tensors_of
from thresh.model.network import Network

from .golden import GoldenDevice
from .trace import DeviceTrace

STIMULUS, CYCLES, NETWORK, TENSORS = "stimulus", "cycles", "network", "layers."
"""Names of a recording's arrays beside those of its trace; the last begins that of each tensor."""


@dataclass(frozen=True, kw_only=True)
class Recording:
    """A sequence from its begin on, without gaps.

    Parameters
    ----------
    trace : DeviceTrace
    cycles : ndarray of int64, shape (frames,), or None
        In which the core's clock ran.
    stimulus : ndarray of int, shape (bits,) or (words,), or None
        What the network's microphone said, where it was simulated.
    network : Network or None
        None where nobody said which the board holds.
    """

    trace: DeviceTrace
    cycles: np.ndarray | None = None
    stimulus: np.ndarray | None = None
    network: Network | None = None

    def save(self, path: Path) -> None:
        """Write a ``.npz``, whole or not at all."""
        arrays = self.trace.arrays()
        if self.cycles is not None:
            arrays[CYCLES] = np.asarray(self.cycles, np.int32)
        if self.stimulus is not None:
            arrays[STIMULUS] = np.asarray(self.stimulus)
        if self.network is not None:
            arrays[NETWORK] = np.array(description_of(self.network))
            arrays |= tensors_of(self.network)
        packed = io.BytesIO()
        np.savez_compressed(packed, **arrays)  # type: ignore[arg-type]
        write_atomically(path, packed.getvalue())

    @classmethod
    def load(cls, path: Path) -> "Recording":
        """What `save` wrote.

        Raises
        ------
        ValueError
            When the file is damaged or holds anything else, in one sentence.
        OSError
            When it cannot be read.
        """
        arrays = read_arrays(path)
        cycles, stimulus = arrays.pop(CYCLES, None), arrays.pop(STIMULUS, None)
        network = _network(arrays, path)
        trace = DeviceTrace.of_arrays(arrays, path)
        if cycles is not None and not _counts(cycles, trace.frames):
            raise ValueError(
                f"{path}: cycles must be integers, one for each of {trace.frames} frames"
            )
        if stimulus is not None and (stimulus.ndim != 1 or stimulus.dtype.kind not in "iu"):
            raise ValueError(f"{path}: its stimulus must be one channel of integers")
        return cls(trace=trace, cycles=cycles, stimulus=stimulus, network=network)


def golden_of(recording: Recording, network: Network) -> DeviceTrace:
    """What the golden device makes of the earliest stage that a recording holds.

    Raises
    ------
    ValueError
        When ``network`` is no device's, or cannot have heard this.
    """
    device, trace = GoldenDevice(network), recording.trace
    if recording.stimulus is not None:
        return device.take(recording.stimulus)
    if trace.samples is not None:
        return device.take_samples(_fitting(trace.samples, 16, "samples").astype(np.int16))
    if trace.features is None:
        raise ValueError("The recording holds neither bits nor samples nor features to run again")
    if trace.features.shape[1] != network.inputs:
        raise ValueError(
            f"The recording holds {trace.features.shape[1]} features per frame, and "
            f"{network.name} takes {network.inputs}"
        )
    return device.take_features(_fitting(trace.features, network.value_bits, "features"))


def _fitting(rows: np.ndarray, bits: int, name: str) -> np.ndarray:
    limit = 1 << (bits - 1)
    if rows.size and not -limit <= int(rows.min()) <= int(rows.max()) < limit:
        raise ValueError(f"The recording's {name} must have {bits} bits")
    return rows


def _network(arrays: dict[str, np.ndarray], path: Path) -> Network | None:
    """The network among ``arrays``, which is taken out of them."""
    tensors = {name: arrays.pop(name) for name in list(arrays) if name.startswith(TENSORS)}
    description = arrays.pop(NETWORK, None)
    if description is None:
        if tensors:
            raise ValueError(f"{path} holds tensors of a network that it does not describe")
        return None
    if description.shape or description.dtype.kind != "U":
        raise ValueError(f"{path}: its network must be described by one text")
    return assemble(str(description), tensors, path)


def _counts(cycles: np.ndarray, frames: int) -> bool:
    return cycles.shape == (frames,) and cycles.dtype.kind in "iu"
