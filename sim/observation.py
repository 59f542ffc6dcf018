"""What is seen of an accelerator after a step: one record, whatever the simulator."""

import numpy as np

from thresh.layout.link import Counter, Region, word_bytes
from thresh.layout.memory_map import NetworkMap

from .golden_memories import Memories, numbers


def used_words(plan: NetworkMap) -> dict[Region, int]:
    """Words from address 0 that hold accumulators, state, references and counters in use."""
    layers, pointwise_lanes = plan.layers, plan.geometry.pointwise_lanes
    return {
        Region.ACCUMULATORS: sum(layer.accumulators for layer in layers) // pointwise_lanes,
        Region.STATE: max(
            (layer.s_base if "s" in layer.cell.persistent else layer.h_base)
            + layer.padded // pointwise_lanes
            for layer in layers
        ),
        Region.REFERENCES: max(
            plan.inputs, *(layer.h_segment + layer.units * layer.encoded for layer in layers)
        ),
        Region.COUNTERS: Counter.FIRED + len(layers) + 1,
    }


def record_type(plan: NetworkMap) -> np.dtype:
    """The type of one step's record.

    Fields are ``time`` (ns of simulated time at the step's answer, 0 where there is no waveform),
    ``cycles`` (the step's), ``outputs`` (padded), and the words of each region in use by name.
    """
    words = [
        (region.name, "u1", (count, word_bytes(region, plan.geometry)))
        for region, count in used_words(plan).items()
    ]
    outputs = ("outputs", "<i2", (plan.output_words * plan.geometry.pointwise_lanes,))
    return np.dtype([("time", "<u8"), ("cycles", "<u4"), outputs, *words])


def record_of(plan: NetworkMap, memories: Memories) -> np.void:
    """A step's record from the words of the regions in use; the step's cycles are the counter's."""
    record = np.zeros((), record_type(plan))
    for region, words in memories.items():
        record[region.name] = words
    state = numbers(memories, Region.STATE)
    first = plan.output_base * plan.geometry.pointwise_lanes
    record["outputs"] = state[first : first + len(record["outputs"])]
    record["cycles"] = numbers(memories, Region.COUNTERS)[Counter.STEP_CYCLES]
    return record[()]


def memories_of(record: np.void) -> Memories:
    """The regions of a record."""
    names = {region.name: region for region in Region}
    return {names[name]: record[name] for name in record.dtype.names if name in names}
