"""The link and the core, packet by packet, against the twin: equal answers but for cycles."""

import numpy as np
import pytest
from byte_line import ByteLine
from drivers.link_pair import (
    GRU,
    IMAGE,
    NET,
    PLAN,
    SHAPE,
    USED,
    commit,
    make_pair,
    place,
    values,
)
from link_bench import compare, golden, walk

from thresh.host.client import Client
from thresh.host.transport import DirectTransport
from thresh.layout.layer_table import THRESHOLD_X_WORD, threshold_h_word
from thresh.layout.link import (
    ERROR,
    PROTOCOL,
    REPLY,
    Command,
    Fault,
    Region,
    commit_payload,
    crc16,
    packet,
    slip_encode,
)
from thresh.model.snapshot import read_snapshot


@pytest.fixture
def pair(monkeypatch):
    return make_pair(monkeypatch)


def right(random, x, pair):
    """A command and payload that are executed."""
    command = random.choice([*Command, *[Command.READ] * 3, *[Command.STEP] * 8])
    if command == Command.READ:
        region = Region(random.choice([0, 1, 2, 3, 4, 5, 6, 6]))
        first = SHAPE.temporaries if region == Region.STATE else 0
        last = {Region.WEIGHTS: len(IMAGE.weights), Region.TABLE: 128, Region.HEADER: 6} | USED
        if region == Region.COUNTERS:
            first, last[region] = ((1, 2), (3, 5), (8, 11))[random.integers(3)]
        address = int(random.integers(first, last[region]))
        count = int(random.integers(1, min(40, last[region] - address) + 1))
        return command, place(region, address, bytes((count,)))
    if command == Command.WRITE:
        threshold = values([random.choice([0, 1, 300, 32767])])
        small = values(random.integers(-500, 500, random.integers(1, 5)))
        row = int(random.integers(0, PLAN.bias_base - 3))
        return command, (
            place(Region.TABLE, threshold_h_word(0), threshold),
            place(Region.HEADER, THRESHOLD_X_WORD, threshold),
            place(Region.REFERENCES, int(random.integers(0, 13)), small),
            place(Region.STATE, GRU.h_base + int(random.integers(0, 8)), small),
            place(Region.WEIGHTS, row, random.bytes(4 * int(random.integers(1, 4)))),
        )[random.integers(5)]
    if command == Command.COMMIT:
        return command, commit(pair, int(random.choice([0, 1, 1, 1, 3])))
    if command == Command.IDENTIFY:
        pair.nonce = int(random.choice([0, 77, 0xC0DB]))
        return command, values([pair.nonce - (pair.nonce >> 15 << 16)]) if pair.nonce else b""
    return command, values(x) if command == Command.STEP else b""


WRONG = {
    "command": (packet(9, 7), Fault.COMMAND),
    "identify": (packet(9, Command.IDENTIFY, b"\x00"), Fault.LENGTH),
    "commit": (packet(9, Command.COMMIT, b"\x01"), Fault.LENGTH),
    "other commit": (packet(9, Command.COMMIT, commit_payload(True, 1 << 31)), Fault.CHECKSUM),
    "sequence": (packet(9, Command.NEW_SEQUENCE, b"\x00"), Fault.LENGTH),
    "few inputs": (packet(9, Command.STEP, values(range(4))), Fault.LENGTH),
    "many inputs": (packet(9, Command.STEP, values(range(6))), Fault.LENGTH),
    "no words": (packet(9, Command.WRITE, place(Region.WEIGHTS, 0)), Fault.LENGTH),
    "part of a word": (packet(9, Command.WRITE, place(Region.WEIGHTS, 0, b"abc")), Fault.LENGTH),
    "no such word": (packet(9, Command.WRITE, place(Region.STATE, 255, b"abcd")), Fault.RANGE),
    "no such region": (packet(9, Command.WRITE, place(7, 0, b"abcd")), Fault.RANGE),
    "counters": (packet(9, Command.WRITE, place(Region.COUNTERS, 0, b"abcd")), Fault.RANGE),
    "read nothing": (packet(9, Command.READ, place(Region.STATE, 0, b"\x00")), Fault.LENGTH),
    "read too much": (packet(9, Command.READ, place(Region.STATE, 0, b"\x7f")), Fault.LENGTH),
    "read beyond": (packet(9, Command.READ, place(Region.STATE, 255, b"\x02")), Fault.RANGE),
    "short": (slip_encode(b"\x09\x05\x01"), Fault.PACKET),
    "overlong": (packet(9, Command.WRITE, place(Region.WEIGHTS, 0, bytes(250))), Fault.PACKET),
}
"""Packets that must be refused, and why."""


