"""A compiled device between its pins: unrelated clocks, flash, microphone, a host at the line."""

import ctypes
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

import numpy as np

from thresh.layout.device_link import Message, MessageReader
from thresh.model.network import Network

from .clocks import Clocks
from .golden import Microphone, golden_device
from .trace import PER_FRAME, DeviceTrace, heard_of

BOOT_CYCLES = 20_000_000
"""Audio cycles after which a device that has not started has hung."""

REST_CYCLES = 100_000
"""Audio cycles after which a core that is still awake has hung."""

STAGES = ("sample", "feature", "count", "output", "score", "best", "best_score", "cycles")
"""In the harness's order."""

CHUNK = 1 << 16


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """A word, and when it was decided and shown at its pin, in seconds from power-up."""

    frame: int
    label: int
    decided: float
    pin: float


@dataclass(frozen=True, kw_only=True)
class DeviceState:
    """What the pins and the simulator's clocks show.

    Parameters
    ----------
    time : float
        Seconds from power-up.
    audio_cycles, core_cycles : int
    wakes : int
        Starts of the core's clock.
    loaded, fell_back : bool
    word, label : int
        Pins of decisions, and the last label.
    """

    time: float
    audio_cycles: int
    core_cycles: int
    wakes: int
    loaded: bool
    fell_back: bool
    word: int
    label: int


