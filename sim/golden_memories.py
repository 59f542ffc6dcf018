"""The golden model's state as the words an accelerator keeps, and back."""

import numpy as np

from thresh.layout.link import Region
from thresh.layout.memory_map import NetworkMap

from .golden import GoldenModel

Memories = dict[Region, np.ndarray]
"""Per region, uint8 of shape (words, bytes per word)."""


def numbers(memories: Memories, region: Region) -> np.ndarray:
    """A region as its numbers: flat, little endian, a view of the same bytes."""
    kind = {Region.ACCUMULATORS: "<i4", Region.COUNTERS: "<u4"}.get(region, "<i2")
    return memories[region].view(kind).reshape(-1)


def store(model: GoldenModel, plan: NetworkMap, memories: Memories) -> None:
    """Write accumulators, state and references of a model of batch 1; padded units are zero."""
    pointwise_lanes = plan.geometry.pointwise_lanes
    accumulators = numbers(memories, Region.ACCUMULATORS)
    values, references = numbers(memories, Region.STATE), numbers(memories, Region.REFERENCES)
    references[: plan.inputs] = model.reference_x[0]
    for layer, state in zip(plan.layers, model.layers, strict=True):
        first = layer.accumulator_base * pointwise_lanes
        accumulators[first : first + layer.accumulators] = layer.pack_accumulators(state.m[0])
        for name in layer.cell.persistent:
            first = getattr(layer, f"{name}_base") * pointwise_lanes
            values[first : first + layer.units] = getattr(state, name)[0]
        if layer.encoded:
            references[layer.h_segment : layer.h_segment + layer.units] = state.reference_h[0]


def fetch(model: GoldenModel, plan: NetworkMap, memories: Memories) -> None:
    """The inverse of `store`; lists and settled layers are in no memory and stay as they are."""
    pointwise_lanes = plan.geometry.pointwise_lanes
    accumulators = numbers(memories, Region.ACCUMULATORS).astype(np.int64)
    values = numbers(memories, Region.STATE).astype(np.int64)
    references = numbers(memories, Region.REFERENCES).astype(np.int64)
    model.reference_x = references[None, : plan.inputs]
    for layer, state in zip(plan.layers, model.layers, strict=True):
        first = layer.accumulator_base * pointwise_lanes
        flat = accumulators[first : first + layer.accumulators]
        state.m = layer.unpack_accumulators(flat)[None]
        for name in layer.cell.persistent:
            first = getattr(layer, f"{name}_base") * pointwise_lanes
            setattr(state, name, values[None, first : first + layer.units])
        if layer.encoded:
            state.reference_h = references[None, layer.h_segment : layer.h_segment + layer.units]


def keep_lists(old: GoldenModel, new: GoldenModel) -> None:
    """Carry the lists of hidden deltas and which layers are settled to a model of equal shape."""
    if [state.m.shape for state in old.layers] == [state.m.shape for state in new.layers]:
        for before, after in zip(old.layers, new.layers, strict=True):
            after.delta_h, after.settled = before.delta_h, before.settled