def damaged(data, random):
    """``data`` with one bit turned over, somewhere between its ENDs."""
    data = bytearray(data)
    data[random.integers(1, len(data) - 1)] ^= 1 << int(random.integers(8))
    return bytes(data)


def snapshot(pair):
    """Every word in use, and the identity; read under numbers of its own."""
    words = {Region.WEIGHTS: len(IMAGE.weights), Region.TABLE: 128, Region.HEADER: 6} | USED
    seen = [pair.ask(Command.IDENTIFY, b"", 100)]
    for region, count in words.items():
        first = {Region.STATE: SHAPE.temporaries, Region.COUNTERS: 3}.get(region, 0)
        for number, address in enumerate(range(first, count, 60)):
            size = bytes((min(60, count - address),))
            sequence = 110 + 10 * region + number
            seen.append(pair.ask(Command.READ, place(region, address, size), sequence))
    return seen


def test_random_packets_are_answered_as_by_the_twin(pair):
    random, x, sequence, seen = np.random.default_rng(1), walk(200, 5), 0, set()
    wrong, last = list(WRONG), packet(0, Command.IDENTIFY)
    for step in range(120):
        chance = random.random()
        if chance < 0.65:
            sequence = (sequence + 1) % 256
            last = pair.packet(sequence, *right(random, x[step], pair))
            data = last
        elif chance < 0.75:
            data = last
        elif chance < 0.85:
            # A line cannot tell which byte is damaged, so an END may come early.
            data = damaged(last, random)
        else:
            data = WRONG[wrong[random.integers(len(wrong))]][0]
        seen |= {status for _, status, _ in pair.both(data)}
    assert {0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0xE1} <= seen


def test_a_refused_packet_says_why_and_changes_nothing(pair):
    x = walk(2, 5)
    pair.ask(Command.STEP, values(x[0]), 8)
    before = snapshot(pair)
    for name, (data, fault) in WRONG.items():
        sequence = 0 if fault == Fault.PACKET else 9
        assert pair.both(data) == [(sequence, ERROR | fault, b"")], name
    assert snapshot(pair) == before
    _, _, outputs = pair.ask(Command.STEP, values(x[1]), 10)
    np.testing.assert_array_equal(np.frombuffer(outputs, "<i2")[:3], golden(NET, x)[0][1])


def test_a_packet_with_a_wrong_crc_changes_nothing(pair):
    before = snapshot(pair)
    for command, payload in (
        (Command.STEP, values(range(5))),
        (Command.NEW_SEQUENCE, b""),
        (Command.COMMIT, commit_payload(False)),
        (Command.WRITE, place(Region.REFERENCES, 0, b"abcd")),
    ):
        body = bytes((9, command)) + payload
        data = slip_encode(body + (crc16(body) ^ 0x0100).to_bytes(2, "big"))
        assert pair.both(data) == [(0, ERROR | Fault.PACKET, b"")]
    assert snapshot(pair) == before


def test_a_repeated_number_repeats_the_answer_and_executes_once(pair):
    x = walk(2, 5)
    first = pair.ask(Command.STEP, values(x[0]), 7)
    assert pair.ask(Command.STEP, values(x[0]), 7) == first
    # A refusal is not the last answer, and does not spoil it.
    pair.both(WRONG["few inputs"][0])
    assert pair.ask(Command.STEP, values(x[0]), 7) == first
    # The number alone does not make a repeat.
    _, _, outputs = pair.ask(Command.STEP, values(x[1]), 7)
    np.testing.assert_array_equal(np.frombuffer(outputs, "<i2")[:3], golden(NET, x)[0][1])


