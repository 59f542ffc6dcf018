"""What was written is what was sent, and hosts on one line do not meet, against the twin."""

import numpy as np
import pytest
from drivers.link_pair import NET, commit, make_pair, place, values
from link_bench import golden, walk

from thresh.layout.link import (
    ERROR,
    PROTOCOL,
    REPLY,
    Command,
    Fault,
    PacketCollector,
    Region,
    check,
    checksum,
    commit_payload,
    packet,
)


@pytest.fixture
def pair(monkeypatch):
    return make_pair(monkeypatch)


@pytest.mark.parametrize(
    ("payload", "other"),
    [
        (place(Region.WEIGHTS, 0, b"abcd"), place(Region.WEIGHTS, 0, b"abce")),
        (place(Region.WEIGHTS, 0, b"abcd"), place(Region.WEIGHTS, 1, b"abcd")),
        (place(Region.TABLE, 0, b"abcd"), place(Region.HEADER, 0, b"abcd")),
        (place(Region.TABLE, 0, bytes(4)), place(Region.TABLE, 0, bytes(6))),
    ],
)
def test_a_network_is_complete_only_if_what_was_sent_was_written(pair, payload, other):
    first = place(Region.STATE, 3, b"12")
    wanted = commit_payload(True, checksum(payload, checksum(first)))
    refused = (4, ERROR | Fault.CHECKSUM, b"")
    for written in (payload, other):
        pair.ask(Command.COMMIT, commit(pair, False), 1)
        pair.ask(Command.WRITE, first, 2)
        pair.ask(Command.WRITE, first, 2)  # the same once more is written once
        pair.ask(Command.WRITE, written, 3)
        done = (4, Command.COMMIT | REPLY, b"") if written is payload else refused
        assert pair.ask(Command.COMMIT, wanted, 4) == done
        *_, identity = pair.ask(Command.IDENTIFY, b"", 5)
        assert identity[1] == (written is payload)


def test_two_hosts_on_one_line_never_get_each_others_outputs(pair):
    """The same sequence numbers, and inputs that differ or are equal: the number alone once made
    one host's step another's repeat."""
    x, hosts = walk(3, 5), (0x1234, 0xC0DB)

    def take(nonce, sequence):
        pair.nonce = nonce
        pair.ask(Command.IDENTIFY, nonce.to_bytes(2, "little"), sequence)

    for mine, other in (hosts, hosts[::-1]):
        take(other, 1)
        take(mine, 1)
        pair.ask(Command.NEW_SEQUENCE, b"", 2)
        first = pair.ask(Command.STEP, values(x[0]), 3)
        for sequence, inputs in ((3, x[0]), (3, x[1]), (4, x[0])):
            strange = packet(sequence, Command.STEP, values(inputs), other)
            assert pair.both(strange) == [(0, ERROR | Fault.PACKET, b"")]
            assert pair.ask(Command.STEP, values(x[0]), 3) == first
        _, _, outputs = pair.ask(Command.STEP, values(x[1]), 4)
        np.testing.assert_array_equal(np.frombuffer(outputs, "<i2")[:3], golden(NET, x)[0][1])
        (body,) = PacketCollector(99).feed(pair.line.receive(pair.packet(4, 6, values(x[1]))))
        assert check(body, mine) is not None
        assert check(body, other) is None
        assert check(body) is None


def test_an_identify_without_a_nonce_is_answered_whoever_has_the_line(pair):
    """As a host of version 1 asks; what comes then is plain."""
    pair.nonce = 0xBEEF
    pair.ask(Command.IDENTIFY, b"\xef\xbe", 1)
    pair.ask(Command.NEW_SEQUENCE, b"", 2)
    pair.nonce = 0
    *_, identity = pair.ask(Command.IDENTIFY, b"", 3)
    assert identity[0] == PROTOCOL
    pair.ask(Command.NEW_SEQUENCE, b"", 4)
