"""What a run of a whole device leaves behind, as its page reads it back."""

from pathlib import Path

from pydantic import Field

from thresh.model.untrusted import MOST_TEXT, Outside, json_of, read_bytes, validated

DATA = "device.json"


class Part(Outside, extra="ignore"):
    """As much as the page shows."""


class Step(Part):
    """A step."""

    name: str
    result: str
    seconds: float


class Clip(Part):
    """A recording that was heard: when each word was at its pin, seconds from its begin."""

    name: str
    label: str | None
    heard: list[str]
    seconds: list[float]
    word_end: float | None
    pin_ms: float | None


class Simulated(Part):
    """The simulation through the pins."""

    integers: int
    differences: list[str]
    cycles_per_frame: float
    core_mhz: float
    share_awake: float
    pin_ms: float | None
    frame_ms: float | None


class DrawnClip(Part):
    """The recording whose stages are drawn."""

    name: str
    rate: float = Field(gt=0)
    hop: int = Field(gt=0)
    window: int = Field(gt=0)
    output_frac: int = Field(ge=0, le=31)
    classes: list[str]
    thresholds: list[int]
    heard: list[str]
    seconds: list[float]
    word_end: float | None


class Resource(Part):
    """Of a device."""

    used: int
    available: int = Field(gt=0)


class Clock(Part):
    """A routed clock: its MHz, and those of each seed."""

    clock_mhz: float = Field(gt=0)
    fmax_mhz: dict[str, float]


class Built(Part):
    """A bitstream."""

    device: str
    utilization: dict[str, Resource]
    clocks: dict[str, Clock]
    tools: dict[str, str]


class Current(Part):
    """Of every part, mA, and where the figures are from."""

    core_ma: float
    parts: dict[str, float]
    source: str


class Found(Part):
    """What a run of a whole device leaves behind."""

    network: str
    board_title: str
    command: str
    steps: list[Step]
    clips: list[Clip]
    simulation: Simulated
    drawn: DrawnClip
    blocks: dict[str, int] | None = None
    build: Built | None = None
    current: Current | None = None


def read_found(folder: Path) -> Found:
    """What the run in ``folder`` left behind.

    Raises
    ------
    ValueError, OSError
        When none ran there, or the file is damaged.
    """
    path = folder / DATA
    if not path.exists():
        raise ValueError(f"{folder} holds no {DATA}: run `thresh demo --device` first")
    value = json_of(read_bytes(path, MOST_TEXT), path)
    return validated(Found, value, path)
