"""A network as a device's flash holds it: the core's memories, the front end's, the decision's."""

import numpy as np

from thresh.audio.front_end_tables import table_words
from thresh.audio.magnitude_front_end import MagnitudeFrontEnd
from thresh.audio.spotter import MOST_CLASSES, NEVER, Spotter
from thresh.model.network import Network

from .device_shape import DeviceShape, hearing_of
from .flash_slots import FlashLayout, body_bytes, image_records
from .image import Image, build_image

AUDIO_REGION = 7
"""Of the front end's table and, behind it, the decision's memory; `Region` has the core's."""

WORD_MASK = 0xFFFF


def spotter_words(spotter: Spotter) -> np.ndarray:
    """A decision's memory: scores of 0, thresholds, refractory times, `MOST_CLASSES` words each;
    int64 from 0 to 65535. Classes that a network does not have are never announced."""
    words = np.zeros((3, MOST_CLASSES), np.int64)
    words[1] = NEVER
    for row, values in ((1, spotter.thresholds), (2, spotter.refractory)):
        words[row, : len(values)] = values
    return words.ravel() & WORD_MASK


def audio_words(front_end: MagnitudeFrontEnd, spotter: Spotter) -> np.ndarray:
    """Words of `AUDIO_REGION`: the front end's ``2 * points``, then the decision's."""
    return np.concatenate((table_words(front_end), spotter_words(spotter)))


def device_records(
    image: Image, front_end: MagnitudeFrontEnd, spotter: Spotter
) -> list[tuple[int, list[int]]]:
    """Records of (region, words): the image's, then `audio_words`."""
    return [*image_records(image), (AUDIO_REGION, audio_words(front_end, spotter).tolist())]


def device_body(network: Network, shape: DeviceShape, layout: FlashLayout) -> bytes:
    """What a slot holds of ``network``.

    Raises
    ------
    ValueError
        When the network does not fit the device, saying why.
    """
    shape.refuse(network)
    front_end, spotter = hearing_of(network)
    image = build_image(network, shape.geometry)
    return body_bytes(layout, device_records(image, front_end, spotter))
