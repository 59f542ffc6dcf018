"""Boards as devices: pins, clocks and flash of each, in one place."""

from dataclasses import dataclass, field, replace
from math import ceil

from thresh.audio.chain import read_microphone
from thresh.audio.decimator import Decimator
from thresh.audio.i2s_words import BIT_CLOCK_CYCLES, FRAME_CLOCKS, I2sWords
from thresh.layout.device.shape import PLATE_BYTES, DeviceShape, hearing_of, kind_of
from thresh.layout.device_link import BAUD
from thresh.layout.flash_slots import FlashLayout
from thresh.layout.geometry import Geometry
from thresh.model.network import Network

from .board import Board
from .known_boards import find_board

KINDS = ("pdm", "i2s")
"""Microphones that a device may have."""

PDM_HZ = 2e6
"""Clock of a PDM microphone, which is the audio domain's."""

FLASH_WAKE_SECONDS = 3e-6
"""Of the slowest flash that the boards carry."""

BLOCK_BYTES = 0x1_0000
"""What one erase of a board's flash may reach at most; plate and slots begin at multiples of it."""

BANK_BYTES = 0x4_0000
"""Of a slot."""


@dataclass(frozen=True, kw_only=True)
class Pin:
    """A pin: ``label`` on the board, ``site`` of the FPGA."""

    label: str
    site: str


def _pins(prefix: str, **sites: str) -> tuple[Pin, ...]:
    return tuple(
        Pin(label=f"{prefix}{name.removeprefix('p')}", site=site) for name, site in sites.items()
    )


@dataclass(frozen=True, kw_only=True)
class DeviceBoard:
    """What a board is as a device.

    Parameters
    ----------
    name : str
        Of the board.
    divided_hz : float
        What is divided to the audio domain's clock: the crystal's clock, or the PLL's on ULX3S.
    core_hz, fastest_core_hz : float
        Of the core's clock, and the most that its oscillator may be; the flow's margin is above
        that.
    microphone : dict of Pin
        ``clock``, ``data`` and, for I2S, ``select``.
    ground, supply : str
        Labels of pins for the microphone.
    words : tuple of Pin
        One of each decision, in order of the classes.
    lights : dict of str
        Where ``loaded``, ``fault`` and ``heard`` are shown.
    base : int
        Flash address of slot 0; the plate lies a block below it, the bitstream below that.
    flash_divisor : int
        Core cycles of the flash's clock.
    accumulator_depth : int
        Words of the core's accumulators: 640 hold a GRU of 128 units and 128 outputs.
    """

    name: str
    divided_hz: float
    core_hz: float
    fastest_core_hz: float
    microphone: dict[str, Pin] = field(hash=False)
    ground: str
    supply: str
    words: tuple[Pin, ...]
    lights: dict[str, str] = field(hash=False)
    base: int
    flash_divisor: int
    accumulator_depth: int

    @property
    def board(self) -> Board:
        """The board."""
        return find_board(self.name)

    @property
    def geometry(self) -> Geometry:
        """Of the core."""
        return replace(self.board.geometry, accumulator_depth=self.accumulator_depth)

    @property
    def wake_cycles(self) -> int:
        """Core cycles in which a flash wakes up."""
        return ceil(FLASH_WAKE_SECONDS * self.fastest_core_hz)

    @property
    def plate_address(self) -> int:
        """Of what the flash says of the device: `DeviceShape.plate`."""
        return self.base - BLOCK_BYTES

    def layout(self, shape: DeviceShape) -> FlashLayout:
        """Where the slots of a device lie."""
        return FlashLayout(base=self.base, slot_bytes=BANK_BYTES, word_bytes=shape.word_bytes)

    def audio_divisor(self, microphone: Decimator | I2sWords, rate: float) -> int:
        """By which the clock is divided: even, and for samples at ``rate`` Hz as near as can be."""
        wanted = PDM_HZ
        if isinstance(microphone, I2sWords):
            wanted = rate * FRAME_CLOCKS * BIT_CLOCK_CYCLES * (2 if microphone.halve else 1)
        return max(2, 2 * round(self.divided_hz / wanted / 2))

    def audio_hz(self, microphone: Decimator | I2sWords, rate: float) -> float:
        """Of the audio domain."""
        return self.divided_hz / self.audio_divisor(microphone, rate)

    def sample_rate(self, microphone: Decimator | I2sWords, rate: float) -> float:
        """Samples per second, Hz, that a front end of ``rate`` Hz is given."""
        audio_hz = self.audio_hz(microphone, rate)
        if isinstance(microphone, Decimator):
            return audio_hz / microphone.bits_per_sample
        return audio_hz / BIT_CLOCK_CYCLES / FRAME_CLOCKS / (2 if microphone.halve else 1)

    def bit_cycles(self, shape: DeviceShape) -> int:
        """Audio cycles of a bit on the serial line."""
        return round(self.audio_hz(shape.microphone, shape.rate) / BAUD)