class CompiledDevice:
    """A simulated `thresh.gateware.device` from its power-up on.

    Parameters
    ----------
    library : path
        From `thresh.sim.engines.compiled.compile_verilog`.
    flash : bytes
        Contents; reading goes on at their begin behind their end.
    clocks : Clocks
    bit_cycles : int
        Of the line, as in the Verilog.
    i2s_bits : int
        Of a word; 0 for PDM.
    """

    def __init__(
        self,
        library: Path,
        flash: bytes,
        *,
        clocks: Clocks | None = None,
        bit_cycles: int = 8,
        i2s_bits: int = 0,
    ) -> None:
        chosen = clocks or Clocks()
        self.bit_cycles = bit_cycles
        self._reader = MessageReader()
        self._library = ctypes.CDLL(str(library))
        self._library.device_open.restype = ctypes.c_void_p
        for name in ("hear", "said", "stage", "words", "receive"):
            getattr(self._library, f"device_{name}").restype = ctypes.c_uint64
        settings = np.array(
            [
                chosen.audio_period, chosen.core_period, chosen.audio_spread, chosen.core_spread,
                chosen.phase, *chosen.start, chosen.seed, bit_cycles, i2s_bits,
            ],
            np.uint64,
        )  # fmt: skip
        contents = np.frombuffer(flash, np.uint8)
        self._handle = ctypes.c_void_p(
            self._library.device_open(
                _pointer(settings), _pointer(contents), ctypes.c_uint64(len(contents))
            )
        )

    def __enter__(self) -> "CompiledDevice":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free the simulation."""
        if self._handle:
            self._library.device_close(self._handle)
            self._handle = ctypes.c_void_p()

    @property
    def state(self) -> DeviceState:
        """What is seen now."""
        seen = np.zeros(8, np.uint64)
        self._library.device_state(self._handle, _pointer(seen))
        time, audio, core, wakes, loaded, fell_back, word, label = map(int, seen)
        return DeviceState(
            time=time / 1e12, audio_cycles=audio, core_cycles=core, wakes=wakes,
            loaded=bool(loaded), fell_back=bool(fell_back), word=word, label=label,
        )  # fmt: skip

    def boot(self) -> bool:
        """Run until the start is over and the core rests; whether a network is there.

        Raises
        ------
        RuntimeError
            When it does not end.
        """
        self.rest(BOOT_CYCLES)
        self.wait(4)
        return self.state.loaded

    def hear(self, stimulus: np.ndarray) -> None:
        """The microphone says PDM bits or I2S words, shape (n,); silence follows.

        Raises
        ------
        RuntimeError
            When the device does not take them: it has no network.
        """
        data = np.ascontiguousarray(stimulus, np.int32)
        limit = ctypes.c_uint64(BOOT_CYCLES + 512 * len(data))
        left = self._library.device_hear(
            self._handle, _pointer(data), ctypes.c_uint64(len(data)), limit
        )
        if left:
            raise RuntimeError(f"The device left {left} of {len(data)} words of its microphone")

    def rest(self, limit: int = REST_CYCLES) -> None:
        """Run until the core sleeps; RuntimeError when it does not."""
        if not self._library.device_rest(self._handle, ctypes.c_uint64(limit)):
            raise RuntimeError(f"The core is awake after {limit} cycles of the audio clock")

    def wait(self, audio_cycles: int) -> None:
        """Time passes."""
        self._library.device_wait(self._handle, ctypes.c_uint64(audio_cycles))

    def send(self, data: bytes) -> None:
        """The host sends bytes, from now on."""
        buffer = np.frombuffer(data, np.uint8)
        self._library.device_send(self._handle, _pointer(buffer), ctypes.c_uint64(len(buffer)))

    def receive(self) -> bytes:
        """Bytes that the device has sent since the last time."""
        answer, chunk = bytearray(), np.zeros(CHUNK, np.uint8)
        while taken := self._library.device_receive(
            self._handle, _pointer(chunk), ctypes.c_uint64(CHUNK)
        ):
            answer += chunk[:taken].tobytes()
        return bytes(answer)

    def messages(self) -> list[Message]:
        """Messages that the device has sent since the last time."""
        return self._reader.feed(self.receive())

    @property
    def said(self) -> np.ndarray:
        """Bits or words that the microphone has said since the network was there; int32."""
        data = np.zeros(self._library.device_said(self._handle, None), np.int32)
        self._library.device_said(self._handle, _pointer(data))
        return data

    @property
    def announcements(self) -> list[Announcement]:
        """Words heard so far."""
        rows = np.zeros((self._library.device_words(self._handle, None), 4), np.int64)
        self._library.device_words(self._handle, _pointer(rows))
        return [
            Announcement(frame=frame, label=label, decided=decided / 1e12, pin=pin / 1e12)
            for frame, label, decided, pin in rows.tolist()
        ]

    @property
    def cycles(self) -> np.ndarray:
        """Cycles of the core's clock of each frame, waking included; int64, shape (frames,).

        The first one's are those from the start on.
        """
        return self._stage("cycles")

    def trace(self, network: Network) -> DeviceTrace:
        """Every integer of ``network`` that has passed so far, of whole frames."""
        best = self._stage("best")
        frames = len(best)
        lists, classes = 1 + sum(network.encoded), network.outputs
        events = np.zeros((frames, len(network.layers) + 1), np.int64)
        listened = [True, *network.encoded]
        events[:, listened] = _rows(self._stage("count"), frames, lists)
        return DeviceTrace(
            samples=self._stage("sample"),
            features=_rows(self._stage("feature"), frames, network.inputs),
            events=events,
            outputs=_rows(self._stage("output"), frames, classes),
            scores=_rows(self._stage("score"), frames, classes),
            best=best,
            score=self._stage("best_score"),
            heard=heard_of((one.frame, one.label) for one in self.announcements),
        )

    def golden(self, network: Network, *, microphone: Microphone | None = None) -> DeviceTrace:
        """What `trace` must equal: the golden device's of all that was said, as far as it has come.

        Parameters
        ----------
        network : Network
        microphone : Decimator or I2sWords, optional
            Instead of the one that the network's file names.

        Raises
        ------
        RuntimeError
            When the device lags by more than what is on its way: samples or frames are missing.
        """
        golden = golden_device(network, self.said, microphone=microphone)
        assert golden.samples is not None
        samples, frames = len(self._stage("sample")), len(self._stage("best"))
        if not 0 <= len(golden.samples) - samples <= 2 or not 0 <= golden.frames - frames <= 1:
            raise RuntimeError(
                f"The device has come to sample {samples} and frame {frames}, the golden model to "
                f"sample {len(golden.samples)} and frame {golden.frames}"
            )
        cut = {name: rows[:frames] for name, rows in golden.stages.items() if name in PER_FRAME}
        assert golden.heard is not None
        heard = golden.heard[golden.heard[:, 0] < frames]
        return replace(golden, samples=golden.samples[:samples], heard=heard, **cut)

    def _stage(self, name: str) -> np.ndarray:
        number = STAGES.index(name)
        data = np.zeros(self._library.device_stage(self._handle, number, None), np.int64)
        self._library.device_stage(self._handle, number, _pointer(data))
        return data


def _rows(flat: np.ndarray, frames: int, width: int) -> np.ndarray:
    if len(flat) < frames * width:
        raise RuntimeError(f"{frames} frames of {width} integers are not in {len(flat)}")
    return flat[: frames * width].reshape(frames, width)


def _pointer(array: np.ndarray) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)
