"""The line of a device that hears: what a host may ask, and what the device says.

A command is `START`, command, index, 16-bit value, check; a message `START`, kind, number of words,
an info byte, as many 16-bit words, check. Low bytes come first. The bytes behind `START` add up to
0 modulo 256. Nothing is escaped: a reader looks for a `START` whose check holds. Every command that
is understood is answered with the identity.
"""

from dataclasses import dataclass
from enum import IntEnum

from thresh.model.network import MAX_LAYERS

from .flash_slots import BootResult

PROTOCOL = 1
"""Version that the identity tells."""

START = 0xA5
BAUD, COMMAND_BYTES, HEADER_BYTES, CHECK_BYTES = 250_000, 6, 4, 1
IDENTITY_WORDS, HEARD_WORDS = 6, 2
FRAME_WORDS = HEARD_WORDS + 1
"""Of a frame report behind its features, events and outputs."""

MOST_LISTS = MAX_LAYERS + 1
LISTS_BIT = 4
"""In the kind's byte of a frame report: from here on the number of lists of events."""

MOST_WORDS = 240
"""Of a frame report: a block RAM of the device holds one, and the headers."""

RESULT_MASK, HEARD_BIT = 3, 14
"""An identity's last word has the result there and the slot in bit 8, the others mean nothing; a
status has the frame number in bits 0 to 7, the label in 8 to 13, and whether it is announced."""


class DeviceCommand(IntEnum):
    """What a host asks.

    ``LISTEN`` turns the frame reports on (value 1) or off (0). ``THRESHOLD`` sets that of the class
    ``index``, until the power ends.
    """

    IDENTIFY = 1
    LISTEN = 2
    THRESHOLD = 3


class MessageKind(IntEnum):
    """What a device says."""

    HEARD = 1
    FRAME = 2
    IDENTITY = 3


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who is on the line, and what came of its start.

    Parameters
    ----------
    protocol : int
    result : BootResult
    slot : int
        That was loaded.
    sequence : int
        Low 16 bits of the loaded network's sequence number.
    bands, classes, layers : int
        Of the network; 0 where none is loaded.
    output_frac : int
        Fraction bits of outputs, scores and thresholds.
    network : int
        32 bits that tell the network from others.
    """

    protocol: int = PROTOCOL
    result: BootResult = BootResult.NONE
    slot: int = 0
    sequence: int = 0
    bands: int = 0
    classes: int = 0
    layers: int = 0
    output_frac: int = 0
    network: int = 0


@dataclass(frozen=True, kw_only=True)
class Heard:
    """``label`` was announced at this smoothed score, in the frame with these low 8 bits."""

    frame: int
    label: int
    score: int


@dataclass(frozen=True, kw_only=True)
class FrameReport:
    """What came of a frame, of which ``label`` is the best class, while the device is to tell.

    A frame that finds the line busy is left out.

    Parameters
    ----------
    heard : bool
        Whether the label was announced.
    cycles : int
        Cycles of the core's clock since the frame before, modulo 2**16.
    events : tuple of int
        Of the inputs, then of each layer that something listens to.
    features, outputs : tuple of int
    """

    frame: int
    label: int
    score: int
    heard: bool
    cycles: int
    events: tuple[int, ...]
    features: tuple[int, ...]
    outputs: tuple[int, ...]


Message = Identity | Heard | FrameReport


def identify() -> bytes:
    """The command that asks who is there."""
    return _command(DeviceCommand.IDENTIFY)


def listen(on: bool) -> bytes:
    """The command that turns frame reports on or off."""
    return _command(DeviceCommand.LISTEN, value=int(bool(on)))


def set_threshold(label: int, threshold: int) -> bytes:
    """The command that sets a class's threshold; ValueError when either has no room."""
    if not 0 <= label < 64:
        raise ValueError(f"A class has a number from 0 to 63, not {label!r}")
    if not -0x8000 <= threshold < 0x8000:
        raise ValueError(f"A threshold is -32768 to 32767, not {threshold!r}")
    return _command(DeviceCommand.THRESHOLD, label, threshold)


def _command(command: DeviceCommand, index: int = 0, value: int = 0) -> bytes:
    body = bytes((command, index)) + (value & 0xFFFF).to_bytes(2, "little")
    return bytes((START,)) + body + bytes((check_byte(body),))


def read_command(packet: bytes) -> tuple[DeviceCommand, int, int] | None:
    """(command, index, value as a signed number) of `COMMAND_BYTES` bytes, or None."""
    whole = len(packet) == COMMAND_BYTES and packet[0] == START and not sum(packet[1:]) % 256
    if not whole or packet[1] not in set(DeviceCommand):
        return None
    return DeviceCommand(packet[1]), packet[2], int.from_bytes(packet[3:5], "little", signed=True)


def check_byte(body: bytes) -> int:
    """What makes the bytes behind `START` add up to 0."""
    return -sum(body) % 256


