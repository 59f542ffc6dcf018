"""Networks: frozen, validated descriptions in integers."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from .input_scaling import InputScaling
from .layer import MAX_SHIFT, WEIGHT_BITS, Layer
from .qformat import QFormat

__all__ = ["DECISIONS", "MAX_LAYERS", "MAX_SHIFT", "WEIGHT_BITS", "Layer", "Network"]

MAX_LAYERS = 8
"""Layers in one network."""

DECISIONS = ("none", "last", "mean", "ctc")
"""How a sequence may be decided."""


@dataclass(frozen=True, kw_only=True)
class Network:
    """A stack of layers and what people need to use it.

    Parameters
    ----------
    layers : tuple of Layer
        First to last; one to `MAX_LAYERS`. A hidden delta is encoded once, for the layer's own
        next step and for the next layer, so a layer's ``threshold_x`` is the one before it's
        ``threshold_h``, and formats agree likewise.
    name : str
    classes : tuple of str
        Names of the last layer's outputs; empty when they have none.
    decision : str
        How a sequence is decided: ``"none"``, ``"last"`` (arg max of the last step's outputs),
        ``"mean"`` (arg max of the outputs summed over all steps) or ``"ctc"`` (best path, the
        last class is blank).
    front_end : dict
        Parameters of one of `thresh.audio.front_ends`; empty when inputs are not audio. Its
        ``x_frac`` is the first layer's.
    microphone, spotter : dict
        Parameters of `thresh.audio.chain`: what makes samples of a microphone's bits, and what
        announces classes while the network runs; empty where there is none.
    notes : dict
        Anything else as JSON: licence, training data, accuracy.
    readout : Layer or None
        A last layer without deltas, which the host computes: see `thresh.model.readout`.
    scaling : InputScaling or None
        What the host does to inputs in their own unit; None where they are taken as they come.
    """

    layers: tuple[Layer, ...]
    name: str = "network"
    classes: tuple[str, ...] = ()
    decision: str = "none"
    front_end: dict[str, Any] = field(default_factory=dict)
    microphone: dict[str, Any] = field(default_factory=dict)
    spotter: dict[str, Any] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)
    readout: Layer | None = None
    scaling: InputScaling | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))
        object.__setattr__(self, "classes", tuple(self.classes))
        if not 1 <= len(self.layers) <= MAX_LAYERS:
            raise ValueError(f"A network has 1 to {MAX_LAYERS} layers, not {len(self.layers)}")
        if self.decision not in DECISIONS:
            known = f"{', '.join(DECISIONS[:-1])} or {DECISIONS[-1]}"
            raise ValueError(f"decision must be {known}, not {self.decision!r}")
        if self.classes and len(self.classes) != self.outputs:
            raise ValueError(
                f"classes must name the {self.outputs} outputs, not {len(self.classes)}"
            )
        given = self.front_end.get("x_frac", self.layers[0].x_frac)
        if given != self.layers[0].x_frac:
            raise ValueError(
                f"x_frac of the front end must be {self.layers[0].x_frac} as layer 0 hears it, "
                f"not {given!r}"
            )
        if self.scaling and len(self.scaling.offsets) != self.inputs:
            raise ValueError(
                f"An input scaling must serve the {self.inputs} inputs, not "
                f"{len(self.scaling.offsets)}"
            )
        if len({(layer.weight_bits, layer.value_bits) for layer in self.all_layers}) > 1:
            raise ValueError("All layers must share weight_bits and value_bits")
        if self.readout and not self.readout.cell.linear:
            raise ValueError(f"A readout must be linear, not {self.readout.kind}")
        for number, (before, after) in enumerate(pairwise(self.all_layers), start=1):
            pairs = {
                "inputs": (before.units, after.inputs),
                "x_frac": (before.h_frac, after.x_frac),
            }
            if after is not self.readout:
                pairs["threshold_x"] = (before.threshold_h, after.threshold_x)
            for name, (wanted, came) in pairs.items():
                if wanted != came:
                    raise ValueError(
                        f"{name} of layer {number} must be {wanted} as layer {number - 1} "
                        f"sends it, not {came}"
                    )

    @property
    def all_layers(self) -> tuple[Layer, ...]:
        """Those of the accelerator, then the readout."""
        return self.layers if self.readout is None else (*self.layers, self.readout)

    @property
    def value_bits(self) -> int:
        """Width of inputs, deltas and state (V)."""
        return self.layers[0].value_bits

    @property
    def weight_bits(self) -> int:
        """Width of the weights."""
        return self.layers[0].weight_bits

    @property
    def inputs(self) -> int:
        """Inputs per step."""
        return self.layers[0].inputs

    @property
    def outputs(self) -> int:
        """Outputs per step, the readout's where there is one."""
        return self.all_layers[-1].units

    @property
    def output_frac(self) -> int:
        """Fraction bits of the outputs."""
        return self.all_layers[-1].h_frac

    @property
    def encoded(self) -> tuple[bool, ...]:
        """Per layer: whether anything listens to its output's deltas."""
        last = len(self.layers) - 1
        return tuple(n < last or layer.cell.recurrent for n, layer in enumerate(self.layers))

    @property
    def weights(self) -> int:
        """Weights in all layers of the accelerator, biases not counted."""
        return sum(layer.weight_x.size + layer.weight_h.size for layer in self.layers)

    @property
    def input_format(self) -> QFormat:
        """Format of the first layer's inputs, after the scaling."""
        return QFormat(bits=self.value_bits, frac=self.layers[0].x_frac)

    def input_integers(self, x: np.ndarray) -> np.ndarray:
        """Inputs of the first layer from inputs in their own unit: scaled, rounded, clipped.

        Parameters
        ----------
        x : array of numbers, shape (..., inputs)

        Returns
        -------
        ndarray of int64, shape (..., inputs)
            In `input_format`.
        """
        real = np.asarray(x, np.float64)
        return self.input_format.quantise(self.scaling.apply(real) if self.scaling else real)
