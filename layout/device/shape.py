"""What a device's bitstream fixes, and every network that it is given must agree with."""

import json
import zlib
from dataclasses import dataclass
from typing import Any

from thresh.audio.chain import read_features, read_microphone, read_spotter
from thresh.audio.decimator import Decimator
from thresh.audio.i2s_words import I2sWords
from thresh.audio.magnitude_front_end import MagnitudeFrontEnd
from thresh.audio.spotter import Spotter
from thresh.layout.geometry import Geometry
from thresh.model.network import Network
from thresh.model.untrusted import DAMAGE, Outside, json_of, validated

RATE_TOLERANCE = 0.025
"""Largest relative difference between a front end's rate and the device's: 97.7 frames a second for
100 are within it. Speakers differ by more."""

PLATE_MAGIC = b"THP1"
PLATE_BYTES = 4096
"""Of what a flash says of the device that it carries: `DeviceShape.plate`."""


class ShapeDescription(Outside):
    """The fields of a `DeviceShape` as JSON."""

    geometry: dict[str, Any]
    points: int
    window: int
    hop: int
    shift: int
    rate: float
    classes: int
    microphone: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class DeviceShape:
    """Everything of a device that is no data.

    Parameters
    ----------
    geometry : Geometry
        Of the core.
    points, window, hop : int
        Of the front end, in samples.
    shift : int
        Of the decision.
    rate : float
        Samples per second, Hz, as the device's clock makes them.
    classes : int
        Decisions that have a pin.
    microphone : Decimator or I2sWords
    """

    geometry: Geometry
    points: int = 256
    window: int = 200
    hop: int = 80
    shift: int = 3
    rate: float = 8000
    classes: int = 16
    microphone: Decimator | I2sWords

    @property
    def kind(self) -> str:
        """``"pdm"`` or ``"i2s"``."""
        return kind_of(self.microphone)

    @property
    def word_bytes(self) -> int:
        """Bytes of a word in the flash."""
        return max(4, self.geometry.weight_word_bits // 8)

    def refuse(self, network: Network) -> None:
        """Raise ValueError when the device cannot be given ``network``, with what differs."""
        front_end, spotter = hearing_of(network)
        for name in ("points", "window", "hop"):
            theirs, ours = getattr(front_end, name), getattr(self, name)
            if theirs != ours:
                raise ValueError(
                    f"The device's front end has {name} = {ours}, that of {network.name} has "
                    f"{theirs}: build the device for it"
                )
        if spotter.shift != self.shift:
            raise ValueError(
                f"The device averages scores with shift = {self.shift}, {network.name} wants "
                f"{spotter.shift}: build the device for it"
            )
        if network.outputs > self.classes:
            raise ValueError(
                f"The device has pins for {self.classes} decisions, {network.name} makes "
                f"{network.outputs}: build the device for it"
            )
        refuse_rate(network.name, front_end.rate, self.rate)
        own = read_microphone(network)
        if own is not None and kind_of(own) == self.kind and own != self.microphone:
            raise ValueError(
                f"The device's microphone is {self.microphone}, {network.name} wants {own}: build "
                f"the device for it"
            )

    def to_dict(self) -> dict[str, Any]:
        """Fields as JSON."""
        plain = ("points", "window", "hop", "shift", "rate", "classes")
        return {
            "geometry": self.geometry.to_dict(),
            **{name: getattr(self, name) for name in plain},
            "microphone": self.microphone.to_dict(),
        }

    @classmethod
    def from_dict(cls, fields: object, name: str = "a device") -> "DeviceShape":
        """The inverse of `to_dict`; ValueError otherwise."""
        try:
            read = validated(ShapeDescription, fields, name)
            kinds = {kind.KIND: kind for kind in (Decimator, I2sWords)}
            microphone = kinds[read.microphone["kind"]].from_dict(read.microphone)
            return cls(
                **read.model_dump(exclude={"geometry", "microphone"}),
                geometry=Geometry.from_dict(read.geometry),
                microphone=microphone,
            )
        except DAMAGE as error:
            raise ValueError(f"{name} is not described as this release does: {error}") from error

    @property
    def plate(self) -> bytes:
        """`PLATE_BYTES` for a sector of the flash: magic, length of the JSON (u16, high byte
        first), JSON, and the CRC-32 of all before it."""
        text = json.dumps(self.to_dict(), sort_keys=True).encode()
        data = PLATE_MAGIC + len(text).to_bytes(2, "big") + text
        data += zlib.crc32(data).to_bytes(4, "big")
        assert len(data) <= PLATE_BYTES
        return data + b"\xff" * (PLATE_BYTES - len(data))


def read_plate(data: bytes) -> DeviceShape:
    """What `DeviceShape.plate` says.

    Raises
    ------
    ValueError
        When it is none or damaged.
    """
    head = len(PLATE_MAGIC) + 2
    if data[: len(PLATE_MAGIC)] != PLATE_MAGIC:
        raise ValueError("The flash names no device")
    end = head + int.from_bytes(data[head - 2 : head], "big")
    if zlib.crc32(data[:end]).to_bytes(4, "big") != data[end : end + 4]:
        raise ValueError("The flash names a device, but its CRC-32 is wrong")
    return DeviceShape.from_dict(json_of(data[head:end], "the device"), "the device in the flash")


def kind_of(microphone: Decimator | I2sWords) -> str:
    """``"pdm"`` or ``"i2s"``."""
    return "pdm" if isinstance(microphone, Decimator) else "i2s"


def hearing_of(network: Network) -> tuple[MagnitudeFrontEnd, Spotter]:
    """Front end and decision of a network for a device.

    Raises
    ------
    ValueError
        When it has no decision, or no front end that gateware computes.
    """
    front_end, spotter = read_features(network), read_spotter(network)
    if not isinstance(front_end, MagnitudeFrontEnd):
        raise ValueError(
            f"A device needs a network with a {MagnitudeFrontEnd.KIND} front end, which "
            f"{network.name} does not have"
        )
    if spotter is None:
        raise ValueError(
            f"A device needs a network with a {Spotter.KIND}, which {network.name} does not have"
        )
    if network.readout is not None:
        raise ValueError(f"A device needs the last layer of {network.name} inside, not on a host")
    return front_end, spotter


def refuse_rate(name: str, wanted: float, real: float) -> None:
    """Raise ValueError when a front end of ``wanted`` Hz cannot be fed ``real`` Hz."""
    off = real / wanted - 1
    if abs(off) > RATE_TOLERANCE:
        raise ValueError(
            f"The device hears {real:,.1f} samples per second, {name} wants {wanted:,.1f}: "
            f"{100 * off:+.1f} % where at most {100 * RATE_TOLERANCE:g} % works"
        )
