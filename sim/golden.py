"""Golden model: the delta network in exact integers, NumPy only.

It shares the network's description with the gateware, never its arithmetic circuits.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from thresh.model import arithmetic
from thresh.model.network import Layer, Network
from thresh.model.readout import read_out


@dataclass(kw_only=True)
class LayerState:
    """What one layer keeps between steps, for a batch of B sequences.

    Parameters
    ----------
    h, s : ndarray of int64, shape (B, H)
        State; ``s`` only means something for cells that have it.
    reference_h : ndarray of int64, shape (B, H)
        Last value sent of each output.
    delta_h : ndarray of int64, shape (B, H)
        What the last step sent.
    m : ndarray of int64, shape (B, K, H)
        Accumulated pre-activations.
    settled : ndarray of bool, shape (B,)
        The last evaluation changed no state that it depends on and sent all it had to. While it
        is settled and receives no event, M and hence every register is a function of unchanged
        values, so evaluating the layer again returns the same h: the gateware skips it.
    """

    h: np.ndarray
    s: np.ndarray
    reference_h: np.ndarray
    delta_h: np.ndarray
    m: np.ndarray
    settled: np.ndarray


@dataclass(kw_only=True)
class Trace:
    """Everything one run saw; time T is axis 1, batch B axis 0.

    Parameters
    ----------
    outputs : ndarray of int64, shape (B, T, outputs)
    fired_x : ndarray of int64, shape (B, T)
        Input events.
    fired_h : ndarray of int64, shape (B, T, layers)
        Events each layer sent in that step; 0 where nothing listens.
    saturations : ndarray of int64, shape (B, T)
        Narrowings that clipped; a skipped layer makes none.
    skipped : ndarray of bool, shape (B, T, layers)
        Layers that were settled and received nothing.
    states : list
        Per step, per layer `LayerState`, when asked for.
    """

    outputs: np.ndarray
    fired_x: np.ndarray
    fired_h: np.ndarray
    saturations: np.ndarray
    skipped: np.ndarray
    states: list[list[LayerState]] = field(default_factory=list)


class GoldenModel:
    """Exact integer delta network over a batch of sequences.

    Parameters
    ----------
    network : Network
    batch : int
        Sequences run side by side.
    """

    def __init__(self, network: Network, batch: int = 1) -> None:
        self.network = network
        self.batch = batch
        self._columns = [_columns(layer) for layer in network.layers]
        self.new_sequence()

    def new_sequence(self) -> None:
        """State and references to zero, M to bias."""

        def zeros(size: int) -> np.ndarray:
            return np.zeros((self.batch, size), np.int64)

        self.reference_x = zeros(self.network.inputs)
        self.layers = [
            LayerState(
                h=zeros(layer.units),
                s=zeros(layer.units),
                reference_h=zeros(layer.units),
                delta_h=zeros(layer.units),
                m=np.repeat(layer.bias[None], self.batch, axis=0),
                settled=np.zeros(self.batch, bool),
            )
            for layer in self.network.layers
        ]
        self.fired_x = np.zeros(self.batch, np.int64)
        self.fired_h = np.zeros((self.batch, len(self.layers)), np.int64)
        self.saturations = np.zeros(self.batch, np.int64)
        self.skipped = np.zeros((self.batch, len(self.layers)), bool)

    def step(self, x: np.ndarray) -> np.ndarray:
        """Advance one step.

        Parameters
        ----------
        x : ndarray of int, shape (B, I)
            Inputs in the first layer's format.

        Returns
        -------
        ndarray of int64, shape (B, outputs)
            Read out, where the network has a readout.
        """
        first = self.network.layers[0]
        self.saturations = np.zeros(self.batch, np.int64)
        delta, clipped = self._encode(
            0, np.asarray(x, np.int64), self.reference_x, first.threshold_x
        )
        self.reference_x = self.reference_x + delta
        self._count(clipped)
        self.fired_x = np.count_nonzero(delta, axis=1)
        for number, (layer, state) in enumerate(zip(self.network.layers, self.layers, strict=True)):
            deltas = np.concatenate((state.delta_h[:, : layer.hidden], delta), axis=1)
            received = deltas.any(axis=1)
            self.skipped[:, number] = state.settled & ~received
            if received.any():
                self._accumulate(number, deltas)
            self._pointwise(layer, state, ~self.skipped[:, number])
            if self.network.encoded[number]:
                delta, clipped = self._encode(
                    number + 1, state.h, state.reference_h, layer.threshold_h
                )
                state.delta_h = delta
                state.reference_h = state.reference_h + delta
                # What a clipped delta has not sent yet must be sent in the next step.
                state.settled &= ~clipped.any(axis=1)
                self._count(clipped)
                self.fired_h[:, number] = np.count_nonzero(delta, axis=1)
        return read_out(self.network, self.layers[-1].h.copy())

    def _encode(
        self, number: int, values: np.ndarray, reference: np.ndarray, threshold: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """What encoder ``number`` sends, and what of it was clipped; the inputs' is the first."""
        return arithmetic.encode(values, reference, threshold, self.network.value_bits)

    def _accumulate(self, number: int, deltas: np.ndarray) -> None:
        """``M += W_h delta_h + W_x delta_x`` (paper eq. 5), exact: products stay below 2**53."""
        state = self.layers[number]
        sums = (deltas.astype(np.float64) @ self._columns[number]).astype(np.int64)
        state.m = state.m + sums.reshape(state.m.shape)

    def _pointwise(self, layer: Layer, state: LayerState, counted: np.ndarray) -> None:
        bits = layer.value_bits
        settled = np.ones(self.batch, bool)
        registers: dict[str, np.ndarray] = {"h": state.h, "s": state.s}
        row = 0
        for op in layer.cell.program:
            if op.accumulator:
                value, clipped = arithmetic.narrow(state.m[:, row], layer.shift, bits)
                self._count(clipped, counted)
                row += 1
            else:
                assert op.b is not None
                value = registers[op.b]
            addend = registers[op.c] if op.c else 0
            if op.lerp:
                value = value - addend
            if op.a:
                value = arithmetic.shift_round(registers[op.a] * value, op.shift(bits))
            value, clipped = arithmetic.saturate(value + addend, bits)
            self._count(clipped, counted)
            result = arithmetic.FUNCTIONS[op.function](value, bits)
            if op.settles:
                settled &= (result == registers[op.result]).all(axis=1)
            registers[op.result] = result
        state.h, state.s, state.settled = registers["h"], registers["s"], settled

    def _count(self, clipped: np.ndarray, counted: np.ndarray | int = 1) -> None:
        """Add the saturations of the sequences that count, which are rare."""
        if clipped.any():
            self.saturations += clipped.sum(axis=1) * counted

    def run(self, x: np.ndarray, *, keep_states: bool = False) -> Trace:
        """Run whole sequences from the present state.

        Parameters
        ----------
        x : ndarray of int, shape (B, T, I)
        keep_states : bool
            Keep every layer's state after every step (large).
        """
        x = np.asarray(x)
        if x.ndim != 3 or x.shape[0] != self.batch or x.shape[2] != self.network.inputs:
            raise ValueError(
                f"Inputs must have shape ({self.batch}, steps, {self.network.inputs}), "
                f"not {x.shape}"
            )
        steps: dict[str, list[Any]] = {"outputs": [], "x": [], "h": [], "saturations": []}
        steps["skipped"] = []
        states: list[list[LayerState]] = []
        for now in range(x.shape[1]):
            steps["outputs"].append(self.step(x[:, now]))
            steps["x"].append(self.fired_x)
            steps["h"].append(self.fired_h.copy())
            steps["saturations"].append(self.saturations)
            steps["skipped"].append(self.skipped.copy())
            if keep_states:
                states.append([LayerState(**vars(state)) for state in self.layers])

        def stack(name: str, *rest: int) -> np.ndarray:
            if not steps[name]:
                return np.zeros((self.batch, 0, *rest), np.int64)
            return np.stack(steps[name], axis=1)

        return Trace(
            outputs=stack("outputs", self.network.outputs),
            fired_x=stack("x"),
            fired_h=stack("h", len(self.layers)),
            saturations=stack("saturations"),
            skipped=stack("skipped", len(self.layers)).astype(bool),
            states=states,
        )


def _columns(layer: Layer) -> np.ndarray:
    """Columns of all passes side by side, shape (hidden + inputs, K * H), float64 for speed."""
    rows = []
    for pass_ in layer.cell.passes:
        hidden = layer.weight_h[pass_.gate] * pass_.hidden
        inputs = layer.weight_x[pass_.gate] * pass_.inputs
        rows.append(np.concatenate((hidden, inputs), axis=1))
    return np.concatenate(rows, axis=0).T.astype(np.float64)
