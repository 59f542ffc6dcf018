"""A pure-Python twin of a device on its line: it says what the golden device hears."""

import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from thresh.audio.spotter import Spotter
from thresh.layout.device_link import (
    COMMAND_BYTES,
    START,
    DeviceCommand,
    FrameReport,
    Heard,
    Identity,
    encode,
    read_command,
)
from thresh.layout.flash_slots import BootResult
from thresh.model.model_file import description_of
from thresh.model.network import Network
from thresh.sim.device.golden import GoldenDevice, list_columns
from thresh.sim.device.trace import DeviceTrace

CYCLES = 20_000
"""Cycles of a frame that the twin claims; real ones are the gateware's."""


class HearingTwin:
    """Commands in, messages out; no audio passes while nobody polls.

    ``LISTEN`` 1 starts the recording anew. Cycle counts are only plausible.

    Parameters
    ----------
    network : Network
    stimulus : ndarray of int
        What its microphone says; the device is silent when it is over.
    """

    def __init__(self, network: Network, stimulus: np.ndarray) -> None:
        self.network, self.stimulus = network, stimulus
        self.identity = Identity(
            result=BootResult.LOADED, sequence=1, bands=network.inputs, classes=network.outputs,
            layers=len(network.layers), output_frac=network.output_frac,
            network=zlib.crc32(description_of(network).encode()),
        )  # fmt: skip
        self._received = b""
        self._listening = False
        self._frames: Iterator[FrameReport] = iter(())
        self._answers: deque[bytes] = deque()

    def receive(self, data: bytes) -> bytes:
        """Take commands; answers come with `poll`."""
        self._received += data
        while START in self._received:
            self._received = self._received[self._received.index(START) :]
            if len(self._received) < COMMAND_BYTES:
                break
            command = read_command(self._received[:COMMAND_BYTES])
            self._received = self._received[COMMAND_BYTES if command else 1 :]
            if command:
                self._obey(*command)
        return b""

    def poll(self) -> bytes:
        """Answers, or what comes of the next frame."""
        if self._answers:
            return self._answers.popleft()
        report = next(self._frames, None)
        if report is None:
            return b""
        said = encode(report) if self._listening else b""
        if report.heard:
            said += encode(Heard(frame=report.frame, label=report.label, score=report.score))
        return said

    def _obey(self, command: DeviceCommand, index: int, value: int) -> None:
        if command == DeviceCommand.LISTEN:
            self._listening = bool(value)
            self._frames = self._reports() if value else self._frames
        elif command == DeviceCommand.THRESHOLD:
            self._set_threshold(index, value)
        self._answers.append(encode(self.identity))

    def _set_threshold(self, label: int, threshold: int) -> None:
        spotter = Spotter.from_dict(self.network.spotter)
        thresholds = list(spotter.thresholds)
        thresholds[label] = threshold
        changed = replace(spotter, thresholds=tuple(thresholds))
        self.network = replace(self.network, spotter=changed.to_dict())

    def _reports(self) -> Iterator[FrameReport]:
        trace = GoldenDevice(self.network).take(self.stimulus)
        return reports_of(trace, self.network)


def reports_of(trace: DeviceTrace, network: Network) -> Iterator[FrameReport]:
    """What a device reports of the frames of a golden trace."""
    stages = trace.stages
    heard, lists = set(stages["heard"][:, 0].tolist()), list_columns(network)
    rows = zip(
        stages["best"].tolist(), stages["score"].tolist(), stages["events"][:, lists].tolist(),
        stages["features"].tolist(), stages["outputs"].tolist(), strict=True,
    )  # fmt: skip
    for frame, (best, score, events, features, outputs) in enumerate(rows):
        yield FrameReport(
            frame=frame % 256, label=best, score=score, heard=frame in heard, cycles=CYCLES,
            events=tuple(events), features=tuple(features), outputs=tuple(outputs),
        )  # fmt: skip
