"""A float network to integers without training: formats and thresholds from recorded sequences."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from thresh.model.float_network import FloatNetwork
from thresh.model.input_scaling import InputScaling
from thresh.model.network import Network
from thresh.model.quantise import (
    LayerFormats,
    choose_formats,
    clipped_weights,
    input_frac,
    quantise_layer,
    scaled_network,
    threshold_integer,
)
from thresh.sim.golden_runs import GoldenRun, run_golden, total_work

from .float_runs import FloatRuns, counted, decided, run_floats
from .losses import Loss, lost_matrices, lost_outputs

SCALES = tuple(2.0 ** (place / 2) for place in range(-14, 3))
"""Thresholds that are tried, as parts of each signal's standard deviation."""

RAISE, RAISES = 2**0.5, 3
"""By how much, and how often, one threshold is raised by itself."""

INPUT_SHIFTS = (1, 0, -1, -2)
"""Fraction bits of the inputs that are tried, from those that take half their range."""

LEAST_POWER = 1e-6
"""Mean square that a silent signal is taken to have, so that its weights keep their precision."""

GAIN = 2.0
"""An input scaling must make the loss so many times smaller to be taken."""

MOST = 1e30
"""Magnitude of inputs and weights from which on squares would leave the numbers of this machine."""

Update = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """A network in integers, and what every step towards it lost.

    Parameters
    ----------
    network : Network
    losses : tuple of Loss
        Float, quantised, delta.
    clipped : tuple of int
        Weights of each layer that its format clipped.
    warnings : tuple of str
        What was lost that people should know before they use the network.
    """

    network: Network
    losses: tuple[Loss, ...]
    clipped: tuple[int, ...]
    warnings: tuple[str, ...] = ()


def calibrate(
    network: FloatNetwork,
    sequences: Sequence[np.ndarray],
    *,
    weight_bits: int = 8,
    value_bits: int = 16,
    deviation: float = 0.05,
    decision: str = "none",
    update: Update = lambda done, total: None,
) -> Calibration:
    """Choose formats and thresholds on ``sequences``.

    The inputs' format is the one of the smallest deviation from the float network, the weights'
    are those of `choose_formats`. Both products of a layer share one accumulator, so inputs far
    from 1 would leave one of its matrices few bits: where that loses `GAIN` times less, the network
    has an input scaling and the first layer's weights take it up.

    Thresholds are the largest with which the delta network's outputs differ from the quantised
    one's by at most ``deviation``: one part of every signal's standard deviation first, then each
    raised by itself while that saves fetches.

    Parameters
    ----------
    network : FloatNetwork
    sequences : sequence of array, each of shape (frames, inputs)
    weight_bits, value_bits : int
    deviation : float
        Root mean square difference allowed, of the outputs' standard deviation.
    decision : str
        As `thresh.model.network.Network.decision`; with ``"last"`` only last steps count.

    Raises
    ------
    ValueError
        When there are no sequences, no format fits, or a matrix or all of the outputs would be
        lost.
    """
    if not sequences:
        raise ValueError("A calibration needs at least one sequence")
    if not 0 <= deviation < np.inf:
        raise ValueError(f"The deviation must be 0 or more, not {deviation:g}")
    _refuse_huge(network, sequences)
    trial = _Trial(network, sequences, decision, update)
    widths = {"weight_bits": weight_bits, "value_bits": value_bits}
    quantised, loss = trial.best(**widths)
    scaling = InputScaling.fitted(np.concatenate(list(sequences)))
    if not scaling.is_slight:
        scaled = _Trial(network, sequences, decision, update, scaling)
        scaled.done = trial.done
        other, less = scaled.best(**widths)
        trial.done = scaled.done
        if GAIN * less.rms < loss.rms:
            trial, quantised, loss = scaled, other, less
    warnings = lost_matrices(trial.network, quantised, loss) + lost_outputs(loss)
    delta = trial.delta(quantised, deviation)
    steps = (trial.float_loss(quantised), loss)
    clipped = [
        clipped_weights(layer, formats_of(made))
        for layer, made in zip(trial.network.layers, quantised.layers, strict=True)
    ]
    losses = (*steps, trial.loss(delta, "delta"))
    update(trial.most, trial.most)
    return Calibration(network=delta, losses=losses, clipped=tuple(clipped), warnings=warnings)


def _refuse_huge(network: FloatNetwork, sequences: Sequence[np.ndarray]) -> None:
    arrays = {"inputs": list(sequences)}
    for place, layer in enumerate(network.layers):
        arrays[f"weights of layer {place}"] = [layer.weight_x, layer.weight_h, layer.bias]
    for name, found in arrays.items():
        most = max((float(np.abs(array).max(initial=0)) for array in found), default=0.0)
        if not most < MOST:
            raise ValueError(f"The {name} must be below {MOST:g} in magnitude, not {most:.3g}")


