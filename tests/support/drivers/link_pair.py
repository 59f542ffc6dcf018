"""The accelerator in the Amaranth simulator and its twin, asked the same, packet by packet."""

from dataclasses import dataclass

import numpy as np
from byte_line import ByteLine
from link_bench import geometry, network

from thresh.host.client import Client
from thresh.host.transport import DirectTransport
from thresh.layout.image import build_image
from thresh.layout.link import (
    ERROR,
    REPLY,
    Command,
    Fault,
    PacketCollector,
    check,
    commit_payload,
    packet,
)
from thresh.layout.memories import read_map
from thresh.sim.device_twin import DeviceTwin
from thresh.sim.observation import used_words

SHAPE = geometry()
NET = network(5, 12, 3)
IMAGE = build_image(NET, SHAPE)
PLAN = read_map(IMAGE.table, IMAGE.header, SHAPE)
USED = used_words(PLAN)
GRU = PLAN.layers[0]


@dataclass
class Pair:
    """The accelerator and its twin, asked the same."""

    line: ByteLine
    twin: DeviceTwin
    nonce: int = 0

    def both(self, data):
        """Send ``data`` to both; the answers, which must be equal but for the cycles of a step."""
        came, wanted = (answers(device, data, self.nonce) for device in (self.line, self.twin))
        assert came == wanted
        return came

    def packet(self, sequence, command, payload=b""):
        """As `thresh.layout.link.packet`, of the host that both listen to."""
        nonce = 0 if command == Command.IDENTIFY else self.nonce
        return packet(sequence, command, payload, nonce)

    def ask(self, command, payload=b"", sequence=1):
        """The only answer to a packet."""
        (answer,) = self.both(self.packet(sequence, command, payload))
        return answer


def answers(device, data, nonce=0):
    """(sequence, status, payload) of all answers; the cycles of a step are not the twin's."""
    found = []
    for body in PacketCollector(999).feed(device.receive(data)):
        plain = body[1] == ERROR | Fault.PACKET
        sequence, status, payload = check(body, 0 if plain else nonce)
        found.append((sequence, status, payload[4:] if status == Command.STEP | REPLY else payload))
    return found


def commit(pair, complete, other=0):
    return commit_payload(complete, pair.twin._written ^ other)


def place(region, address, rest=b""):
    return bytes((region,)) + address.to_bytes(2, "little") + rest


def values(numbers):
    return np.asarray(numbers, "<i2").tobytes()


def make_pair(monkeypatch):
    """Both hold the network, in the first step of a sequence."""
    line, twin = ByteLine(SHAPE, monkeypatch, image=IMAGE), DeviceTwin(SHAPE)
    Client(DirectTransport(twin)).load(IMAGE)
    twin._written = 0
    pair = Pair(line, twin)
    pair.ask(Command.IDENTIFY, b"", 250)
    pair.ask(Command.NEW_SEQUENCE, b"", 251)
    return pair