_ICEBREAKER = DeviceBoard(
    name="icebreaker",
    divided_hz=12e6,
    core_hz=12e6,  # a frame takes 1.2 of 10 ms, and its charge does not depend on the clock
    fastest_core_hz=13.2e6,
    microphone={
        "clock": Pin(label="PMOD 1A pin 1", site="4"),
        "data": Pin(label="PMOD 1A pin 2", site="2"),
        "select": Pin(label="PMOD 1A pin 3", site="47"),
    },
    ground="PMOD 1A pin 5 or 11",
    supply="PMOD 1A pin 6 or 12 (3.3 V)",
    words=(
        *_pins("PMOD 1B pin ", p1="43", p2="38", p3="34", p4="31"),
        *_pins("PMOD 1B pin ", p7="42", p8="36", p9="32", p10="28"),
        # The pins of PMOD 2 that have an LED on the board's own break-off module, not its buttons.
        *_pins("PMOD 2 pin ", p7="26", p1="27", p2="25", p8="23", p3="21"),
        *_pins("PMOD 1A pin ", p8="48", p9="46", p10="44"),
    ),
    lights={"loaded": "RGB LED, green", "fault": "RGB LED, red", "heard": "RGB LED, blue"},
    base=0x10_0000,
    flash_divisor=2,
    accumulator_depth=640,
)

_GPIO = {
    "gp0": "B11", "gn0": "C11", "gp1": "A10", "gp2": "A9", "gn2": "B10", "gp3": "B9", "gn3": "C10",
    "gp4": "A7", "gn4": "A8", "gp5": "C8", "gn5": "B8", "gp6": "C6", "gn6": "C7", "gp7": "A6",
    "gn7": "B6", "gp8": "A4", "gn8": "A5", "gp9": "A2", "gn9": "B1",
}  # fmt: skip
"""Pins of header J1 and their sites."""


def _ulx3s(name: str) -> DeviceBoard:
    return DeviceBoard(
        name=name,
        divided_hz=24e6,
        core_hz=50e6,
        fastest_core_hz=50e6,
        microphone={
            role: Pin(label=f"J1 {label}", site=_GPIO[label])
            for role, label in (("clock", "gp0"), ("data", "gn0"), ("select", "gp1"))
        },
        ground="J1 GND",
        supply="J1 3.3 V",
        words=tuple(
            Pin(label=f"J1 {label}", site=site)
            for label, site in _GPIO.items()
            if label[2:] not in ("0", "1")
        ),
        lights={"loaded": "LED 0", "fault": "LED 1", "heard": "LED 2"},
        base=0x20_0000,
        flash_divisor=4,
        accumulator_depth=512,
    )


DEVICE_BOARDS = {
    device.name: device for device in (_ICEBREAKER, _ulx3s("ulx3s-12f"), _ulx3s("ulx3s-85f"))
}
"""By name."""


def find_device_board(name: str) -> DeviceBoard:
    """The board of this name as a device.

    Raises
    ------
    ValueError
        With the known names.
    """
    if name not in DEVICE_BOARDS:
        raise ValueError(f"A device needs one of {', '.join(DEVICE_BOARDS)}, not {name!r}")
    return DEVICE_BOARDS[name]


def usual_microphone(kind: str, rate: float) -> Decimator | I2sWords:
    """What makes samples near ``rate`` Hz where the model file says nothing.

    Raises
    ------
    ValueError
        For another kind, or a rate that no ratio makes.
    """
    if kind not in KINDS:
        raise ValueError(f"The device's microphone must be {' or '.join(KINDS)}, not {kind!r}")
    if kind == "i2s":
        return I2sWords()
    bits = round(PDM_HZ / rate)
    halve = bits % 2 == 0
    return Decimator(ratio=bits // 2 if halve else bits, halve=halve)


def shape_for(device: DeviceBoard, network: Network, kind: str) -> DeviceShape:
    """The device that a board becomes for ``network`` and a microphone of ``kind``.

    The microphone is the network's own where that is of this kind, the usual one otherwise.

    Raises
    ------
    ValueError
        When the network cannot hear or decide, has more outputs than the board pins, or its front
        end's rate is not one that the board's clock comes near.
    """
    front_end, spotter = hearing_of(network)
    own, usual = read_microphone(network), usual_microphone(kind, front_end.rate)
    microphone = own if own is not None and kind_of(own) == kind else usual
    shape = DeviceShape(
        geometry=device.geometry,
        points=front_end.points,
        window=front_end.window,
        hop=front_end.hop,
        shift=spotter.shift,
        rate=device.sample_rate(microphone, front_end.rate),
        classes=min(network.outputs, len(device.words)),
        microphone=microphone,
    )
    shape.refuse(network)
    return shape


assert all(device.base % BLOCK_BYTES == 0 for device in DEVICE_BOARDS.values())
assert PLATE_BYTES <= BLOCK_BYTES
