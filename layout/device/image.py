"""A network as a device's flash holds it: every memory that its loader fills."""

import zlib

from thresh.audio.front_end_tables import table_words
from thresh.layout.device_link import Identity
from thresh.layout.device_memories import DeviceRegion, message_words, spotter_words
from thresh.layout.flash_slots import FlashLayout, body_bytes, image_records
from thresh.layout.geometry import Geometry
from thresh.layout.image import build_image
from thresh.model.network import Network

from .shape import DeviceShape, hearing_of

Records = list[tuple[int, list[int]]]


def device_records(network: Network, geometry: Geometry, layout: FlashLayout) -> Records:
    """Records of (region, words), in the order in which the loader takes them.

    The last one is what the device says of itself, with the CRC-32 of all records before it.

    Raises
    ------
    ValueError
        When the network does not fit, or cannot hear or decide.
    """
    front_end, spotter = hearing_of(network)
    records: Records = [
        *image_records(build_image(network, geometry)),
        (DeviceRegion.FRONT_END, table_words(front_end).tolist()),
        (DeviceRegion.SPOTTER, spotter_words(spotter.thresholds, spotter.refractory)),
    ]
    identity = Identity(
        bands=front_end.bands,
        classes=network.outputs,
        layers=len(network.layers),
        output_frac=network.output_frac,
        network=zlib.crc32(body_bytes(layout, records)),
    )
    return [*records, (DeviceRegion.MESSAGES, message_words(identity, 1 + sum(network.encoded)))]


def device_body(network: Network, shape: DeviceShape, layout: FlashLayout) -> bytes:
    """What a slot holds of ``network``.

    Raises
    ------
    ValueError
        When the network does not fit the device, saying why.
    """
    shape.refuse(network)
    return body_bytes(layout, device_records(network, shape.geometry, layout))
