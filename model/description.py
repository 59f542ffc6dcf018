"""What a model file says beside its tensors: each field of exactly its type, within its limits."""

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from .input_scaling import InputScaling
from .layer_shape import MAX_UNITS
from .network import MAX_LAYERS
from .untrusted import Outside

FORMAT = "thresh-network"
VERSIONS = (2, 3)
"""Versions that are read; 3 has an input scaling, and is written only where there is one."""

MOST_FRAC = 128
"""Most fraction bits, of either sign."""

Frac = Annotated[int, Field(ge=-MOST_FRAC, le=MOST_FRAC)]
Threshold = Annotated[int, Field(ge=0, le=32767)]
Text = Annotated[str, Field(max_length=1000)]


class LayerDescription(Outside):
    """A layer without its tensors; the fields are those of `thresh.model.layer.Layer`."""

    kind: Text
    x_frac: Frac
    weight_x_frac: Frac
    weight_h_frac: Frac
    threshold_x: Threshold
    threshold_h: Threshold
    weight_bits: int
    value_bits: int


class ImageLayer(LayerDescription):
    """A layer of an image, whose tensors lie in its memories."""

    units: int = Field(ge=1, le=MAX_UNITS)
    inputs: int = Field(ge=1, le=MAX_UNITS)


class ImageReadout(LayerDescription):
    """A readout with its tensors."""

    weight_x: list[list[list[int]]]
    bias: list[list[int]]


class ScalingDescription(Outside):
    """An input scaling."""

    offsets: list[float] = Field(max_length=4096)
    scales: list[float] = Field(max_length=4096)

    def made(self) -> InputScaling:
        """The scaling itself."""
        return InputScaling(offsets=tuple(self.offsets), scales=tuple(self.scales))


class NetworkDescription(Outside):
    """A network without its layers; the fields are those of `thresh.model.network.Network`."""

    name: Text
    classes: list[Text] = Field(max_length=4096)
    decision: Text
    front_end: dict[str, Any]
    microphone: dict[str, Any] = Field(default_factory=dict)
    spotter: dict[str, Any] = Field(default_factory=dict)
    notes: dict[str, Any]
    scaling: ScalingDescription | None = None

    @field_validator("front_end")
    @classmethod
    def _has_frames(cls, value: dict[str, Any]) -> dict[str, Any]:
        for name in ("rate", "hop") if value else ():
            number = value.get(name)
            if not isinstance(number, int | float) or not 1 <= number <= 1_000_000:
                raise ValueError(f"{name} must be a number from 1 to 1,000,000")
        return value


class Description(NetworkDescription):
    """All that stands in a model file as JSON."""

    format: Literal["thresh-network"]
    version: Literal[2, 3]
    layers: list[LayerDescription] = Field(min_length=1, max_length=MAX_LAYERS + 1)  # and a readout
    readout: bool = False


class ImageDescription(Outside):
    """All that stands in an image as JSON; the geometry is checked where it is made."""

    geometry: dict[str, Annotated[int, Field(ge=0, le=1 << 31)] | bool | str | None]
    layers: list[ImageLayer] = Field(min_length=1, max_length=MAX_LAYERS)
    network: NetworkDescription
    readout: ImageReadout | None = None
