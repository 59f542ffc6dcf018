"""What a device's build leaves for the flash: bitstream, shape and network, found again."""

import json
from dataclasses import dataclass
from pathlib import Path

from thresh.layout.device.shape import DeviceShape
from thresh.model.files import write_atomically
from thresh.model.untrusted import json_of, read_bytes

from .build import NAME
from .stage import digest

PLATE_FILE, BODY_FILE = f"{NAME}.device.json", f"{NAME}.network"
"""Beside a device's bitstream: its shape and the bitstream's digest, and what a slot holds."""


@dataclass(frozen=True, kw_only=True)
class BuiltDevice:
    """A device's bitstream and the network that is flashed with it."""

    shape: DeviceShape
    bitstream: Path
    body: bytes


def keep_device(bitstream: Path, shape: DeviceShape, body: bytes) -> Path:
    """Leave what `built_device` finds beside ``bitstream``; the network's path."""
    beside = bitstream.with_name(BODY_FILE)
    write_atomically(beside, body)
    said = {
        "shape": shape.to_dict(),
        "bitstream": digest(bitstream.read_bytes()),
        "network": digest(body),
    }
    write_atomically(bitstream.with_name(PLATE_FILE), json.dumps(said, indent=2) + "\n")
    return beside


def built_device(bitstream: Path) -> BuiltDevice | None:
    """The device that ``bitstream`` is; None where it is none, or another build made it since.

    Raises
    ------
    ValueError
        When what lies beside the bitstream is damaged.
    """
    plate, body = bitstream.with_name(PLATE_FILE), bitstream.with_name(BODY_FILE)
    if not (bitstream.is_file() and plate.is_file() and body.is_file()):
        return None
    said = json_of(read_bytes(plate), plate)
    if not isinstance(said, dict) or said.get("bitstream") != digest(bitstream.read_bytes()):
        return None
    words = read_bytes(body)
    if said.get("network") != digest(words):
        raise ValueError(f"{body} is not what was built with {bitstream}; build the device again")
    return BuiltDevice(
        shape=DeviceShape.from_dict(said.get("shape"), str(plate)), bitstream=bitstream, body=words
    )
