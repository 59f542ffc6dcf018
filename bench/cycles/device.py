"""Recordings through the whole device, every integer compared with the golden chain, and cycles.

The compiled iCEBreaker device hears bits of a microphone at its pins: 60 test clips of FSDD, 5 of
each of the twelve keywords, and recordings of a Vesper VM3011 at 4 MHz, with decimator and clock
for them. Every few clips it is powered up again, with its clocks in another phase and with other
drifts and starts. Data: THRESH_DATA. Results: docs/results/device-clips.json.
"""

import itertools
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
CLIPS_OF_A_RUN = 10
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
        Arrays of bits.
    bit_hz : int
    """

    network: str
    clips: Callable[[], Iterator[np.ndarray]]
    bit_hz: int = 2_000_000


def fsdd_clips() -> Iterator[np.ndarray]:
    """Every fifth clip of the test split."""
    recordings = load_fsdd(data_directory(), "test")
    for recording in recordings[:: len(recordings) // CLIPS][:CLIPS]:
        yield pdm_bits(recording.pcm, Decimator().bits_per_sample)


def keyword_clips() -> Iterator[np.ndarray]:
    """The first clips of each class."""
    home = folder_of(None, "keywords", CLASSES, ORIGIN)
    for name in CLASSES:
        for path in clips_in(home / name)[: CLIPS // len(CLASSES)]:
            yield pdm_bits(read_audio(path, 8000)[0], Decimator().bits_per_sample)


def pdm_recordings() -> Iterator[np.ndarray]:
    """Bits of a real microphone."""
    (path,) = find_files(None, "pdm", ("vm3011_4mhz.npz",), RECORDED)
    with np.load(path) as recordings:
        for name in sorted(recordings.files):
            yield np.unpackbits(recordings[name])


CASES = {
    "fsdd": Case(network="digits-gru128-magnitude", clips=fsdd_clips),
    "pdm": Case(network="digits-gru128-magnitude", clips=pdm_recordings, bit_hz=PDM_HZ),
    "keywords": Case(network="keywords-gru128", clips=keyword_clips),
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
                "power_ups": 1,
                "bits": len(device.said),
                "samples": len(trace.samples),
                "frames": trace.frames,
                "words": len(trace.heard),
                "integers": integers_compared(golden, trace),
                "differences": int(first_difference(golden, trace) is not None),
                "cycles": int(cycles.sum()),
                "most_cycles": int(cycles.max()),
                "pin_us": round(1e6 * max(pins, default=0.0), 2),
            }


def measure(case: Case, folder: Path) -> list[Row]:
    """One row: what all runs came to."""
    device = Heard(case, folder)
    total: Row = {}
    clips = iter(case.clips())
    seed = 1
    while some := list(itertools.islice(clips, CLIPS_OF_A_RUN)):
        row = device.run(some, seed)
        for name, value in row.items():
            join = max if name in ("most_cycles", "pin_us") else sum
            total[name] = join((total.get(name, 0), value))
        print(f"  {total}", flush=True)
        seed += 1
    total["mean_cycles"] = round(total.pop("cycles") / (total["frames"] - total["power_ups"]))
    rates = {"bit_hz": case.bit_hz, "core_hz": round(BOARD.core_hz)}
    return [{"network": case.network, **rates, **total}]


DEVICE = Measurement(
    about=__doc__,
    module="bench.cycles.device",
    result="device-clips",
    cases=CASES,
    measure=measure,
    say=lambda row: (
        f"{row['integers']:,} integers, {row['differences']} runs that differ, "
        f"{row['mean_cycles']:,} cycles a frame, {row['most_cycles']:,} at most"
    ),
)

if __name__ == "__main__":
    DEVICE.run()
