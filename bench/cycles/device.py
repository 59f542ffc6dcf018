"""Recordings through the whole device, every integer compared with the golden chain, and cycles.

The compiled iCEBreaker device hears bits of a microphone at its pins: 60 test clips of FSDD and 5
of each of the twelve keywords, each by the network that knows its words, from a PDM and from an I2S
microphone at three clock phases; and recordings of a Vesper VM3011 at 4 MHz, with decimator and
clock for them. A case is one power-up that hears a part of a set.
Data: THRESH_DATA. Results: docs/results/device-clips.json.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from bench.measurement import Measurement, Row
from thresh.audio.decimator import SAMPLE_BITS, Decimator
from thresh.audio.i2s_words import I2sWords
from thresh.audio.modulator import pdm_bits
from thresh.data.audio_file import clips_in, read_audio
from thresh.gateware.verilog import device_verilog
from thresh.hw.device_boards import DEVICE_BOARDS, PDM_HZ, shape_for
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
RECORDED_HZ = 4_000_000
"""Bits per second of the real recordings."""

DIGITS, KEYWORDS = "digits-gru128-magnitude", "keywords-gru128"
"""In ``examples``, without suffix."""

PICOSECONDS = 1e12


@dataclass(frozen=True, kw_only=True)
class Set:
    """What is heard, by which network.

    Parameters
    ----------
    network : str
    clips : callable
        Samples, or packed bits.
    parts : int
        Power-ups over which the clips are spread.
    bit_hz : int
        Of the audio domain.
    kinds : tuple of str
        Of microphones.
    """

    network: str
    clips: Callable[[], list[np.ndarray]]
    parts: int
    bit_hz: int = round(PDM_HZ)
    kinds: tuple[str, ...] = ("pdm", "i2s")


@dataclass(frozen=True, kw_only=True)
class Case:
    """One power-up."""

    name: str
    kind: str
    phase: int
    part: int

    @property
    def set(self) -> Set:
        """What is heard."""
        return SETS[self.name]


def clocks(bit_hz: int, phase: int, part: int) -> Clocks:
    """Of a phase: 0, the core's edges beside the audio domain's, as soon as it is wanted; 1, half
    a core cycle from them, 100 us later; 2, both drift, and every start takes another time."""
    audio, core = round(PICOSECONDS / bit_hz), round(PICOSECONDS / BOARD.core_hz)
    late = 100_000_000 + core // 2
    seed = part + 1
    steady = Clocks(
        audio_period=audio, audio_spread=0, core_period=core, core_spread=0, seed=seed,
        start=(late, late) if phase else (0, 0),
    )  # fmt: skip
    if phase < 2:
        return steady
    offset = int(np.random.default_rng(seed).integers(0, audio))
    return replace(
        steady, audio_spread=audio // 10_000, core_spread=core // 10, phase=offset,
        start=(0, 100_000_000),
    )  # fmt: skip


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


PHASES = (0, 1, 2)

SETS = {
    "fsdd": Set(network=DIGITS, clips=fsdd_clips, parts=6),
    "keywords": Set(network=KEYWORDS, clips=keyword_clips, parts=6),
    "vm3011": Set(
        network=DIGITS, clips=pdm_recordings, parts=4, bit_hz=RECORDED_HZ, kinds=("pdm",)
    ),
}

CASES = {
    f"{case.name}-{case.kind}-{case.phase}-{case.part}": case
    for case in (
        Case(name=name, kind=kind, phase=phase, part=part)
        for name, heard in SETS.items()
        for kind in heard.kinds
        for phase in PHASES
        for part in range(heard.parts)
    )
}


def word_bits(microphone: Decimator | I2sWords) -> int:
    """Of an I2S microphone; 0 of a PDM one."""
    return 0 if isinstance(microphone, Decimator) else microphone.bits


def said(clip: np.ndarray, microphone: Decimator | I2sWords) -> np.ndarray:
    """What a microphone says of samples, or has said."""
    if clip.dtype != np.int16:
        return np.unpackbits(clip)
    if isinstance(microphone, Decimator):
        return pdm_bits(clip, microphone.bits_per_sample)
    return clip.astype(np.int32) << (microphone.bits - SAMPLE_BITS)


class Heard:
    """One network in one device.

    Parameters
    ----------
    name : str
        Of `SETS`.
    kind : str
    """

    def __init__(self, name: str, kind: str) -> None:
        self.bit_hz = SETS[name].bit_hz
        network = load_network(f"examples/{SETS[name].network}.safetensors")
        shape = shape_for(BOARD, network, kind)
        if self.bit_hz != PDM_HZ:
            microphone = Decimator(ratio=self.bit_hz // 16_000)
            network = replace(network, microphone=microphone.to_dict())
            shape = replace(shape, microphone=microphone)
        layout = BOARD.layout(shape)
        chip = FlashModel(layout.end)
        chip.run(replacement(bytes(chip.array), layout, device_body(network, shape, layout)))
        self.network, self.microphone, self.flash = network, shape.microphone, bytes(chip.array)
        self.verilog = device_verilog(
            shape=shape, layout=layout, primitives=TWINS[BOARD.board.family],
            flash_divisor=BOARD.flash_divisor, wake_cycles=BOARD.wake_cycles,
        )  # fmt: skip

    def run(self, clips: list[np.ndarray], clocks: Clocks, folder: Path) -> Row:
        """Power up, hear clips one behind the other, compare."""
        library = compile_verilog(self.verilog, "thresh_device", folder)
        with CompiledDevice(
            library, self.flash, clocks=clocks, i2s_bits=word_bits(self.microphone)
        ) as device:  # fmt: skip
            device.boot()
            device.hear(np.concatenate([said(clip, self.microphone) for clip in clips]))
            device.rest()
            golden = device.golden(self.network, microphone=self.microphone)
            trace = device.trace(self.network)
            pins = [one.pin - one.decided for one in device.announcements if one.pin > 0]
            cycles = device.cycles[1:]
            return {
                "clips": len(clips),
                "said": len(device.said),
                "samples": len(trace.samples),
                "frames": trace.frames,
                "words": len(trace.heard),
                "integers": integers_compared(golden, trace),
                "first_difference": first_difference(golden, trace),
                "mean_cycles": round(float(cycles.mean())),
                "most_cycles": int(cycles.max()),
                "pin_us": round(1e6 * max(pins, default=0.0), 2),
            }


heard_by = cache(Heard)
"""The device of a set and a kind of microphone."""


def clips_of(case: Case) -> list[np.ndarray]:
    """Those of its part."""
    return case.set.clips()[case.part :: case.set.parts]


def measure(case: Case, folder: Path) -> Iterator[Row]:
    """One row: what one power-up heard."""
    device = heard_by(case.name, case.kind)
    yield {
        "set": case.name,
        "kind": case.kind,
        "phase": case.phase,
        "network": case.set.network,
        "bit_hz": device.bit_hz,
        "core_hz": round(BOARD.core_hz),
        **device.run(clips_of(case), clocks(device.bit_hz, case.phase, case.part), folder),
    }


def key(case: Case, folder: Path) -> str:
    """Digest of the circuit, the network, the clips and the clocks."""
    device = heard_by(case.name, case.kind)
    found = hashlib.sha256(device.verilog.encode())
    found.update(device.flash)
    for clip in clips_of(case):
        found.update(clip.tobytes())
    found.update(repr(clocks(device.bit_hz, case.phase, case.part)).encode())
    return found.hexdigest()[:16]


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
    key=key,
)

if __name__ == "__main__":
    DEVICE.run()