def test_nothing_runs_before_a_network_is_complete(pair):
    pair.ask(Command.COMMIT, commit(pair, False), 1)
    for command, payload in ((Command.STEP, values(range(5))), (Command.NEW_SEQUENCE, b"")):
        assert pair.ask(command, payload, 2) == (2, ERROR | Fault.NOT_LOADED, b"")
    pair.ask(Command.COMMIT, commit(pair, True), 3)
    assert pair.ask(Command.STEP, values(range(5)), 4)[1] == Command.STEP | REPLY


@pytest.mark.parametrize(
    ("region", "word"), [(Region.TABLE, threshold_h_word(0)), (Region.HEADER, THRESHOLD_X_WORD)]
)
def test_a_step_follows_a_write_of_one_word_of_the_layer_table(pair, region, word):
    """The core read its table again while the access to it was still open, and hung."""
    x = walk(3, 5)
    for number, threshold in enumerate((0, 32767, 500)):
        pair.ask(Command.WRITE, place(region, word, values([threshold])), 2 * number)
        pair.ask(Command.STEP, values(x[number]), 2 * number + 1)


def test_back_pressure_on_any_byte_of_an_answer_loses_nothing(pair):
    """On the last one too, which hung EdgeDRNN."""
    random, x = np.random.default_rng(5), walk(4, 5)
    stalled = random.random(100_000) < 0.9
    pair.line.stalls = lambda cycle, taken: stalled[cycle % len(stalled)]
    pair.ask(Command.STEP, values(x[0]), 1)
    for number, place_of_last in enumerate((1, 2), start=2):
        last = packet(number - 1, Command.STEP, values(x[number - 2]))
        whole = len(pair.line.receive(last))  # the last answer again
        held = [300]

        def late(cycle, taken, place=whole - place_of_last, held=held):
            """One byte near the end waits for 300 cycles."""
            held[0] -= taken == place
            return taken == place and held[0] > 0

        pair.line.stalls = late
        pair.ask(Command.STEP, values(x[number - 1]), number)
        assert held[0] <= 0
    pair.line.stalls = lambda cycle, taken: False
    pair.ask(Command.STEP, values(x[3]), 4)


def test_a_network_loaded_over_the_link_runs_in_every_integer(monkeypatch):
    client, x = Client(DirectTransport(ByteLine(SHAPE, monkeypatch))), walk(5, 5)
    assert not client.identify().loaded
    client.load(IMAGE, verify=True)
    assert client.identify().geometry == SHAPE
    for run in (x[:2], x):
        client.new_sequence()
        outputs = [client.step(row).outputs for row in run]
        wanted, model = golden(NET, run)
        np.testing.assert_array_equal(outputs, wanted)
        compare(client, model)


def test_a_sequence_saved_and_restored_over_the_link_goes_on_in_every_integer(monkeypatch):
    client = Client(DirectTransport(ByteLine(SHAPE, monkeypatch, image=IMAGE)))
    x = walk(6, 5, stride=2000)
    client.new_sequence()
    for row in x[:3]:
        client.step(row)
    kept = client.save().to_bytes()
    client.new_sequence()
    client.step(x[4])
    client.restore(read_snapshot(kept, NET))
    outputs = [client.step(row).outputs for row in x[3:]]
    wanted, model = golden(NET, x)
    np.testing.assert_array_equal(outputs, wanted[3:])
    compare(client, model)


def test_a_network_that_is_there_from_power_up_is_loaded(pair):
    *_, identity = pair.ask(Command.IDENTIFY, b"", 3)
    assert identity[:4] == bytes((PROTOCOL, 1, SHAPE.lanes, 0))
