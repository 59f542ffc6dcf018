"""An accelerator as source files for other people's projects."""

from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np

from thresh.data.inputs import load_inputs
from thresh.exports.clip import Clip, clip_of, walk
from thresh.exports.folder import contents
from thresh.exports.shells import SHELLS
from thresh.hw.serial_line import check_baud
from thresh.layout.image import Image
from thresh.layout.link import DEFAULT_BAUD
from thresh.model.files import write_atomically
from thresh.model.given import flag, one_of, real, whole
from thresh.model.network import Network
from thresh.reports.sources import Sources

SHIPPED = "seven.wav"
"""The recording that networks hear which hear recordings."""


def example_clip(network: Network) -> Clip:
    """A clip for the benches: the shipped recording, or a random walk for other inputs."""
    if not network.front_end:
        return clip_of(network, walk(network), "a random walk")
    with as_file(files("thresh.examples") / SHIPPED) as path:
        try:
            (heard,) = load_inputs(path, network)
        except ValueError:
            return clip_of(network, walk(network), "a random walk")
    return clip_of(network, heard.x, SHIPPED)


def write_sources(
    image: Image,
    folder: Path,
    *,
    shell: str = "uart",
    clips: Sequence[np.ndarray] | None = None,
    clock_mhz: float = 48.0,
    baud: int = DEFAULT_BAUD,
    preload: bool = False,
    memory_files: bool = True,
    command: str = "Accelerator.write_verilog",
) -> Sources:
    """Write a folder that stands by itself; see `thresh.exports.folder.contents`.

    Parameters
    ----------
    image : Image
    folder : Path
    shell : str
        One of `thresh.exports.shells.SHELLS`.
    clips : sequence of one ndarray of int, shape (frames, inputs), or None
        What the benches run; None: `example_clip`.
    clock_mhz : float
        Clock of the accelerator, by which its serial line is timed.
    baud : int
        Bits per second of that line.
    preload : bool
        Memories hold the network from power-up.
    memory_files : bool
        Memories begin with ``.mem`` files; otherwise their words stand in the Verilog.
    command : str
        What the files say that made them.

    Raises
    ------
    ValueError
        When there is no such shell, the clock cannot time the serial line, or the clip is none.
    OSError
        When the folder cannot be written.
    """
    one_of("shell", shell, tuple(SHELLS))
    clock_hz = real("clock_mhz", clock_mhz, above=0) * 1e6
    if shell == "uart":
        check_baud(clock_hz, whole("baud", baud, 1))
    if clips is not None and len(clips) != 1:
        raise ValueError(f"clip must be one sequence, not {len(clips)}")
    chosen, network = SHELLS[shell], image.network
    clip = clip_of(network, clips[0], "a clip") if clips else example_clip(network)
    found = contents(
        image, chosen, clip, clock_hz=clock_hz, baud=baud, preload=flag("preload", preload),
        apart=flag("memory_files", memory_files), command=command,
    )  # fmt: skip
    for name, text in found.items():
        write_atomically(folder / name, text)
    return Sources(
        folder=folder,
        image=image,
        shell=shell,
        top=chosen.top,
        sizes={name: len(text) for name, text in found.items()},
        lines=str(found[f"{chosen.top}.v"]).count("\n"),
    )
