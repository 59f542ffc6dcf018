"""What a device's loader fills beside the core's memories, and what its messages are kept in."""

from collections.abc import Sequence
from enum import IntEnum

from .device_link import (
    FRAME_WORDS,
    HEARD_WORDS,
    IDENTITY_WORDS,
    MOST_WORDS,
    PROTOCOL,
    START,
    Identity,
    MessageKind,
    byte_pair,
    frame_kind,
    identity_words,
)

MOST_CLASSES = 64


class DeviceRegion(IntEnum):
    """Memories that a device's loader fills; those of the core have their numbers on the link."""

    WEIGHTS = 0
    TABLE = 1
    HEADER = 2
    FRONT_END = 3
    """`thresh.audio.front_end_tables.table_words`."""
    SPOTTER = 5
    """64 words 0, 64 thresholds, and as many refractory times as classes: `spotter_words`."""
    MESSAGES = 6
    """`message_words`."""


HEADERS = {MessageKind.HEARD: 0, MessageKind.FRAME: 2, MessageKind.IDENTITY: 4}
"""Address of each kind's header in `DeviceRegion.MESSAGES`; the identity's words follow its own."""

SEQUENCE_WORD, RESULT_WORD = 10, 11
"""Addresses of what the device itself knows of its identity."""

PAYLOAD = 16
"""Address of a frame's words, or of those of what was heard."""

MESSAGE_DEPTH = PAYLOAD + MOST_WORDS


def message_words(identity: Identity, lists: int) -> list[int]:
    """Words of `DeviceRegion.MESSAGES` that come with a network of ``identity``, of which a step
    makes ``lists`` lists of events: the inputs', and one of each layer that is listened to.

    Raises
    ------
    ValueError
        When a frame report of so many bands and classes has no room, or a field has none.
    """
    frame = FRAME_WORDS + identity.bands + lists + identity.classes
    if frame > MOST_WORDS:
        raise ValueError(
            f"A frame report of {identity.bands} bands and {identity.classes} classes has {frame} "
            f"words, at most {MOST_WORDS} have room"
        )
    headers = (
        (MessageKind.HEARD, HEARD_WORDS, 0),
        (frame_kind(lists), frame, identity.bands),
        (MessageKind.IDENTITY, IDENTITY_WORDS, PROTOCOL),
    )
    words = [
        word
        for kind, count, info in headers
        for word in (byte_pair(START, kind), byte_pair(count, info))
    ]
    return words + identity_words(identity)[: SEQUENCE_WORD - len(words)]


def spotter_words(thresholds: Sequence[int], refractory: Sequence[int]) -> list[int]:
    """Words of `DeviceRegion.SPOTTER`; the last one's address tells the number of classes.

    Raises
    ------
    ValueError
        For other than 1 to 64 classes, or two numbers of them.
    """
    if not 1 <= len(thresholds) == len(refractory) <= MOST_CLASSES:
        raise ValueError(
            f"A decision has 1 to 64 thresholds and as many refractory times, not "
            f"{len(thresholds)} and {len(refractory)}"
        )
    padded = [threshold & 0xFFFF for threshold in thresholds] + [0] * (
        MOST_CLASSES - len(thresholds)
    )
    return [0] * MOST_CLASSES + padded + [int(time) for time in refractory]
