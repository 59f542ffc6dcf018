import pytest
from hypothesis import given
from hypothesis import strategies as st
from link_bench import geometry

from thresh.layout.link import (
    PacketCollector,
    Region,
    check,
    checksum,
    commit_payload,
    crc16,
    packet,
    region_words,
    slip_decode,
    slip_encode,
    word_bytes,
)

BYTES = st.lists(st.sampled_from([0x00, 0xC0, 0xDB, 0xDC, 0xDD, 0x41]), max_size=40).map(bytes)


def test_crc_is_genibus():
    assert crc16(b"123456789") == 0xD64E


@given(st.binary(min_size=2, max_size=40), st.binary(min_size=1, max_size=3))
def test_bytes_behind_the_crc_are_noticed(data, more):
    body = data + crc16(data).to_bytes(2, "big")
    assert check(body) is not None
    assert check(body + b"\x00" * len(more)) is None


@given(BYTES)
def test_slip_hides_every_end_and_comes_back(data):
    line = slip_encode(data)
    assert line[0] == line[-1] == 0xC0
    assert 0xC0 not in line[1:-1]
    assert slip_decode(line[1:-1]) == data


@given(st.integers(0, 255), st.integers(0, 255), BYTES)
def test_a_packet_comes_back_in_its_parts(sequence, code, payload):
    (body,) = PacketCollector(64).feed(packet(sequence, code, payload))
    assert check(body) == (sequence, code, payload)


@given(st.binary(min_size=4, max_size=40), st.integers(0), st.integers(1, 255))
def test_a_changed_byte_is_noticed(data, place, change):
    body = bytearray(data + crc16(data).to_bytes(2, "big"))
    assert check(bytes(body)) is not None
    body[place % len(body)] ^= change
    assert check(bytes(body)) is None


@pytest.mark.parametrize("body", [b"", b"\x01", b"\xff\xff"])
def test_a_short_packet_is_damaged(body):
    assert check(body) is None


@given(st.lists(st.sampled_from([0xC0, 0xDB, 0xDC, 0xDD, 0x41]), max_size=60), st.data())
def test_the_collector_splits_as_the_decoder_reads_however_bytes_arrive(stream, data):
    line = bytes(stream)
    collector, packets, rest = PacketCollector(1000), [], line
    while rest:
        count = data.draw(st.integers(1, len(rest)))
        packets += collector.feed(rest[:count])
        rest = rest[count:]
    whole = [slip_decode(part) for part in line.split(b"\xc0")[:-1]]
    assert packets == [body for body in whole if body]


def test_a_packet_at_the_limit_is_kept_and_one_byte_more_is_lost():
    collector = PacketCollector(8)
    assert collector.feed(slip_encode(b"\xc0" * 8)) == [b"\xc0" * 8]
    assert collector.feed(slip_encode(b"\xc0" * 9)) == [None]
    assert collector.feed(slip_encode(b"12345678")) == [b"12345678"]


def test_every_region_has_a_depth_and_whole_bytes():
    shape = geometry(lanes=16, pointwise_lanes=2)
    words = {region: (region_words(region, shape), word_bytes(region, shape)) for region in Region}
    assert words[Region.WEIGHTS] == (1024, 16)
    assert words[Region.ACCUMULATORS] == (512, 8)
    assert words[Region.STATE] == (256, 4)
    assert words[Region.REFERENCES] == (128, 2)
    assert words[Region.TABLE] == (128, 2)


@given(st.binary(min_size=2, max_size=40), st.integers(0, 0xFFFF), st.integers(0, 0xFFFF))
def test_a_packet_with_another_nonce_is_always_damaged(data, nonce, other):
    (body,) = PacketCollector(64).feed(packet(data[0], data[1], data[2:], nonce))
    assert (check(body, other) is not None) == (nonce == other)


def test_the_nonce_of_no_host_changes_nothing():
    assert packet(1, 6, b"abc", 0) == packet(1, 6, b"abc")
    assert crc16(b"123456789", 0) == 0xD64E


def test_the_checksum_is_that_of_zlib_in_pieces():
    assert checksum(b"123456789") == 0xCBF43926
    assert checksum(b"6789", checksum(b"12345")) == 0xCBF43926
    assert commit_payload(True, 0xCBF43926) == b"\x01\x26\x39\xf4\xcb"
