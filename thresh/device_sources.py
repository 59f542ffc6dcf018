"""Where the frames of a device come from: a board behind a serial port, or a simulated one."""

import contextlib
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from thresh.audio.chain import read_microphone, read_spotter
from thresh.host.device_client import DeviceClient, FrameCounter
from thresh.host.errors import LinkError
from thresh.host.transport import SerialTransport
from thresh.hw.device_boards import find_device_board
from thresh.layout.device.shape import kind_of
from thresh.layout.device_link import BAUD, FrameReport, Identity
from thresh.layout.flash_slots import BootResult
from thresh.model.network import Network as Integers
from thresh.reports.device.live import LiveFrame
from thresh.sim.device.golden import GoldenDevice, joined, list_columns
from thresh.sim.device.recording import Recording
from thresh.sim.device.trace import DeviceTrace, heard_of

PIECE = 10
"""Frames that the golden device is given at a time."""


class Source(AbstractContextManager["Source"]):
    """Where frames come from, by ``name``; a context manager.

    ``clock_hz`` is the core's, where it is known.
    """

    network: Integers | None
    name: str
    clock_hz: float | None = None

    @property
    def lost(self) -> int:
        """Frames that were left out."""
        return 0

    @abstractmethod
    def frames(self, keep_on: Callable[[], bool]) -> Iterator[LiveFrame]:
        """Frames as they come, while ``keep_on``."""

    @abstractmethod
    def recording(self) -> Recording:
        """All that came."""

    def close(self) -> None:
        """End it; a simulated one has nothing to end."""

    def __exit__(self, *error: object) -> None:
        self.close()


class BoardSource(Source):
    """Frames of a board; leaving the context ends the reports and closes the port.

    Parameters
    ----------
    port : str or transport
        As `thresh.connection.Connection`.
    network : `thresh.model.network.Network` or None
        What the board holds, for names and scores.
    thresholds : dict of int
        By class; the board is told them.
    timeout : float
        Seconds to wait for an answer.

    Raises
    ------
    ValueError
        When nothing answers, the board holds no network, or another one than ``network``, or has
        no class of a threshold.
    """

    def __init__(
        self, port: Any, network: Integers | None, *,
        thresholds: Mapping[int, int] = MappingProxyType({}), timeout: float = 1.0,
    ) -> None:  # fmt: skip
        opened = not hasattr(port, "flush_input")
        self._transport = SerialTransport(port, BAUD) if opened else port
        self.name = str(getattr(self._transport, "name", port))
        self.client = DeviceClient(self._transport, timeout=timeout)
        self.network = network
        self._counter = FrameCounter()
        self._reports: list[FrameReport] = []
        try:
            self.identity = self.client.identify()
            _refuse(self.identity, network, thresholds)
            for label, threshold in thresholds.items():
                self.client.set_threshold(label, threshold)
            self.client.listen(True)
        except BaseException:
            self.close()
            raise

    @property
    def lost(self) -> int:
        """Frames that the board left out."""
        return self._counter.lost

    def frames(self, keep_on: Callable[[], bool]) -> Iterator[LiveFrame]:
        """Frames as they come, while ``keep_on``."""
        spotter = read_spotter(self.network) if self.network else None
        stream = spotter.stream() if spotter else None
        for said in self.client.heard(keep_on):
            if not isinstance(said, FrameReport):
                continue
            number = self._counter.number(said)
            outputs = np.array(said.outputs, np.int64)
            if stream is not None:
                stream.step(outputs)
                outputs = stream.scores.copy()
            if not self.lost:
                self._reports.append(said)
            yield LiveFrame(
                number=number, features=np.array(said.features, np.int64),
                events=np.array(said.events, np.int64), scores=outputs, best=said.label,
                score=said.score, heard=said.heard, cycles=said.cycles if number else None,
            )  # fmt: skip

    def recording(self) -> Recording:
        """All frames before the first that was lost."""
        reports = self._reports
        events = _rows([one.events for one in reports])
        if self.network is not None:
            whole = np.zeros((len(reports), len(self.network.layers) + 1), np.int64)
            whole[:, list_columns(self.network)] = events
            events = whole
        heard = [(n, one.label) for n, one in enumerate(reports) if one.heard]
        trace = DeviceTrace(
            features=_rows([one.features for one in reports]),
            events=events,
            outputs=_rows([one.outputs for one in reports]),
            best=np.array([one.label for one in reports], np.int64),
            score=np.array([one.score for one in reports], np.int64),
            heard=heard_of(heard),
        )
        cycles = np.array([one.cycles for one in reports], np.int64)
        return Recording(trace=trace, cycles=cycles, network=self.network)

    def close(self) -> None:
        """Turn the reports off and close the port."""
        with contextlib.suppress(LinkError):  # of a board that is gone
            if hasattr(self, "identity"):
                self.client.listen(False)
        if hasattr(self._transport, "close"):
            self._transport.close()


