"""Bad packets: every one is answered as by the twin, and none changes anything.

Damaged, cut, doubled and overlong packets, noise, packets of another host, commands and lengths
that do not exist, addresses behind every memory, layer tables that are no network's; and good ones
between them, so that there is something to spoil.
"""

from pathlib import Path

import numpy as np

from thresh.layout.link import (
    END,
    ERROR,
    REPLY,
    Command,
    Fault,
    PacketCollector,
    Region,
    check,
    commit_payload,
    packet,
    slip_encode,
)
from thresh.sim.device_twin import DeviceTwin
from thresh.sim.engines.compiled import CompiledLine
from thresh.sim.engines.serial_engine import DIVISOR

from .campaign import Campaign, Counts, Failed, Opened
from .drawn import bad_tables
from .line import IMAGE, SHAPE, host, library, powered_up, verilog, works

PER_PART = 1000
TABLES_EVERY = 8
"""Parts, of which one has a bad layer table."""
NONCE = 0x1234
ADDRESSES = (0, 5, 7, 31, 127, 128, 255, 256, 511, 512, 1023, 1024, 65535)
SIZES, LONG_SIZES = (0, 1, 2, 4, 8, 10), (64, 248, 249, 250)
LONG = 0.1
"""Of packets; a long one takes the line ten times as long."""

Answer = tuple[int, int, bytes]


def length(random: np.random.Generator) -> int:
    """Of a payload."""
    return int(random.choice(LONG_SIZES if random.random() < LONG else SIZES))


def question(random: np.random.Generator, written: int) -> tuple[int, bytes]:
    """A command and its payload, right in most ways."""
    region = int(random.choice([*Region, 7, 200]))
    head = bytes((region,)) + int(random.choice(ADDRESSES)).to_bytes(2, "little")
    some = bytes(length(random))
    command = int(random.choice([*Command, 2, 3, 4, 6, 6, 6, 0, 7, 255]))
    commits = (
        b"\x01", commit_payload(False), commit_payload(True, written),
        commit_payload(True, written), commit_payload(True, written ^ 1 << int(random.integers(32)))
    )  # fmt: skip
    x = random.integers(-4000, 4000, 5).astype("<i2").tobytes()
    payload = {
        Command.WRITE: head + some if region > Region.HEADER else head,
        Command.READ: head + bytes((int(random.choice([0, 1, 1, 62, 63, 64, 126, 127, 255])),)),
        Command.COMMIT: commits[random.integers(len(commits))],
        Command.STEP: (x, x, x[:8], x + x[:2])[random.integers(4)],
        Command.IDENTIFY: some[:1],
        Command.NEW_SEQUENCE: some[: random.integers(2)],
    }.get(command, some)
    return command, payload


def damaged(random: np.random.Generator, command: int, payload: bytes) -> bytes:
    """A packet that no accelerator may take."""
    sequence = int(random.integers(256))
    data = bytearray(packet(sequence, command, payload, NONCE))
    how, at = (
        random.integers(5) if random.random() > LONG else 5,
        int(random.integers(1, len(data) - 1)),
    )
    if how == 0:
        for place in random.integers(1, len(data) - 1, random.integers(1, 4)):
            data[place] ^= 1 << int(random.integers(8))
    elif how == 1:
        del data[at : at + int(random.integers(1, 4))]
        data[-1:] = bytes((END,))
    elif how == 2:
        data[at:at] = data[at : at + 1]
    elif how == 3:
        most = 300 if random.random() < LONG else 30
        return slip_encode(random.bytes(int(random.integers(1, most))))
    elif how == 4:
        other = int(random.choice([0, NONCE ^ 1 << int(random.integers(16))]))
        command = command if command != Command.IDENTIFY else int(Command.NEW_SEQUENCE)
        return packet(sequence, command, payload, other)
    else:
        return packet(sequence, Command.WRITE, bytes(3) + random.bytes(260), NONCE)
    return bytes(data)


