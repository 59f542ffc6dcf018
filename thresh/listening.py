"""A device that hears, listened to; and recordings of it, run again."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isfinite
from pathlib import Path

from thresh.audio.chain import read_features, read_microphone, read_spotter
from thresh.audio.spotter import MOST_CLASSES
from thresh.data.stimulus import stimulus_of
from thresh.model.decision import class_names
from thresh.model.files import BUILDS
from thresh.model.network import MAX_LAYERS
from thresh.model.network import Network as Integers
from thresh.model.untrusted import shown
from thresh.reports.device.listening import Listening
from thresh.reports.device.live import LiveFrame, LiveView
from thresh.reports.device.replay import Compared, Replay
from thresh.sim.device.golden import device_parts, list_columns
from thresh.sim.device.recording import Recording, golden_of
from thresh.sim.device.trace import DeviceTrace, first_difference, integers_compared

from .device_sources import CompiledSource, GoldenSource, Source
from .network import Network
from .progress import Progress, told
from .simulation import run_simulation

BEGINS = ("samples", "features")
"""Stages from which a recording without bits is run again, the first that it holds."""

BOARD = "icebreaker"
"""Whose device is simulated."""

FOLDER = BUILDS / "sim"
"""For compiled simulators."""

RATE = 100.0
"""Frames per second where no network says."""

ENGINES = ("golden", "compiled")
"""What simulates a device: its golden twin, or its gateware through the pins."""


def read_thresholds(given: Sequence[str], network: Integers | None) -> dict[int, int]:
    """Thresholds by class, of ``WORD=VALUE`` as `live_view` shows both.

    Parameters
    ----------
    given : sequence of str
        A word is a class's name, a value a score; without a network its number and an integer.
    network : `thresh.model.network.Network` or None

    Raises
    ------
    ValueError
        When one is no such pair, or has no room.
    """
    names = class_names(network) if network else tuple(map(str, range(MOST_CLASSES)))
    scale = 1 << network.output_frac if network else 1
    found = {}
    for pair in given:
        word, _, text = pair.rpartition("=")
        if word not in names:
            known = shown(", ".join(names), 200) if network else f"0 to {MOST_CLASSES - 1}"
            raise ValueError(
                f"A threshold is WORD=VALUE with one of {known}, not {shown(pair, 60)!r}"
            )
        try:
            value = float(text) * scale
        except ValueError:
            value = float("nan")
        if not isfinite(value) or not -0x8000 <= round(value) < 0x8000:
            raise ValueError(
                f"The threshold of {word} is a number from {-0x8000 / scale:g} to "
                f"{0x7FFF / scale:g}, not {shown(text, 40)!r}"
            )
        found[names.index(word)] = round(value)
    return found


def with_thresholds(network: Integers, thresholds: Mapping[int, int]) -> Integers:
    """``network`` with other thresholds of some classes; ValueError when it decides nothing."""
    if not thresholds:
        return network
    _, spotter = device_parts(network)
    values = [thresholds.get(label, value) for label, value in enumerate(spotter.thresholds)]
    return replace(network, spotter=replace(spotter, thresholds=tuple(values)).to_dict())


def simulated(network: Integers, path: Path, engine: str, array: str | None = None) -> Source:
    """A simulated device that hears a file.

    Parameters
    ----------
    network : `thresh.model.network.Network`
    path : Path
        As `thresh.data.stimulus.stimulus_of`.
    engine : str
        One of `ENGINES`.
    array : str, optional
        Which array of a ``.npz``.

    Raises
    ------
    ValueError, OSError
        When the network is no device's, or the file cannot be heard.
    """
    front_end, _ = device_parts(network)
    microphone = read_microphone(network)
    if microphone is None:
        raise ValueError(f"{network.name} names no microphone, so it cannot be a device")
    stimulus, _ = stimulus_of(path, microphone, front_end.rate, array)
    if engine == "golden":
        return GoldenSource(network, stimulus, name=path.name)
    return CompiledSource(network, stimulus, name=path.name, folder=FOLDER, board=BOARD)


def live_view(source: Source) -> LiveView:
    """A view that is to show the frames of ``source``."""
    network = source.network
    if network is None:
        return LiveView(
            title=source.name,
            classes=(),
            lists=_lists(range(MAX_LAYERS + 1)),
            input_frac=12,
            output_frac=0,
        )
    spotter = read_spotter(network)
    return LiveView(
        title=f"{network.name} on {source.name}",
        classes=class_names(network),
        lists=_lists(list_columns(network)),
        input_frac=network.layers[0].x_frac,
        output_frac=network.output_frac,
        thresholds=spotter.thresholds if spotter else None,
        rate=frame_rate(network),
        clock_hz=source.clock_hz,
    )


def listening(source: Source, heard: list[LiveFrame], frames: int) -> Listening:
    """What ``source`` was heard to say.

    Parameters
    ----------
    source : Source
    heard : list of LiveFrame
        Those that announced a word.
    frames : int
        All that came.
    """
    return Listening(
        source=source.name,
        recording=source.recording(),
        heard=tuple((frame.number, frame.best, frame.score) for frame in heard),
        frames=frames,
        lost=source.lost,
        rate=frame_rate(source.network),
        clock_hz=source.clock_hz,
    )


def frame_rate(network: Integers | None) -> float:
    """Frames per second of a network's front end; `RATE` where nobody knows."""
    front_end = read_features(network) if network else None
    return front_end.rate / front_end.hop if front_end else RATE


