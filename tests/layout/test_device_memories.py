"""What a device's messages are kept in: the words of the line, at their addresses."""

import pytest

from thresh.audio.spotter import MOST_CLASSES, NEVER
from thresh.layout.device_link import (
    HEADER_BYTES,
    FrameReport,
    Heard,
    Identity,
    MessageReader,
    check_byte,
    encode,
)
from thresh.layout.device_memories import (
    HEADERS,
    MESSAGE_DEPTH,
    PAYLOAD,
    RESULT_WORD,
    SEQUENCE_WORD,
    DeviceRegion,
    MessageKind,
    message_words,
    spotter_words,
)
from thresh.layout.flash_slots import BootResult
from thresh.layout.link import Region

NETWORK = Identity(bands=40, classes=12, layers=1, output_frac=14, network=0xDEADBEEF)


def sent(memory, kind):
    """The bytes of a message of ``kind`` that is read from its memory."""
    place, data = HEADERS[kind], b""
    count = memory[place + 1] & 0xFF
    words = memory[place : place + 2]
    start = place + 2 if kind == MessageKind.IDENTITY else PAYLOAD
    data = b"".join(word.to_bytes(2, "little") for word in (*words, *memory[start : start + count]))
    return data + bytes((check_byte(data[1:]),))


def test_the_identity_is_read_from_the_memory():
    memory = message_words(NETWORK, 2) + [0] * MESSAGE_DEPTH
    assert len(message_words(NETWORK, 2)) == SEQUENCE_WORD
    memory[SEQUENCE_WORD : RESULT_WORD + 1] = [7, BootResult.FELL_BACK | 1 << 8]
    (identity,) = MessageReader().feed(sent(memory, MessageKind.IDENTITY))
    assert identity == Identity(
        bands=40, classes=12, layers=1, output_frac=14, network=0xDEADBEEF,
        sequence=7, slot=1, result=BootResult.FELL_BACK,
    )  # fmt: skip


def test_a_frame_and_what_is_heard_begin_at_one_address():
    frame = FrameReport(
        frame=3, label=4, score=-9, heard=True, cycles=5, events=(3, 8),
        features=tuple(range(-20, 20)), outputs=tuple(range(12)),
    )  # fmt: skip
    heard = Heard(frame=3, label=4, score=-9)
    for message, kind in ((frame, MessageKind.FRAME), (heard, MessageKind.HEARD)):
        words = encode(message)[HEADER_BYTES:-1]
        memory = message_words(NETWORK, 2) + [0] * MESSAGE_DEPTH
        for number in range(len(words) // 2):
            memory[PAYLOAD + number] = int.from_bytes(words[2 * number : 2 * number + 2], "little")
        assert sent(memory, kind) == encode(message)


def test_the_core_s_regions_keep_their_numbers():
    for region in (DeviceRegion.WEIGHTS, DeviceRegion.TABLE, DeviceRegion.HEADER):
        assert region == Region[region.name]
    assert Region.STATE not in set(map(int, DeviceRegion))


def test_thresholds_lie_behind_the_scores_and_the_last_word_tells_the_classes():
    words = spotter_words([1, -1, NEVER], [4, 5, 6])
    assert len(words) == 2 * MOST_CLASSES + 3
    assert words[MOST_CLASSES : MOST_CLASSES + 3] == [1, 0xFFFF, NEVER]
    assert words[2 * MOST_CLASSES :] == [4, 5, 6]


def test_refuses_what_has_no_room():
    with pytest.raises(ValueError, match="128 bands and 120 classes has 253"):
        message_words(Identity(bands=128, classes=120), 2)
    with pytest.raises(ValueError, match="as many refractory times, not 2 and 1"):
        spotter_words([1, 2], [3])
    with pytest.raises(ValueError, match="1 to 64 thresholds"):
        spotter_words([0] * 65, [0] * 65)
