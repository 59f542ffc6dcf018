"""A device that hears, listened to: a board behind a serial port, or a simulated one."""

from collections.abc import Sequence
from pathlib import Path

from thresh.audio.chain import read_features, read_microphone, read_spotter
from thresh.data.stimulus import stimulus_of
from thresh.model.decision import class_names
from thresh.model.network import MAX_LAYERS
from thresh.model.network import Network as Integers
from thresh.reports.device.listening import Listening
from thresh.reports.device.live import LiveFrame, LiveView
from thresh.sim.device.golden import device_parts, list_columns

from .device_sources import BoardSource, GoldenSource

RATE = 100.0
"""Frames per second where no network says."""

ENGINES = ("golden", "compiled")
"""What simulates a device: its golden twin, or its gateware through the pins."""

Source = BoardSource | GoldenSource


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
    return GoldenSource(network, stimulus, name=path.name)


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
