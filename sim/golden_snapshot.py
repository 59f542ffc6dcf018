"""Save and restore of the golden model's state."""

import numpy as np

from thresh.model.snapshot import LayerSnapshot, Snapshot, fingerprint

from .golden import GoldenModel


def save(model: GoldenModel, sequence: int = 0) -> Snapshot:
    """The state of one of a model's sequences."""
    return Snapshot(
        fingerprint=fingerprint(model.network),
        reference_x=model.reference_x[sequence].copy(),
        layers=tuple(
            LayerSnapshot(
                registers={n: getattr(state, n)[sequence].copy() for n in layer.cell.persistent},
                reference=state.reference_h[sequence].copy() if encoded else None,
            )
            for layer, state, encoded in zip(
                model.network.layers, model.layers, model.network.encoded, strict=True
            )
        ),
    )


def restore(model: GoldenModel, snapshot: Snapshot) -> None:
    """Go on from ``snapshot`` in all sequences of a model.

    What a saved step had sent and not yet accumulated lies in the accumulators afterwards, and no
    layer counts as settled.

    Raises
    ------
    ValueError
        When the snapshot is of another network.
    """

    def spread(values: np.ndarray) -> np.ndarray:
        return np.repeat(values[None], model.batch, axis=0)

    accumulators = snapshot.accumulators(model.network)
    model.new_sequence()
    model.reference_x = spread(snapshot.reference_x)
    for state, kept, m in zip(model.layers, snapshot.layers, accumulators, strict=True):
        state.m = spread(m)
        for name, values in kept.registers.items():
            setattr(state, name, spread(values))
        if kept.reference is not None:
            state.reference_h = spread(kept.reference)
