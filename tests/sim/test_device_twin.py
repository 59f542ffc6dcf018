import numpy as np
import pytest
from link_bench import geometry, golden, network, walk

from thresh.layout.image import build_image
from thresh.layout.link import (
    COUNTER_FULL,
    ERROR,
    PROTOCOL,
    REPLY,
    Command,
    Counter,
    Fault,
    PacketCollector,
    Region,
    check,
    checksum,
    commit_payload,
    packet,
)
from thresh.sim.device_twin import STEP_OVERHEAD, DeviceTwin

NET = network(5, 12, 3)


def ask(twin, command, payload=b"", sequence=1):
    """(sequence, status, payload) of the one answer."""
    (body,) = PacketCollector(10_000).feed(twin.receive(packet(sequence, command, payload)))
    return check(body)


def write(region, address, data):
    return bytes((region,)) + address.to_bytes(2, "little") + data


def loaded(net=NET):
    twin = DeviceTwin(geometry())
    image = build_image(net, geometry())
    parts = {
        Region.TABLE: image.table.astype("<u2").tobytes(),
        Region.HEADER: np.array(image.header, "<u2").tobytes(),
        Region.WEIGHTS: image.weights.tobytes(),
    }
    ask(twin, Command.COMMIT, commit_payload(False), 200)
    written = 0
    for region, data in parts.items():
        size = twin.memories[region].shape[1]
        for number, at in enumerate(range(0, len(data), 240)):
            payload = write(region, at // size, data[at : at + 240])
            assert ask(twin, Command.WRITE, payload, 2 + number)[1] == Command.WRITE | REPLY
            written = checksum(payload, written)
    assert (
        ask(twin, Command.COMMIT, commit_payload(True, written), 201)[1] == Command.COMMIT | REPLY
    )
    assert ask(twin, Command.NEW_SEQUENCE, b"", 202)[1] == Command.NEW_SEQUENCE | REPLY
    return twin


def test_steps_answer_cycles_and_the_golden_outputs():
    twin, x = loaded(), walk(20, 5)
    wanted, _ = golden(NET, x)
    for number, values in enumerate(x):
        _, status, payload = ask(twin, Command.STEP, values.astype("<i2").tobytes(), number)
        assert status == Command.STEP | REPLY
        assert int.from_bytes(payload[:4], "little") > 0
        np.testing.assert_array_equal(np.frombuffer(payload, "<i2", 3, 4), wanted[number])
        assert len(payload) == 4 + 2 * 4


def test_a_repeated_sequence_number_repeats_the_answer_and_executes_once():
    twin = loaded()
    values = walk(2, 5).astype("<i2")
    first = ask(twin, Command.STEP, values[0].tobytes(), 9)
    executed = twin.executed
    assert ask(twin, Command.STEP, values[0].tobytes(), 9) == first
    assert twin.executed == executed
    second = ask(twin, Command.STEP, values[1].tobytes(), 9)  # the number alone is no repeat
    np.testing.assert_array_equal(
        np.frombuffer(second[2], "<i2", 3, 4), golden(NET, values.astype(int))[0][1]
    )


def test_a_refused_packet_is_not_the_last_executed():
    twin = loaded()
    values = walk(1, 5).astype("<i2")[0].tobytes()
    answer = ask(twin, Command.STEP, values, 9)
    assert ask(twin, Command.STEP, b"", 10)[1] == ERROR | Fault.LENGTH
    assert ask(twin, Command.STEP, values, 9) == answer
    assert ask(twin, Command.STEP, values, 10)[1] == Command.STEP | REPLY


def test_identify_is_always_executed_and_becomes_the_last():
    twin = loaded()
    ask(twin, Command.COMMIT, commit_payload(False), 9)
    first = ask(twin, Command.IDENTIFY, b"", 9)
    assert first[1] == Command.IDENTIFY | REPLY
    assert first[2][:4] == bytes((PROTOCOL, 0, 4, 0))
    executed = twin.executed
    assert ask(twin, Command.IDENTIFY, b"", 9) == first
    assert twin.executed == executed + 1


@pytest.mark.parametrize(
    ("command", "payload", "fault"),
    [
        (0, b"", Fault.COMMAND),
        (7, b"", Fault.COMMAND),
        (Command.IDENTIFY, b"\x00", Fault.LENGTH),
        (Command.NEW_SEQUENCE, b"\x00", Fault.LENGTH),
        (Command.COMMIT, b"", Fault.LENGTH),
        (Command.COMMIT, b"\x01", Fault.LENGTH),
        (Command.COMMIT, commit_payload(True, 1), Fault.CHECKSUM),
        (Command.STEP, bytes(8), Fault.LENGTH),
        (Command.STEP, bytes(12), Fault.LENGTH),
        (Command.WRITE, b"\x00\x00", Fault.LENGTH),
        (Command.WRITE, write(Region.WEIGHTS, 0, b""), Fault.LENGTH),
        (Command.WRITE, write(Region.WEIGHTS, 0, bytes(5)), Fault.LENGTH),
        (Command.WRITE, write(Region.COUNTERS, 0, bytes(4)), Fault.RANGE),
        (Command.WRITE, write(7, 0, bytes(4)), Fault.RANGE),
        (Command.WRITE, write(Region.WEIGHTS, 1023, bytes(8)), Fault.RANGE),
        (Command.WRITE, write(Region.TABLE, 128, bytes(2)), Fault.RANGE),
        (Command.READ, write(Region.STATE, 0, b""), Fault.LENGTH),
        (Command.READ, write(Region.STATE, 0, b"\x00"), Fault.LENGTH),
        (Command.READ, write(Region.STATE, 0, b"\x01\x01"), Fault.LENGTH),
        (Command.READ, write(Region.STATE, 0, b"\x7f"), Fault.LENGTH),
        (Command.READ, write(Region.STATE, 255, b"\x02"), Fault.RANGE),
        (Command.READ, write(9, 0, b"\x01"), Fault.RANGE),
    ],
)
def test_a_refused_packet_says_why_and_changes_nothing(command, payload, fault):
    twin = loaded()
    before = {region: memory.copy() for region, memory in twin.memories.items()}
    assert ask(twin, command, payload, 77) == (77, ERROR | fault, b"")
    for region, memory in twin.memories.items():
        np.testing.assert_array_equal(memory, before[region])
    assert twin.loaded


def test_a_read_of_the_longest_answer_is_served():
    _, status, payload = ask(DeviceTwin(geometry()), Command.READ, write(Region.STATE, 0, b"\x7e"))
    assert (status, len(payload)) == (Command.READ | REPLY, 252)


@pytest.mark.parametrize("command", [Command.NEW_SEQUENCE, Command.STEP])
def test_nothing_runs_before_a_network_is_complete(command):
    assert ask(DeviceTwin(geometry()), command) == (1, ERROR | Fault.NOT_LOADED, b"")
    twin = loaded()
    ask(twin, Command.COMMIT, commit_payload(False), 99)
    assert ask(twin, command)[1] == ERROR | Fault.NOT_LOADED


def test_a_damaged_short_or_overlong_packet_is_answered_with_sequence_zero():
    twin = loaded()
    wanted = packet(0, ERROR | Fault.PACKET)
    good = packet(55, Command.IDENTIFY)
    assert twin.receive(good[:2] + bytes((good[2] ^ 1,)) + good[3:]) == wanted
    assert twin.receive(b"\xc0abc\xc0") == wanted
    assert twin.receive(packet(1, Command.WRITE, bytes(253))) == wanted
    assert twin.receive(b"\xc0\xc0\xc0\xc0") == b""
    assert ask(twin, Command.IDENTIFY)[1] == Command.IDENTIFY | REPLY


def test_memories_hold_what_hardware_would():
    twin, x = loaded(), walk(7, 5)
    for number, values in enumerate(x):
        ask(twin, Command.STEP, values.astype("<i2").tobytes(), number)
    _, model = golden(NET, x)
    placed = build_image(NET, geometry()).placement.layers[0]
    *_, words = ask(
        twin, Command.READ, write(Region.ACCUMULATORS, placed.accumulator_base, b"\x10")
    )
    # Blocks are taken in pairs: two passes of the first two.
    wanted = model.layers[0].m[0, :2, :8].reshape(-1)
    np.testing.assert_array_equal(np.frombuffer(words, "<i4"), wanted)
    *_, words = ask(twin, Command.READ, write(Region.STATE, placed.h_base, b"\x0c"), 2)
    np.testing.assert_array_equal(np.frombuffer(words, "<i2"), model.layers[0].h[0])
    *_, words = ask(twin, Command.READ, write(Region.REFERENCES, placed.h_segment, b"\x0c"), 3)
    np.testing.assert_array_equal(np.frombuffer(words, "<i2"), model.layers[0].reference_h[0])


def test_a_write_makes_every_layer_be_evaluated_again():
    twin = loaded(network(5, 12, 3, kinds=("linear", "linear")))
    skipped = twin.memories[Region.COUNTERS].view("<u4").reshape(-1)[Counter.SKIPPED_LAYERS :]
    for number in range(5):
        ask(twin, Command.STEP, bytes(10), number)
    before = int(skipped[0])
    ask(twin, Command.STEP, bytes(10), 60)
    assert skipped[0] == before + 2
    word = twin.memories[Region.TABLE][7].tobytes()
    ask(twin, Command.WRITE, write(Region.TABLE, 7, word), 61)
    ask(twin, Command.STEP, bytes(10), 62)
    assert skipped[0] == before + 2


def test_a_counter_that_is_full_stays_as_it_is():
    twin = loaded()
    counters = twin.memories[Region.COUNTERS].view("<u4").reshape(-1)
    counters[Counter.IDLE_CYCLES] = COUNTER_FULL - 1
    for number in range(3):
        ask(twin, Command.STEP, bytes(10), number)
    kept = counters[Counter.IDLE_CYCLES]
    assert kept == COUNTER_FULL - 1 + STEP_OVERHEAD
    assert counters[Counter.STEP_CYCLES] > 0


def test_a_break_drops_half_a_packet():
    twin, whole = loaded(), packet(3, Command.IDENTIFY)
    assert twin.receive(packet(2, Command.STEP, bytes(10))[:7]) == b""
    twin.restart()
    (body,) = PacketCollector(99).feed(twin.receive(whole[1:]))
    assert check(body)[:2] == (3, Command.IDENTIFY | REPLY)