def with_thresholds(network: Network, thresholds: Iterable[float]) -> Network:
    """``network`` with real thresholds of its inputs and of each layer's output, rounded."""
    fracs = [network.layers[0].x_frac] + [layer.h_frac for layer in network.layers]
    integers = [
        threshold_integer(value, frac, network.value_bits)
        for value, frac in zip(thresholds, fracs, strict=True)
    ]
    integers[-1] *= network.encoded[-1]
    layers = [
        replace(layer, threshold_x=integers[n], threshold_h=integers[n + 1])
        for n, layer in enumerate(network.layers)
    ]
    return replace(network, layers=tuple(layers))


class _Trial:
    """The calibration sequences, and what networks make of them."""

    def __init__(
        self, network: FloatNetwork, sequences: Sequence[np.ndarray], decision: str,
        update: Update, scaling: InputScaling | None = None,
    ) -> None:  # fmt: skip
        self.sequences, self.decision, self.scaling = sequences, decision, scaling
        self.network = scaled_network(network, scaling) if scaling else network
        scaled = [scaling.apply(x) for x in sequences] if scaling else sequences
        self.real: FloatRuns = run_floats(self.network, scaled)
        self.wanted = counted(self.real.runs, decision)
        self.spread = _spread(self.wanted)
        self.done, self.update = 0, update
        self.most = len(SCALES) + 2 * len(INPUT_SHIFTS) + RAISES * (len(network.layers) + 1) + 4

    def quantised(self, shift: int, **widths: Any) -> Network:
        """The network in integers with thresholds of zero."""
        x_frac = input_frac(self.real.largest, widths["value_bits"]) + shift
        layers = []
        for number, layer in enumerate(self.network.layers):
            power_x, power_h = np.maximum(self.real.power[number : number + 2], LEAST_POWER)
            formats = choose_formats(layer, [x_frac], power_x=power_x, power_h=power_h, **widths)
            layers.append(quantise_layer(layer, formats))
            x_frac = layers[-1].h_frac
        return Network(layers=tuple(layers), scaling=self.scaling)

    def best(self, **widths: Any) -> tuple[Network, Loss]:
        """The network in integers that loses least, and what it loses."""
        made = [self.quantised(shift, **widths) for shift in INPUT_SHIFTS]
        pairs = [(one, self.loss(one, "quantised")) for one in made]
        return min(pairs, key=lambda pair: pair[1].rms)

    def runs(self, network: Network) -> list[GoldenRun]:
        """Golden runs of the sequences."""
        self.done += 1
        self.update(self.done, self.most)
        return run_golden(network, [network.input_integers(x) for x in self.sequences])

    def delta(self, quantised: Network, deviation: float) -> Network:
        """The network with thresholds that save fetches within ``deviation``."""
        spread = self.real.spread
        frac = quantised.output_frac
        base = counted(self.runs(quantised), self.decision, frac)
        limit = deviation * _spread(base)

        def fetches(thresholds: np.ndarray) -> int | None:
            """Fetches with these thresholds; None when the outputs move too far."""
            runs = self.runs(with_thresholds(quantised, thresholds))
            moved = counted(runs, self.decision, frac) - base
            if np.sqrt(np.mean(moved**2)) > limit:
                return None
            return total_work(quantised, runs).weight_fetches

        best, least = np.zeros(len(spread)), fetches(np.zeros(len(spread)))
        misses = 0
        for scale in SCALES:
            count = fetches(scale * spread)
            if count is not None and (least is None or count < least):
                best, least = scale * spread, count
            misses = misses + 1 if count is None else 0
            if misses == 2:
                break
        for place in range(len(spread) - (not quantised.encoded[-1])):
            for _ in range(RAISES):
                raised = best.copy()
                raised[place] *= RAISE
                count = fetches(raised) if raised[place] else None
                if count is None or (least is not None and count >= least):
                    break
                best, least = raised, count
        return with_thresholds(quantised, best)

    def float_loss(self, quantised: Network) -> Loss:
        """The float network against itself; fetches are those of values that change at all."""
        return self._loss("float", quantised, self.real.runs, self.wanted, 0)

    def loss(self, network: Network, step: str) -> Loss:
        """A network in integers against the float network."""
        runs = self.runs(network)
        outputs = counted(runs, self.decision, network.output_frac)
        return self._loss(step, network, runs, outputs, sum(run.saturations for run in runs))

    def _loss(
        self, step: str, network: Network, runs: list[GoldenRun], outputs: np.ndarray,
        saturations: int,
    ) -> Loss:  # fmt: skip
        difference = outputs - self.wanted
        rms = float(np.sqrt(np.mean(difference**2)))
        agreement = None
        if self.decision in ("last", "mean"):
            pairs = (decided(runs, self.decision), decided(self.real.runs, self.decision))
            agreement = float(np.mean(np.equal(*pairs)))
        return Loss(
            step=step,
            rms=rms,
            largest=float(np.abs(difference).max()),
            share=rms / self.spread if self.spread else 0.0,
            agreement=agreement,
            reduction=total_work(network, runs).reduction,
            saturations=saturations,
        )


def _spread(outputs: np.ndarray) -> float:
    """Standard deviation around each output's own mean."""
    return float(np.sqrt(np.mean((outputs - outputs.mean(axis=0)) ** 2)))


def formats_of(layer: Any) -> LayerFormats:
    return LayerFormats(
        **{name: getattr(layer, name) for name in LayerFormats.__dataclass_fields__}
    )
