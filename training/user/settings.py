"""Settings of a training on a user's own data: a TOML file, every entry with a default."""

from pathlib import Path
from typing import Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from thresh.model.text import shown
from thresh.model.untrusted import complaint, read_bytes, toml_of

LARGEST = 1 << 20
"""Bytes of a file of settings."""


class Settings(BaseModel):
    """What a training depends on, except the data.

    Attributes
    ----------
    data : Path or None
        A ``.npz`` or a folder as `thresh.data.labelled` has them; relative to the file's folder.
    name : str
        Of the network; the data's when empty.
    layers, units : int
        GRU layers and units of each; a linear layer follows.
    bits : int
        Of the weights, 4 or 8.
    decision : str
        ``"mean"`` of all steps' outputs, or ``"last"`` step's.
    threshold_x : float
        In standard deviations of the inputs.
    threshold_h : float or tuple of float
        Of the states, which lie between -1 and 1: one for all layers, or one for each, below 2.
    noise : float
        Deviation of what is added to inputs and states before they are compared and sent in the
        delta stage, in parts of the thresholds (of the layers' states, of the least).
    activity : float
        Weight of the states' mean absolute change per step in the loss, with thresholds.
    rise : float
        Share of the delta stage over which thresholds rise from zero.
    straight : bool
        A unit that sends nothing learns in its own next step too, with thresholds.
    dropout : float
        Share of the states that the linear layer does not hear in training.
    distil : float
        Weight of the divergence from the posteriors of the plain network's decisions in the loss,
        with thresholds.
    chrono : float
        Most steps for which units of the plain network remember before it is trained; 0 for
        PyTorch's start.
    plain, delta, quantised : int
        Most epochs of each stage.
    patience : int
        Epochs without a better validation loss before a stage ends.
    rate, delta_rate, quantised_rate : float
        Highest learning rate of each stage.
    batch : int
        Sequences in a batch.
    longest : int or None
        Frames of each sequence that are trained on; all when None.
    seed : int
        Every random draw follows from it, the split too.
    validation, test : float
        Shares of each class that are held out; without a test, the validation is reported.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    data: Path | None = None
    name: str = ""
    layers: int = Field(default=1, ge=1, le=7)
    units: int = Field(default=64, ge=1, le=1024)
    bits: Literal[4, 8] = 8
    decision: Literal["mean", "last"] = "mean"
    threshold_x: float = Field(default=0.25, ge=0, le=100)
    threshold_h: float | tuple[float, ...] = 0.2
    noise: float = Field(default=0.0, ge=0, le=1)
    activity: float = Field(default=4.0, ge=0)
    rise: float = Field(default=0.25, ge=0, lt=1)
    straight: bool = True
    dropout: float = Field(default=0.2, ge=0, lt=1)
    distil: float = Field(default=1.0, ge=0)
    chrono: float = Field(default=0.0, ge=0, le=1e6)
    plain: int = Field(default=60, ge=1)
    delta: int = Field(default=40, ge=1)
    quantised: int = Field(default=12, ge=1)
    patience: int = Field(default=15, ge=1)
    rate: float = Field(default=3e-3, gt=0, le=1)
    delta_rate: float = Field(default=1e-3, gt=0, le=1)
    quantised_rate: float = Field(default=2e-4, gt=0, le=1)
    batch: int = Field(default=8, ge=1)
    longest: int | None = Field(default=None, ge=1)
    seed: int = Field(default=1, ge=0, le=(1 << 63) - 1)
    validation: float = Field(default=0.15, gt=0, lt=1)
    test: float = Field(default=0.15, ge=0, lt=1)

    @field_validator("threshold_h", mode="before")
    @classmethod
    def _of_all_or_each(cls, given: Any, info: ValidationInfo) -> float | tuple[float, ...]:
        each = given if isinstance(given, list | tuple) else [given]
        if not all(type(one) in (int, float) and 0 <= one < 2 for one in each):
            raise ValueError(
                "it should be a number from 0 to below 2, or a list of one for each layer"
            )
        layers = info.data.get("layers", len(each))
        if each is given and len(each) != layers:
            raise ValueError(f"it should be one number, or one for each of {layers} layers")
        return tuple(map(float, each)) if each is given else float(given)

    @field_validator("chrono")
    @classmethod
    def _none_or_two_steps(cls, given: float) -> float:
        if 0 < given < 2:
            raise ValueError("it should be 0, or 2 steps or more")
        return given


def read_settings(path: Path, otherwise: Settings | None = None) -> Settings:
    """Settings of a TOML file.

    Parameters
    ----------
    path : Path
    otherwise : Settings, optional
        Of what the file leaves out; the defaults when absent.

    Raises
    ------
    ValueError
        Naming the entry, what was wanted and what came.
    OSError
        When the file cannot be read.
    """
    entries = toml_of(read_bytes(path, LARGEST), path)
    try:
        settings = Settings(**dict(otherwise or ()) | entries)
    except ValidationError as error:
        first = error.errors()[0]
        if first["type"] == "extra_forbidden":
            entry = shown(".".join(map(str, first["loc"])), 40)
            raise ValueError(
                f"{path}: there is no setting {entry}; there are {', '.join(Settings.model_fields)}"
            ) from error
        raise ValueError(f"{path}: {complaint(error)}") from error
    if settings.data is None:
        return settings
    return settings.model_copy(update={"data": path.parent / settings.data})