def encode(message: Message) -> bytes:
    """A message as it goes over the line; ValueError when a field has no room in its bits."""
    kind: int = MessageKind.IDENTITY
    if isinstance(message, Identity):
        info, words = message.protocol, identity_words(message)
    elif isinstance(message, Heard):
        kind, info, words = MessageKind.HEARD, 0, _heard_words(message, True)
    else:
        kind, info = frame_kind(len(message.events)), len(message.features)
        words = [
            *message.features, *message.events, *message.outputs,
            *_heard_words(message, message.heard), message.cycles,
        ]  # fmt: skip
    if len(words) > MOST_WORDS:
        raise ValueError(f"A message has at most {MOST_WORDS} words, not {len(words)}")
    for word in words:
        if not -0x8000 <= word < 0x10000:
            raise ValueError(f"A message's words have 16 bits, not {word!r}")
    body = bytes((kind, len(words), info))
    body += b"".join((int(word) & 0xFFFF).to_bytes(2, "little") for word in words)
    return bytes((START,)) + body + bytes((check_byte(body),))


def frame_kind(lists: int) -> int:
    """The kind's byte of a frame report with so many counts of events."""
    if not 1 <= lists <= MOST_LISTS:
        raise ValueError(f"A frame report counts 1 to {MOST_LISTS} lists' events, not {lists}")
    return MessageKind.FRAME | lists << LISTS_BIT


def identity_words(identity: Identity) -> list[int]:
    """Words of an identity: four that come with the network, two of the device's own."""
    return [
        byte_pair(identity.bands, identity.classes),
        byte_pair(identity.layers, identity.output_frac),
        identity.network & 0xFFFF,
        identity.network >> 16,
        identity.sequence,
        byte_pair(identity.result, identity.slot),
    ]


def byte_pair(low: int, high: int) -> int:
    """Two bytes as a word; ValueError when they are none."""
    if not (0 <= low < 256 and 0 <= high < 256):
        raise ValueError(f"A message's bytes are 0 to 255, not {low!r} and {high!r}")
    return low | high << 8


def _heard_words(message: Heard | FrameReport, heard: bool) -> list[int]:
    if not (0 <= message.frame < 256 and 0 <= message.label < 64):
        raise ValueError(
            f"A frame's number is 0 to 255 and a label 0 to 63, not {message.frame!r} and "
            f"{message.label!r}"
        )
    return [message.frame | message.label << 8 | heard << HEARD_BIT, message.score]


class MessageReader:
    """Messages of a device's bytes as they come; ``noise`` counts the bytes passed over."""

    def __init__(self) -> None:
        self.noise, self._waiting = 0, bytearray()

    def feed(self, data: bytes) -> list[Message]:
        """Messages that ``data`` completes."""
        self._waiting += data
        messages = []
        while self._waiting:
            size, message = _first(bytes(self._waiting))
            if size == 0:
                break
            del self._waiting[:size]
            if message is None:
                self.noise += size
            else:
                messages.append(message)
        return messages


def _first(data: bytes) -> tuple[int, Message | None]:
    """How many bytes the first message of ``data`` takes; 0 while it is not whole, None: noise."""
    if data[0] != START:
        found = data.find(bytes((START,)))
        return len(data) if found < 0 else found, None
    if len(data) < HEADER_BYTES:
        known = len(data) < 2 or data[1] % (1 << LISTS_BIT) in set(MessageKind)
        return int(not known), None
    kind, count, info = data[1:HEADER_BYTES]
    if not _possible(kind, count, info):
        return 1, None
    size = HEADER_BYTES + 2 * count + CHECK_BYTES
    if len(data) < size:
        return 0, None
    if sum(data[1:size]) % 256:
        return 1, None
    words = [
        int.from_bytes(data[place : place + 2], "little")
        for place in range(HEADER_BYTES, size - CHECK_BYTES, 2)
    ]
    message = _message(kind, info, words)
    return (1, None) if message is None else (size, message)


def _possible(kind: int, count: int, info: int) -> bool:
    lists, low = divmod(kind, 1 << LISTS_BIT)
    if low == MessageKind.FRAME and 1 <= lists <= MOST_LISTS:
        return FRAME_WORDS + info + lists <= count <= MOST_WORDS
    return (kind, count) in (
        (MessageKind.IDENTITY, IDENTITY_WORDS),
        (MessageKind.HEARD, HEARD_WORDS),
    )


def _message(kind: int, info: int, words: list[int]) -> Message | None:
    if kind == MessageKind.IDENTITY:
        if words[5] & RESULT_MASK not in set(BootResult):
            return None
        return Identity(
            protocol=info, result=BootResult(words[5] & RESULT_MASK), slot=words[5] >> 8 & 1,
            sequence=words[4], bands=words[0] & 0xFF, classes=words[0] >> 8,
            layers=words[1] & 0xFF, output_frac=words[1] >> 8, network=words[2] | words[3] << 16,
        )  # fmt: skip
    status, unsigned = words[-FRAME_WORDS:][:HEARD_WORDS] if kind != MessageKind.HEARD else words
    frame, label, score = status & 0xFF, status >> 8 & 63, _signed(unsigned)
    if kind == MessageKind.HEARD:
        return Heard(frame=frame, label=label, score=score)
    outputs = info + (kind >> LISTS_BIT)
    return FrameReport(
        frame=frame, label=label, score=score, heard=bool(status >> HEARD_BIT & 1),
        cycles=words[-1], features=tuple(map(_signed, words[:info])),
        events=tuple(words[info:outputs]), outputs=tuple(map(_signed, words[outputs:-FRAME_WORDS])),
    )  # fmt: skip


def _signed(word: int) -> int:
    return (word ^ 0x8000) - 0x8000
