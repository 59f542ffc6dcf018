"""What an accelerator does with memories that hold no network: what it finds out, what it makes."""

import numpy as np

from thresh.layout.geometry import Geometry
from thresh.layout.layer_table import ENCODED, HEADER_FIELDS, LAST_LAYER, TABLE_WORDS
from thresh.layout.link import Region, word_bytes
from thresh.layout.packet_budget import most_outputs
from thresh.model.cells import KIND_OF_CODE
from thresh.model.network import MAX_LAYERS

from .golden_memories import Memories


def header_of(memories: Memories) -> dict[str, int]:
    """The header's words by name."""
    words = memories[Region.HEADER].view("<u2").reshape(-1).tolist()
    return dict(zip(HEADER_FIELDS, words, strict=False))


def wanted_inputs(memories: Memories, geometry: Geometry) -> int:
    """Inputs of a step: of the header's word, as many bits as a value's address has."""
    return header_of(memories)["inputs_minus_1"] % geometry.value_depth + 1


def found_out(memories: Memories, geometry: Geometry) -> bool:
    """Whether a step is answered with `Fault.NO_NETWORK`.

    That is so without a last layer, for a layer before another one that is not encoded, for an
    unknown kind, and for outputs that fit no packet. Other nonsense is carried out.
    """
    if header_of(memories)["output_words_minus_1"] >= most_outputs(geometry):
        return True
    kinds = memories[Region.TABLE].view("<u2").reshape(MAX_LAYERS, TABLE_WORDS)[:, 0]
    for kind in kinds.tolist():
        if kind & 15 not in KIND_OF_CODE:
            return True
        if kind & LAST_LAYER:
            return False
        if not kind & ENCODED:
            return True
    return True


def begin_sequence(memories: Memories, geometry: Geometry) -> None:
    """State, references and counters to zero, M to bias, as far as the header says.

    Where to end is found late: the word after the last one is reset as well.
    """
    header = header_of(memories)
    words = header["reset_minus_1"] % _reset_addresses(geometry) + 2
    for region in (Region.STATE, Region.REFERENCES):
        memories[region][:words] = 0
    memories[Region.COUNTERS][:] = 0
    accumulators = memories[Region.ACCUMULATORS]
    rows, size = min(words, len(accumulators)), word_bytes(Region.ACCUMULATORS, geometry)
    parts = geometry.biases_per_word
    depth = geometry.weight_depth // (2 if geometry.columns == "sdram" else 1)
    at = (header["bias_base"] + np.arange(rows) // parts) % (1 << (depth - 1).bit_length())
    inside = at < depth
    biases = memories[Region.WEIGHTS][np.where(inside, at, 0)].reshape(rows, parts, size)
    accumulators[:rows] = biases[np.arange(rows), np.arange(rows) % parts] * inside[:, None]


def outputs(memories: Memories) -> np.ndarray:
    """Words in which a step's outputs lie, uint8 of shape (words, bytes per word)."""
    header, state = header_of(memories), memories[Region.STATE]
    return state[
        (header["output_base"] + np.arange(header["output_words_minus_1"] + 1)) % len(state)
    ]


def _reset_addresses(geometry: Geometry) -> int:
    """Addresses that a new sequence counts: of the header's last one, it looks at no more bits."""
    depths = geometry.accumulator_depth, geometry.state_depth, geometry.value_depth
    return 1 << (2 * max(*depths, 2 * 2 * MAX_LAYERS) - 1).bit_length()