def _lists(columns: Sequence[int]) -> list[str]:
    return [f"layer {column - 1}" if column else "inputs" for column in columns]


def replay(
    path: Path,
    network: Integers | None = None,
    *,
    gateware: bool = True,
    folder: Path = FOLDER,
    progress: Progress = None,
) -> Replay:
    """Run a recording of ``thresh listen`` through the golden model and the gateware.

    Parameters
    ----------
    path : Path
    network : `thresh.model.network.Network`, optional
        Instead of the one that the recording holds.
    gateware : bool
        Simulate it too.
    folder : Path
        For the compiled simulator.
    progress : callable or bool, optional
        Told how many steps of how many are done; True shows a bar.

    Raises
    ------
    ValueError, OSError
        When the file is no recording, or nobody says of which network.
    """
    recording = Recording.load(path)
    network = network or recording.network
    if network is None:
        raise ValueError(f"{path.name} does not hold the network that was heard: name its MODEL")
    golden = golden_of(recording, network)
    if not golden.frames:
        raise ValueError(f"{path.name} holds no whole frame to run again")
    compared = [_compared("the recording", golden, recording.trace)]
    if gateware and recording.stimulus is not None:
        source = CompiledSource(
            network, recording.stimulus, name=path.name, folder=folder, board=BOARD
        )
        compared.append(
            Compared(
                name="the simulated device",
                integers=source.run.integers,
                first_difference=source.run.first_difference,
            )
        )
    elif gateware:
        compared.append(_simulated(network, golden, folder, progress))
    return Replay(
        name=path.name,
        network=network.name,
        begins=_begin(recording),
        frames=golden.frames,
        compared=tuple(compared),
    )


def _begin(recording: Recording) -> str:
    if recording.stimulus is not None:
        return "the microphone"
    return next(name for name in BEGINS if name in recording.trace.stages)


def _compared(name: str, golden: DeviceTrace, other: DeviceTrace) -> Compared:
    return Compared(
        name=name,
        integers=integers_compared(golden, other),
        first_difference=first_difference(golden, other, ("the golden model", name)),
    )


def _simulated(
    network: Integers, golden: DeviceTrace, folder: Path, progress: Progress
) -> Compared:
    geometry = Network(network).compile().geometry
    with told(progress, "simulating") as update:
        found = run_simulation(
            network, [golden.stages["features"]], geometry,
            engine="compiled", folder=folder, update=update,
        ).result  # fmt: skip
    return Compared(
        name="the simulated core",
        integers=found.integers_compared,
        first_difference=found.first_difference,
    )
