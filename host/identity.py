"""Who answers at the other end of the link."""

from dataclasses import dataclass
from typing import Any

from thresh.layout.geometry import Geometry
from thresh.layout.image import Image
from thresh.layout.link import IDENTITY_BYTES, IDENTITY_FIELDS, PROTOCOL, columns_of
from thresh.layout.placement import check

from .errors import LinkError

LAYOUT_FIELDS = ("lanes", "pointwise_lanes", "weight_bits", "value_bits", "columns", "sparse")
"""Geometry that decides where and how an image lies in the memories."""


@dataclass(frozen=True, kw_only=True)
class Identity:
    """IDENTIFY's answer.

    Parameters
    ----------
    geometry : Geometry
    loaded : bool
        A complete network is in the memories.
    protocol : int
    clock_khz : int
    """

    geometry: Geometry
    loaded: bool
    protocol: int
    clock_khz: int

    def refuse(self, image: Image) -> None:
        """Refuse an image that is laid out for another accelerator or does not fit this one.

        Raises
        ------
        LinkError
            Naming the field and both values.
        """
        for name in LAYOUT_FIELDS:
            wanted, came = getattr(self.geometry, name), getattr(image.geometry, name)
            if wanted != came:
                raise LinkError(
                    f"The image is laid out for {name} {came}, the accelerator has {name} {wanted}"
                )
        try:
            check(image.placement, image.network, self.geometry)
        except ValueError as error:
            raise LinkError(str(error)) from error


def parse_identity(payload: bytes) -> Identity:
    """Decode IDENTIFY's payload.

    Raises
    ------
    LinkError
        When the device speaks another protocol version or describes no possible accelerator.
    """
    if payload and payload[0] != PROTOCOL:
        raise LinkError(
            f"The accelerator speaks protocol version {payload[0]}, this program {PROTOCOL}: build "
            f"and flash it anew, or use the release that built it"
        )
    if len(payload) != IDENTITY_BYTES:
        raise LinkError(
            f"The accelerator's identity has {len(payload)} bytes, not {IDENTITY_BYTES}"
        )
    fields, at = {}, 0
    for name, size in IDENTITY_FIELDS:
        fields[name] = int.from_bytes(payload[at : at + size], "little")
        at += size
    depths = ("weight_depth", "accumulator_depth", "state_depth", "value_depth")
    try:
        sizes: dict[str, Any] = {
            name: fields[name] for name in (*LAYOUT_FIELDS[:-2], "packet_bytes")
        } | {name: fields[f"{name}_minus_1"] + 1 for name in depths}
        geometry = Geometry(**sizes, **columns_of(fields["sparse"]))
    except ValueError as error:
        raise LinkError(f"The accelerator's identity makes no sense: {error}") from error
    return Identity(
        geometry=geometry,
        loaded=bool(fields["loaded"]),
        protocol=fields["protocol"],
        clock_khz=fields["clock_khz"],
    )