def answers(data: bytes) -> list[Answer]:
    """Status of every answer, with its payload where the twin's is the same."""
    found = []
    for body in PacketCollector(999).feed(data):
        plain = body is not None and body[1] == ERROR | Fault.PACKET
        parts = None if body is None else check(body, 0 if plain else NONCE) or check(body)
        if parts is None:
            raise Failed(f"an answer is damaged: {data.hex()}")
        sequence, status, payload = parts
        if status == Command.STEP | REPLY:
            payload = payload[4:]  # the twin's cycles are not the accelerator's
        elif status == Command.READ | REPLY:
            payload = bytes(len(payload))  # of memories that were never written
        found.append((sequence, status, payload))
    return found


class Both:
    """An accelerator and its twin, asked the same.

    Parameters
    ----------
    line : CompiledLine
    """

    def __init__(self, line: CompiledLine) -> None:
        self.line, self.twin = line, DeviceTwin(SHAPE, clock_khz=1000 * DIVISOR)
        self.counts: Counts = dict.fromkeys(("packets", "bad_packets", "integers", "bad_tables"), 0)

    def ask(self, data: bytes) -> list[Answer]:
        """Send ``data``; the answers, which must be equal."""
        bodies = len([part for part in data.split(bytes((END,))) if part])
        came, wanted = answers(self.line.receive(data)), answers(self.twin.receive(data))
        # What arrives while an answer is on its way is dropped.
        equal = came == wanted if bodies < 2 else all(one in wanted for one in came)
        if not equal:
            raise Failed(f"{data.hex()} is answered with {came}, by the twin with {wanted}")
        self.counts["packets"] += 1
        self.counts["bad_packets"] += any(status & 0xF0 == ERROR for _, status, _ in wanted)
        return came

    def load(self, nonce: int) -> None:
        """The network into both."""
        for device in (self.line, self.twin):
            client = host(device, nonce)
            client.load(IMAGE)
            client.new_sequence()


def bad_table(both: Both, number: int) -> None:
    """A layer table that is no network's: steps and new sequences are answered all the same."""
    faults = list(bad_tables.FAULTS)
    image, table, header = bad_tables.bad_table(faults[number % len(faults)], number, SHAPE)
    for device in (both.line, both.twin):
        client = host(device, NONCE)
        client.commit(False)
        client.write(Region.WEIGHTS, 0, image.weights)
        client.write(Region.TABLE, 0, table.astype("<u2").view(np.uint8))
        client.write(Region.HEADER, 0, header.astype("<u2").view(np.uint8))
        client.commit(True)
    inputs = int(header[0]) % SHAPE.value_depth + 1
    for sequence, (command, payload) in enumerate(
        [
            (Command.NEW_SEQUENCE, b""),
            (Command.STEP, bytes(2 * inputs)),
            (Command.IDENTIFY, b"\0\0"),
        ]
    ):
        data = packet(sequence, command, payload, 0 if command == Command.IDENTIFY else NONCE)
        came, wanted = (answers(device.receive(data)) for device in (both.line, both.twin))
        if [one[:2] for one in came] != [one[:2] for one in wanted]:
            raise Failed(f"bad table {number}: {command.name} is answered with {came}")
    both.counts["bad_tables"] += 1


def part(compiled: Path, number: int) -> Counts:
    """So many packets behind a power-up, then a network that must run."""
    random = np.random.default_rng([1, number])
    with powered_up(compiled, number) as line:
        both = Both(line)
        both.load(NONCE)
        for _ in range(PER_PART):
            command, payload = question(random, both.twin._written)
            if random.random() < 0.6:
                data = damaged(random, command, payload)
            elif command == Command.IDENTIFY and len(payload) == 0:
                data = packet(3, command, NONCE.to_bytes(2, "little"))
            else:
                nonce = 0 if command == Command.IDENTIFY else NONCE
                data = packet(int(random.integers(4)), command, payload, nonce)
            both.ask(data)
        if number % TABLES_EVERY == 0:
            bad_table(both, number // TABLES_EVERY)
        both.counts["integers"] += works(host(line, 1 + number % 1000), number)
    return both.counts


def opened(folder: Path) -> Opened:
    """Ready to run."""
    source = verilog()
    compiled = library(source, folder)
    return Opened(source=source, part=lambda number: part(compiled, number))


PACKETS = Campaign(about=__doc__, unit="bad_packets", wanted=1_000_000, open=opened)
