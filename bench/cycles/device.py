"""Recordings through the whole device, every integer compared with the golden chain, and cycles.

The compiled iCEBreaker device hears bits of a microphone at its pins: 60 test clips of FSDD, 5 of
each of the twelve keywords, and recordings of a Vesper VM3011 at 4 MHz, with decimator and clock
for them. A case is one power-up, with its clocks in a phase and with drifts and starts of its own.
Data: THRESH_DATA. Results: docs/results/device-clips.json.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bench.measurement import Measurement, Row
from thresh.audio.decimator import Decimator
from thresh.audio.modulator import pdm_bits
from thresh.data.audio_file import clips_in, read_audio
from thresh.gateware.verilog import device_verilog
from thresh.hw.device_boards import DEVICE_BOARDS, shape_for
from thresh.layout.device.image import device_body
from thresh.layout.flash_boot import replacement
from thresh.model.model_file import load_network
from thresh.sim.device.clocks import Clocks
from thresh.sim.device.compiled import CompiledDevice
from thresh.sim.device.trace import first_difference, integers_compared
from thresh.sim.engines.compiled import compile_verilog
from thresh.sim.flash_model import FlashModel
from thresh.simulation import TWINS
from thresh.training.sets.find import find_files, folder_of
from thresh.training.sets.fsdd import data_directory, load_fsdd
from thresh.training.sets.keywords import CLASSES, ORIGIN

BOARD = DEVICE_BOARDS["icebreaker"]
CLIPS = 60
RECORDED = "https://github.com/eldrickm/wakey_wakey"
PDM_HZ = 4_000_000
"""Bits per second of the real recordings."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is heard, by which network.

    Parameters
    ----------
    network : str
        In ``examples``, without suffix.
    clips : callable
        Samples, or packed bits.
    bit_hz : int
    """

    network: str
    clips: Callable[[], list[np.ndarray]]
    bit_hz: int = 2_000_000


def fsdd_clips() -> list[np.ndarray]:
    """Every fifth clip of the test split."""
    recordings = load_fsdd(data_directory(), "test")
    return [one.pcm for one in recordings[:: len(recordings) // CLIPS][:CLIPS]]


def keyword_clips() -> list[np.ndarray]:
    """The first clips of each class."""
    home = folder_of(None, "keywords", CLASSES, ORIGIN)
    paths = [path for name in CLASSES for path in clips_in(home / name)[: CLIPS // len(CLASSES)]]
    return [read_audio(path, 8000)[0] for path in paths]


def pdm_recordings() -> list[np.ndarray]:
    """What a real microphone said."""
    (path,) = find_files(None, "pdm", ("vm3011_4mhz.npz",), RECORDED)
    with np.load(path) as recordings:
        return [recordings[name] for name in sorted(recordings.files)]


def bits_of(clip: np.ndarray) -> np.ndarray:
    """What a microphone says of samples, or has said."""
    if clip.dtype == np.int16:
        return pdm_bits(clip, Decimator().bits_per_sample)
    return np.unpackbits(clip)


SETS = {
    "fsdd": Case(network="digits-gru128-magnitude", clips=fsdd_clips),
    "pdm": Case(network="digits-gru128-magnitude", clips=pdm_recordings, bit_hz=PDM_HZ),
    "keywords": Case(network="digits-gru128-magnitude", clips=keyword_clips),
}

RUNS = {"fsdd": 6, "pdm": 4, "keywords": 6}
"""Power-ups over which the clips of a set are spread."""

CASES = {
    f"{name}-{number}": (case, number, RUNS[name])
    for name, case in SETS.items()
    for number in range(RUNS[name])
}


class Heard:
    """One network in one device.

    Parameters
    ----------
    case : Case
    folder : Path
        For compiled simulators.
    """

    def __init__(self, case: Case, folder: Path) -> None:
        self.case = case
        network = load_network(f"examples/{case.network}.safetensors")
        shape = shape_for(BOARD, network, "pdm")
        if case.bit_hz != 2_000_000:
            microphone = Decimator(ratio=case.bit_hz // 16_000)
            network = replace(network, microphone=microphone.to_dict())
            shape = replace(shape, microphone=microphone)
        layout = BOARD.layout(shape)
        chip = FlashModel(layout.end)
        body = device_body(network, shape, layout)
        chip.run(replacement(bytes(chip.array), layout, body))
        text = device_verilog(
            shape=shape, layout=layout, primitives=TWINS[BOARD.board.family],
            flash_divisor=BOARD.flash_divisor, wake_cycles=BOARD.wake_cycles,
        )  # fmt: skip
        self.network, self.flash = network, bytes(chip.array)
        self.library = compile_verilog(text, "thresh_device", folder)

    def run(self, clips: list[np.ndarray], seed: int) -> Row:
        """Power up, hear clips one behind the other, compare."""
        period = round(1e12 / self.case.bit_hz)
        random = np.random.default_rng(seed)
        clocks = Clocks(
            audio_period=period, audio_spread=period // 10_000,
            core_period=round(1e12 / BOARD.core_hz), core_spread=round(1e11 / BOARD.core_hz),
            phase=int(random.integers(0, period)), seed=seed,
        )  # fmt: skip
        with CompiledDevice(self.library, self.flash, clocks=clocks) as device:
            device.boot()
            device.hear(np.concatenate(clips))
            device.rest()
            golden, trace = device.golden(self.network), device.trace(self.network)
            pins = [one.pin - one.decided for one in device.announcements if one.pin > 0]
            cycles = device.cycles[1:]
            return {
                "clips": len(clips),
                "bits": len(device.said),
                "samples": len(trace.samples),
                "frames": trace.frames,
                "words": len(trace.heard),
                "integers": integers_compared(golden, trace),
                "first_difference": first_difference(golden, trace),
                "mean_cycles": round(float(cycles.mean())),
                "most_cycles": int(cycles.max()),
                "pin_us": round(1e6 * max(pins, default=0.0), 2),
            }


def measure(run: tuple[Case, int, int], folder: Path) -> Iterator[Row]:
    """One row: what one power-up heard, every sixth clip of a set or so."""
    case, number, runs = run
    clips = list(map(bits_of, case.clips()[number::runs]))
    yield {
        "network": case.network,
        "bit_hz": case.bit_hz,
        "core_hz": round(BOARD.core_hz),
        **Heard(case, folder).run(clips, seed=number + 1),
    }


DEVICE = Measurement(
    about=__doc__,
    module="bench.cycles.device",
    result="device-clips",
    cases=CASES,
    measure=measure,
    say=lambda row: (
        f"{row['clips']} clips, {row['integers']:,} integers, "
        f"{row['first_difference'] or 'all equal'}, "
        f"{row['mean_cycles']:,} cycles a frame, {row['most_cycles']:,} at most"
    ),
)

if __name__ == "__main__":
    DEVICE.run()
