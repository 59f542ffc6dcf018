"""A device's line: what is encoded is decoded, whatever noise lies between."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thresh.layout.device_link import (
    COMMAND_BYTES,
    MOST_LISTS,
    MOST_WORDS,
    START,
    DeviceCommand,
    FrameReport,
    Heard,
    Identity,
    MessageReader,
    encode,
    identify,
    listen,
    read_command,
    set_threshold,
)
from thresh.layout.flash_slots import BootResult

SIGNED = st.integers(-0x8000, 0x7FFF)
BYTE = st.integers(0, 255)
WORD = st.integers(0, 0xFFFF)


def many(values, most):
    return st.lists(values, max_size=most).map(tuple)


IDENTITIES = st.builds(
    Identity, protocol=BYTE, result=st.sampled_from(BootResult), slot=st.integers(0, 1),
    sequence=WORD, bands=BYTE, classes=BYTE, layers=BYTE, output_frac=BYTE,
    network=st.integers(0, 0xFFFF_FFFF),
)  # fmt: skip
LABEL = st.integers(0, 63)
HEARD = st.builds(Heard, frame=BYTE, label=LABEL, score=SIGNED)
FRAMES = st.builds(
    FrameReport, frame=BYTE, label=LABEL, score=SIGNED, heard=st.booleans(), cycles=WORD,
    events=st.lists(WORD, min_size=1, max_size=MOST_LISTS).map(tuple),
    features=many(SIGNED, 128), outputs=many(SIGNED, 64),
)  # fmt: skip
MESSAGES = IDENTITIES | HEARD | FRAMES
FRAME = FrameReport(
    frame=1, label=2, score=3, heard=False, cycles=4, events=(5, 6),
    features=(1, 2), outputs=(3,),
)  # fmt: skip


@given(st.lists(MESSAGES, max_size=4), st.data())
def test_messages_come_back_in_whatever_pieces(messages, data):
    line = b"".join(map(encode, messages))
    reader, seen = MessageReader(), []
    while line:
        cut = data.draw(st.integers(1, len(line)))
        seen += reader.feed(line[:cut])
        line = line[cut:]
    assert seen == messages
    assert reader.noise == 0


@given(st.lists(MESSAGES, min_size=1, max_size=3), st.binary(max_size=30))
def test_a_reader_finds_its_way_after_noise(messages, noise):
    noise = noise.replace(bytes((START,)), b"")
    reader = MessageReader()
    seen = [
        message
        for made in messages
        for message in (*reader.feed(noise), *reader.feed(encode(made)))
    ]
    assert seen == messages
    assert reader.noise == len(noise) * len(messages)


@given(MESSAGES, st.data())
def test_a_changed_byte_is_no_message_and_costs_no_later_one(message, data):
    line = bytearray(encode(message))
    place = data.draw(st.integers(0, len(line) - 1))
    line[place] ^= data.draw(st.integers(1, 255))
    reader = MessageReader()
    first = reader.feed(bytes(line))
    heard = Heard(frame=7, label=1, score=-5)
    rest = [one for _ in range(200) for one in reader.feed(encode(heard))]
    assert message not in first
    assert rest[-100:] == [heard] * 100


@given(st.binary(max_size=600))
def test_any_bytes_are_read_without_an_error(noise):
    reader = MessageReader()
    reader.feed(noise)
    assert reader.noise <= len(noise)


def test_a_start_inside_a_torn_message_is_looked_at_again():
    line, reader = encode(FRAME), MessageReader()
    assert reader.feed(line[:7] + line + line) == [FRAME, FRAME]
    assert reader.noise == 7


def test_commands_come_back():
    assert read_command(identify()) == (DeviceCommand.IDENTIFY, 0, 0)
    assert read_command(listen(True)) == (DeviceCommand.LISTEN, 0, 1)
    assert read_command(listen(False)) == (DeviceCommand.LISTEN, 0, 0)
    assert read_command(set_threshold(63, -32768)) == (DeviceCommand.THRESHOLD, 63, -32768)


@given(st.binary(min_size=COMMAND_BYTES, max_size=COMMAND_BYTES))
def test_a_command_holds_only_with_its_check(packet):
    found = read_command(packet)
    assert found is None or (packet[0] == START and sum(packet[1:]) % 256 == 0)
    for place in range(COMMAND_BYTES):
        damaged = bytearray(set_threshold(5, 0x1234))
        damaged[place] ^= 0x10
        assert read_command(bytes(damaged)) is None


def test_an_unknown_command_is_none():
    assert read_command(bytes((START, 9, 0, 0, 0, 247))) is None
    assert read_command(identify()[:-1]) is None


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: set_threshold(64, 0), "number from 0 to 63, not 64"),
        (lambda: set_threshold(0, 40000), "-32768 to 32767, not 40000"),
        (lambda: encode(Heard(frame=256, label=0, score=0)), "0 to 255 and a label 0 to 63"),
        (lambda: encode(Heard(frame=0, label=64, score=0)), "not 0 and 64"),
        (lambda: encode(Heard(frame=0, label=0, score=70000)), "16 bits, not 70000"),
        (lambda: encode(Identity(bands=256)), "0 to 255, not 256"),
        (lambda: encode(replace(FRAME, events=())), f"1 to {MOST_LISTS} lists' events, not 0"),
        (lambda: encode(replace(FRAME, outputs=(0,) * 300)), f"at most {MOST_WORDS} words"),
    ],
)
def test_refuses_what_has_no_room(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()
