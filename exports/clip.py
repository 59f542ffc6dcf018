"""A clip with its expected outputs, as files that benches read."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from thresh.layout.image import Image
from thresh.layout.link import (
    PACKET_OVERHEAD,
    WRITE_OVERHEAD,
    Command,
    Region,
    checksum,
    commit_payload,
    packet,
    word_bytes,
)
from thresh.layout.registers import ADDRESS_BITS, REGION_BITS
from thresh.model.network import Network
from thresh.sim.golden import GoldenModel

WALK_FRAMES = 24
"""Frames of a clip that nobody recorded."""


@dataclass(frozen=True, kw_only=True)
class Clip:
    """What goes in, and what must come out.

    Parameters
    ----------
    name : str
    x : ndarray of int64, shape (frames, inputs)
        In the first layer's input format.
    y : ndarray of int64, shape (frames, outputs)
        Of the last layer in the accelerator.
    """

    name: str
    x: np.ndarray
    y: np.ndarray


def clip_of(network: Network, x: np.ndarray, name: str) -> Clip:
    """A clip with the golden model's outputs.

    Raises
    ------
    ValueError
        When ``x`` is no sequence for the network.
    """
    x = np.asarray(x, np.int64)
    if x.ndim != 2 or x.shape[1] != network.inputs or not len(x):
        raise ValueError(f"A clip must have shape (frames, {network.inputs}), not {x.shape}")
    model, outputs = GoldenModel(network), []
    for values in x:
        model.step(values[None])
        outputs.append(model.layers[-1].h[0].copy())
    return Clip(name=name, x=x, y=np.array(outputs))


def walk(network: Network, frames: int = WALK_FRAMES) -> np.ndarray:
    """A slow random walk for networks that hear no recording; int64 of shape (frames, inputs)."""
    random, form = np.random.default_rng(1), network.input_format
    steps = random.normal(0, 0.06, (frames, network.inputs)).cumsum(axis=0)
    return np.clip(np.round(steps * 2.0**form.frac), form.lowest, form.highest).astype(np.int64)


def hexadecimal(values: Iterable[int], bits: int) -> str:
    """One word a line, negative ones in two's complement."""
    digits, mask = -(-bits // 4), (1 << bits) - 1
    return "".join(f"{int(value) & mask:0{digits}x}\n" for value in values)


def memory_words(image: Image) -> list[tuple[Region, int, int]]:
    """Region, address and word of everything that is loaded, in order."""
    words = [(Region.TABLE, at, int(word)) for at, word in enumerate(image.table.flat)]
    words += [(Region.HEADER, at, int(word)) for at, word in enumerate(image.header)]
    return words + [
        (Region.WEIGHTS, at, int.from_bytes(bytes(word), "little"))
        for at, word in enumerate(image.weights)
    ]


def stream_files(image: Image, clip: Clip, *, preload: bool) -> dict[str, str]:
    """Inputs, outputs and, unless preloaded, what is written to the memories, by file name."""
    bits, word = image.geometry.value_bits, image.geometry.weight_word_bits
    files = {
        "inputs.mem": hexadecimal(clip.x.flat, bits),
        "outputs.mem": hexadecimal(clip.y.flat, bits),
    }
    if not preload:
        packed = [(r << ADDRESS_BITS | a) << word | w for r, a, w in memory_words(image)]
        files["load.mem"] = hexadecimal(packed, word + ADDRESS_BITS + REGION_BITS)
    return files


def line_files(image: Image, clip: Clip, *, preload: bool) -> dict[str, str]:
    """Packets as they are sent, where each ends, and the outputs wanted, by file name."""
    asked = [(Command.IDENTIFY, b"")]
    if not preload:
        writes = _writes(image)
        written = checksum(b"".join(payload for _, payload in writes))
        asked += [(Command.COMMIT, commit_payload(False)), *writes]
        asked.append((Command.COMMIT, commit_payload(True, written)))
    asked.append((Command.NEW_SEQUENCE, b""))
    asked += [(Command.STEP, values.astype("<i2").tobytes()) for values in clip.x]
    packets = [packet(n % 255 + 1, *question) for n, question in enumerate(asked)]
    ends = np.cumsum([len(data) for data in packets])
    return {
        "questions.mem": hexadecimal(b"".join(packets), 8),
        "ends.mem": hexadecimal(ends, 32),
        "outputs.mem": hexadecimal(clip.y.flat, 16),
    }


def _writes(image: Image) -> list[tuple[Command, bytes]]:
    """The network in as few packets as there is room for."""
    found, geometry = [], image.geometry
    for region, data in (
        (Region.TABLE, image.table.astype("<u2").tobytes()),
        (Region.HEADER, np.array(image.header, "<u2").tobytes()),
        (Region.WEIGHTS, image.weights.tobytes()),
    ):
        size = word_bytes(region, geometry)
        most = (geometry.packet_bytes - PACKET_OVERHEAD - WRITE_OVERHEAD) // size * size
        for at in range(0, len(data), most):
            head = bytes((region,)) + (at // size).to_bytes(2, "little")
            found.append((Command.WRITE, head + data[at : at + most]))
    return found
