"""Float layers to integers: the one place where real weights become the integers of a network."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from .affine import Affine
from .arithmetic import ACCUMULATOR_BITS, pre_format
from .float_network import FloatLayer, FloatNetwork
from .input_scaling import InputScaling
from .network import MAX_SHIFT, Layer, Network
from .qformat import QFormat


@dataclass(frozen=True, kw_only=True)
class LayerFormats:
    """Formats and thresholds of a layer; the fields are those of `thresh.model.network.Layer`."""

    x_frac: int
    weight_x_frac: int
    weight_h_frac: int = 0
    weight_bits: int = 8
    value_bits: int = 16
    threshold_x: int = 0
    threshold_h: int = 0

    @property
    def accumulator_frac(self) -> int:
        """Fraction bits of M."""
        return self.x_frac + self.weight_x_frac


def threshold_integer(threshold: float, frac: int, value_bits: int) -> int:
    """A threshold on the grid of ``frac`` fraction bits: the nearest integer, at most the highest
    that a value of ``value_bits`` bits has."""
    return min(round(threshold * 2.0**frac), QFormat(bits=value_bits, frac=frac).highest)


def quantise_layer(layer: FloatLayer, formats: LayerFormats) -> Layer:
    """The integers of a layer: every weight and bias to the nearest one, halves upwards, clipped.

    Raises
    ------
    ValueError
        When the formats do not fit together, or an accumulator could overflow.
    """
    weights = formats.weight_bits
    bias = QFormat(bits=ACCUMULATOR_BITS, frac=formats.accumulator_frac)
    return Layer(
        kind=layer.kind,
        weight_x=QFormat(bits=weights, frac=formats.weight_x_frac).quantise(layer.weight_x),
        weight_h=QFormat(bits=weights, frac=formats.weight_h_frac).quantise(layer.weight_h),
        bias=bias.quantise(layer.bias),
        **vars(formats),
    )


def scaled_network(network: FloatNetwork, scaling: InputScaling) -> FloatNetwork:
    """The network that takes scaled inputs and gives what ``network`` gives of those unscaled.

    ``W x = (W / scale) ((x - offset) scale) + W offset``.
    """
    scales = np.array(scaling.scales)
    back = Affine(1 / scales, np.array(scaling.offsets))
    return FloatNetwork(layers=(back.before(network.layers[0]), *network.layers[1:]))


def dequantise(network: Network) -> FloatNetwork:
    """The real numbers that a network's integers mean; its inputs are those after the scaling."""
    return FloatNetwork(
        layers=tuple(
            FloatLayer(
                kind=layer.kind,
                weight_x=layer.weight_x / 2.0**layer.weight_x_frac,
                weight_h=layer.weight_h / 2.0**layer.weight_h_frac,
                bias=layer.bias / 2.0**layer.accumulator_frac,
            )
            for layer in network.layers
        )
    )


def clipped_weights(layer: FloatLayer, formats: LayerFormats) -> int:
    """Weights that lie outside the format and were clipped."""
    count = 0
    for name in ("weight_x", "weight_h"):
        form = QFormat(bits=formats.weight_bits, frac=getattr(formats, f"{name}_frac"))
        scaled = np.floor(getattr(layer, name) * 2.0**form.frac + 0.5)
        count += int(((scaled < form.lowest) | (scaled > form.highest)).sum())
    return count


def input_frac(largest: float, value_bits: int) -> int:
    """Most fraction bits with which inputs up to ``largest`` take half the range of a value.

    Half, so that no delta between two inputs clips.
    """
    half = float((1 << (value_bits - 2)) - 1)
    if largest == 0:
        return value_bits - 2
    return min(int(np.floor(np.log2(half / largest))), value_bits + 8)


def expected_error(
    layer: FloatLayer, formats: LayerFormats, *, power_x: float = 1.0, power_h: float = 1.0
) -> float:
    """Expected squared error of the pre-activations, summed over them.

    What rounding and clipping change of each weight, squared and weighed with the mean square of
    what the weight multiplies, and what rounding the inputs changes.

    Parameters
    ----------
    layer : FloatLayer
    formats : LayerFormats
    power_x, power_h : float
        Mean square of an input and of an own output.
    """
    error = float((layer.weight_x**2).sum()) * 4.0**-formats.x_frac / 12
    for name, power in (("weight_x", power_x), ("weight_h", power_h)):
        form = QFormat(bits=formats.weight_bits, frac=getattr(formats, f"{name}_frac"))
        weights = getattr(layer, name)
        error += float(((form.real(form.quantise(weights)) - weights) ** 2).sum()) * power
    return error


def choose_formats(
    layer: FloatLayer,
    x_fracs: Iterable[int],
    *,
    weight_bits: int = 8,
    value_bits: int = 16,
    power_x: float = 1.0,
    power_h: float = 1.0,
) -> LayerFormats:
    """Formats of the smallest `expected_error`.

    Both products of a layer share their fraction bits, so the inputs' and the accumulator's decide
    all; every accumulator that a layer may have is tried.

    Parameters
    ----------
    layer : FloatLayer
    x_fracs : iterable of int
        Fraction bits that its inputs may have.
    weight_bits, value_bits : int
    power_x, power_h : float
        As for `expected_error`.

    Raises
    ------
    ValueError
        When no format is free of overflow.
    """
    h_frac, lowest = value_bits - layer.cell.integer_bits, pre_format(value_bits).frac
    found: list[tuple[float, int, LayerFormats]] = []
    for x_frac in x_fracs:
        for accumulator in range(lowest, lowest + MAX_SHIFT + 1):
            formats = LayerFormats(
                x_frac=x_frac,
                weight_x_frac=accumulator - x_frac,
                weight_h_frac=accumulator - h_frac if layer.hidden else 0,
                weight_bits=weight_bits,
                value_bits=value_bits,
            )
            error = expected_error(layer, formats, power_x=power_x, power_h=power_h)
            found.append((error, len(found), formats))
    reason = ""
    for _, _, formats in sorted(found, key=lambda item: item[:2]):
        try:
            quantise_layer(layer, formats)
        except ValueError as refused:
            reason = reason or str(refused)
        else:
            return formats
    raise ValueError(f"{layer.name or layer.kind} has no format that fits: {reason}")