class GoldenSource(Source):
    """Frames of the golden device.

    Parameters
    ----------
    network : `thresh.model.network.Network`
        With a front end, a microphone and a decision.
    stimulus : ndarray of int
        What its microphone says.
    name : str
        Of the recording.

    Raises
    ------
    ValueError
        When the network lacks a part of the chain.
    """

    network: Integers

    def __init__(self, network: Integers, stimulus: np.ndarray, *, name: str) -> None:
        self.network, self.stimulus, self.name = network, stimulus, name
        self._device = GoldenDevice(network)
        self._pieces = [self._device.take(stimulus[:0])]
        self._taken = 0

    def frames(self, keep_on: Callable[[], bool]) -> Iterator[LiveFrame]:
        """Frames until the recording is over, while ``keep_on``."""
        piece = PIECE * self._device.front_end.hop * self._device.per_sample
        first = 0
        while keep_on() and self._taken < len(self.stimulus):
            taken = self.stimulus[self._taken : self._taken + piece]
            self._taken += len(taken)
            trace = self._device.take(taken)
            self._pieces.append(trace)
            yield from live_frames(trace, self.network, first)
            first += trace.frames

    def recording(self) -> Recording:
        """All that was taken."""
        return Recording(
            trace=joined(self._pieces), stimulus=self.stimulus[: self._taken], network=self.network
        )


class CompiledSource(Source):
    """Frames of the simulated device of a board, all at once.

    Parameters
    ----------
    network : `thresh.model.network.Network`
        With a front end, a microphone and a decision.
    stimulus : ndarray of int
        What its microphone says.
    name : str
        Of the recording.
    folder : Path
        For the compiled simulator.
    board : str
        Whose device it is.

    Raises
    ------
    ValueError
        When the network does not fit the board's device, or a tool is missing.
    """

    network: Integers

    def __init__(
        self, network: Integers, stimulus: np.ndarray, *, name: str, folder: Path, board: str
    ) -> None:
        from .simulation import SimulatedDevice

        microphone = read_microphone(network)
        if microphone is None:
            raise ValueError(f"{network.name} names no microphone, so it cannot be a device")
        device = find_device_board(board)
        self.network, self.name = network, name
        self.clock_hz = device.core_hz
        self.run = SimulatedDevice(device, network, kind_of(microphone), folder).run(stimulus)

    def frames(self, keep_on: Callable[[], bool]) -> Iterator[LiveFrame]:
        """All frames, while ``keep_on``."""
        for frame in live_frames(self.run.trace, self.network, 0, self.run.cycles):
            if not keep_on():
                return
            yield frame

    def recording(self) -> Recording:
        """All that was simulated, with the silence behind it."""
        return Recording(
            trace=self.run.trace, cycles=self.run.cycles, stimulus=self.run.stimulus,
            network=self.network,
        )  # fmt: skip


def live_frames(
    trace: DeviceTrace, network: Integers, first: int = 0, cycles: np.ndarray | None = None
) -> list[LiveFrame]:
    """Frames of a trace whose first one has the number ``first``."""
    stages, lists = trace.stages, list_columns(network)
    heard = set(stages["heard"][:, 0].tolist())
    return [
        LiveFrame(
            number=first + row,
            features=stages["features"][row],
            events=stages["events"][row, lists],
            scores=stages["scores"][row],
            best=int(stages["best"][row]),
            score=int(stages["score"][row]),
            heard=first + row in heard,
            cycles=int(cycles[row]) if cycles is not None and first + row else None,
        )
        for row in range(trace.frames)
    ]


def _refuse(identity: Identity, network: Integers | None, thresholds: Mapping[int, int]) -> None:
    """Raise ValueError when a board cannot be listened to, or holds another network."""
    if identity.result == BootResult.NONE:
        raise ValueError(
            "The board found no whole network in its flash: write one with `thresh flash BOARD "
            "--network MODEL`"
        )
    if network is None:
        if missing := [label for label in thresholds if label >= identity.classes]:
            raise ValueError(
                f"The board's network has {identity.classes} classes, so none is {missing[0]}"
            )
        return
    holds = (identity.bands, identity.classes, identity.layers)
    wanted = (network.inputs, network.outputs, len(network.layers))
    if holds != wanted:
        raise ValueError(
            f"The board holds a network of {holds[0]} bands, {holds[1]} classes and {holds[2]} "
            f"layers, and {network.name} has {wanted[0]}, {wanted[1]} and {wanted[2]}"
        )


def _rows(values: list[tuple[int, ...]]) -> np.ndarray:
    return np.array(values, np.int64).reshape(len(values), -1 if values else 0)
