"""A pure-Python twin of the accelerator behind its serial link."""

from collections.abc import Callable

import numpy as np

from thresh.layout.geometry import Geometry
from thresh.layout.link import (
    COMMIT_BYTES,
    COUNTER_FULL,
    ERROR,
    IDENTITY_FIELDS,
    MAX_READ_WORDS,
    NONCE_BYTES,
    PACKET_OVERHEAD,
    PROTOCOL,
    REPLY,
    STEP_CYCLES_BYTES,
    VALUE_BYTES,
    WRITE_OVERHEAD,
    Command,
    Counter,
    Fault,
    PacketCollector,
    Region,
    check,
    checksum,
    columns_code,
    packet,
    region_words,
    word_bytes,
)
from thresh.layout.memories import read_map, read_network
from thresh.layout.memory_map import NetworkMap

from .golden import GoldenModel
from .golden_memories import fetch, keep_lists, numbers, store
from .no_network import begin_sequence, found_out, outputs, wanted_inputs

STEP_OVERHEAD = 39
"""Fixed cycles of a step that the twin claims; real ones are the gateware's."""


class Refusal(Exception):
    """A packet that is answered with an error."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.name)
        self.fault = fault


class DeviceTwin:
    """Every byte of the link's protocol, every integer of the memories; no cycles.

    The memories are the truth: STEP runs the golden model on what they hold. Cycle counts are
    only plausible. Where memories hold no network, what was committed is reset and stepped with
    the status that the accelerator answers; what it then computes means nothing, and is left out.

    Parameters
    ----------
    geometry : Geometry
    clock_khz : int
        What IDENTIFY answers.
    """

    def __init__(self, geometry: Geometry, clock_khz: int = 48_000) -> None:
        self.geometry = geometry
        self.clock_khz = clock_khz
        self.loaded = False
        self.executed = 0
        self.memories = {
            region: np.zeros(
                (region_words(region, geometry), word_bytes(region, geometry)), np.uint8
            )
            for region in Region
        }
        self._collector = PacketCollector(geometry.packet_bytes)
        self._nonce, self._written = 0, 0
        self._last: tuple[int, bytes, bytes] | None = None
        self._model: GoldenModel | None = None
        self._plan: NetworkMap | None = None

    def receive(self, data: bytes) -> bytes:
        """Take ``data`` from the line; what the device sends in answer."""
        return b"".join(self._answer(body) for body in self._collector.feed(data))

    def restart(self) -> None:
        """A break on the line: what was received of a packet is dropped."""
        self._collector.restart()

    def _answer(self, body: bytes | None) -> bytes:
        parts = self._check(body) if body is not None else None
        if body is None or parts is None:
            return packet(0, ERROR | Fault.PACKET)
        sequence, code, payload = parts
        if self._last is not None and code != Command.IDENTIFY:
            last, last_check, last_answer = self._last
            if (last, last_check) == (sequence, body[-2:]):
                return last_answer
        commands: dict[int, Callable[[bytes], bytes]] = {
            Command.IDENTIFY: self._identify,
            Command.WRITE: self._write,
            Command.READ: self._read,
            Command.COMMIT: self._commit,
            Command.NEW_SEQUENCE: self._new_sequence,
            Command.STEP: self._step,
        }
        try:
            if code not in commands:
                raise Refusal(Fault.COMMAND)
            reply = commands[code](payload)
            answer = packet(sequence, code | REPLY, reply, self._nonce)
        except Refusal as refusal:
            return packet(sequence, ERROR | refusal.fault, b"", self._nonce)
        self.executed += 1
        self._last = (sequence, body[-2:], answer)
        return answer

    def _check(self, body: bytes) -> tuple[int, int, bytes] | None:
        """As `thresh.layout.link.check`, of a question."""
        return check(body, 0 if body[1:2] == bytes((Command.IDENTIFY,)) else self._nonce)

    def _identify(self, payload: bytes) -> bytes:
        if payload:
            _exactly(payload, NONCE_BYTES)
        self._nonce = int.from_bytes(payload, "little")
        values = vars(self.geometry) | {
            "protocol": PROTOCOL,
            "sparse": columns_code(self.geometry),
            "loaded": self.loaded,
            "clock_khz": self.clock_khz,
        }
        for name in ("weight_depth", "accumulator_depth", "state_depth", "value_depth"):
            values[f"{name}_minus_1"] = values[name] - 1
        fields = (int(values[name]).to_bytes(size, "little") for name, size in IDENTITY_FIELDS)
        return b"".join(fields)

    def _write(self, payload: bytes) -> bytes:
        region, address = self._target(payload, WRITE_OVERHEAD)
        if region == Region.COUNTERS:
            raise Refusal(Fault.RANGE)
        size = word_bytes(region, self.geometry)
        data = payload[WRITE_OVERHEAD:]
        if not data or len(data) % size:
            raise Refusal(Fault.LENGTH)
        words = np.frombuffer(data, np.uint8).reshape(-1, size)
        self._words(region, address, len(words))[:] = words
        self._written = checksum(payload, self._written)
        if self._model is not None:
            for state in self._model.layers:
                state.settled = np.zeros_like(state.settled)
        if region in (Region.WEIGHTS, Region.TABLE, Region.HEADER):
            self._plan = None
        return b""

    def _read(self, payload: bytes) -> bytes:
        _exactly(payload, WRITE_OVERHEAD + 1)
        region, address = self._target(payload, WRITE_OVERHEAD)
        count = payload[WRITE_OVERHEAD]
        size = count * word_bytes(region, self.geometry)
        if not 1 <= count <= MAX_READ_WORDS or size + PACKET_OVERHEAD > self.geometry.packet_bytes:
            raise Refusal(Fault.LENGTH)
        return self._words(region, address, count).tobytes()

    def _target(self, payload: bytes, least: int) -> tuple[Region, int]:
        if len(payload) < least:
            raise Refusal(Fault.LENGTH)
        if payload[0] not in set(Region):
            raise Refusal(Fault.RANGE)
        return Region(payload[0]), int.from_bytes(payload[1:3], "little")

    def _words(self, region: Region, address: int, count: int) -> np.ndarray:
        memory = self.memories[region]
        if address + count > len(memory):
            raise Refusal(Fault.RANGE)
        return memory[address : address + count]

    def _commit(self, payload: bytes) -> bytes:
        _exactly(payload, COMMIT_BYTES)
        complete = bool(payload[0] & 1)
        if complete and int.from_bytes(payload[1:], "little") != self._written:
            raise Refusal(Fault.CHECKSUM)
        self.loaded = complete
        if not complete:
            self._written = 0
        return b""

    def _new_sequence(self, payload: bytes) -> bytes:
        _exactly(payload, 0)
        if not self.loaded:
            raise Refusal(Fault.NOT_LOADED)
        begin_sequence(self.memories, self.geometry)
        if network := self._network():
            network[1].new_sequence()
        return b""

    def _step(self, payload: bytes) -> bytes:
        if not self.loaded:
            raise Refusal(Fault.NOT_LOADED)
        _exactly(payload, VALUE_BYTES * wanted_inputs(self.memories, self.geometry))
        if found_out(self.memories, self.geometry):
            # There is no answer that could be repeated.
            self.loaded, self._last = False, None
            raise Refusal(Fault.NO_NETWORK)
        if not (network := self._network()):
            return (
                STEP_OVERHEAD.to_bytes(STEP_CYCLES_BYTES, "little")
                + outputs(self.memories).tobytes()
            )
        plan, model = network
        x = np.frombuffer(payload, "<i2").astype(np.int64)
        fetch(model, plan, self.memories)
        sent = [int(np.count_nonzero(state.delta_h)) for state in model.layers]
        model.step(x[None])
        store(model, plan, self.memories)
        cycles = self._count(plan, model, sent)
        return cycles.to_bytes(STEP_CYCLES_BYTES, "little") + outputs(self.memories).tobytes()

    def _network(self) -> tuple[NetworkMap, GoldenModel] | None:
        """The network in the memories, if any; new weights or thresholds keep the lists."""
        if self._plan is None or self._model is None:
            table = self.memories[Region.TABLE].view("<u2")
            header = self.memories[Region.HEADER].view("<u2").reshape(-1).tolist()
            try:
                self._plan = read_map(table, header, self.geometry)
                weights = self.memories[Region.WEIGHTS]
                model = GoldenModel(read_network(self._plan, weights))
            except ValueError:
                self._plan = None
                return None
            if self._model is not None:
                keep_lists(self._model, model)
            self._model = model
        return self._plan, self._model

    def _count(self, plan: NetworkMap, model: GoldenModel, sent: list[int]) -> int:
        """Update the counters after a step; its cycles."""
        counters = numbers(self.memories, Region.COUNTERS)
        fired = [int(model.fired_x[0]), *model.fired_h[0].tolist()]
        busy = 0
        for number, layer in enumerate(plan.layers):
            for pass_ in layer.cell.passes:
                events = sent[number] * pass_.hidden + fired[number] * pass_.inputs
                busy += layer.blocks * events
        cycles = busy + STEP_OVERHEAD
        added = np.zeros(len(counters), np.uint32)
        added[Counter.BUSY_CYCLES] = busy
        added[Counter.IDLE_CYCLES] = STEP_OVERHEAD
        added[Counter.SATURATIONS] = int(model.saturations[0])
        added[Counter.SKIPPED_LAYERS] = int(model.skipped[0].sum())
        added[Counter.FIRED : Counter.FIRED + len(fired)] = fired
        counters += np.where(counters < COUNTER_FULL, added, 0).astype(np.uint32)
        counters[Counter.STEP_CYCLES] = cycles
        return cycles


def _exactly(payload: bytes, size: int) -> None:
    if len(payload) != size:
        raise Refusal(Fault.LENGTH)
