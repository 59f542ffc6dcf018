"""Where a network lies in an accelerator's memories, and whether it fits."""

from dataclasses import dataclass

from thresh.model.network import MAX_LAYERS, Network

from .geometry import Geometry
from .packet_budget import PacketBudget
from .sizes import ceil_div, round_up
from .sparse_columns import sparse_layer
from .weight_layout import pass_columns


@dataclass(frozen=True, kw_only=True)
class LayerPlacement:
    """Addresses of one layer, in words of each memory.

    Parameters
    ----------
    blocks : int
        Groups of P units, the last one padded.
    weight_base, accumulator_base : int
        Where columns are sparse, ``weight_base`` counts pairs of words.
    h_base, s_base : int
        State memory; ``s_base`` equals the word after h where the cell has no s.
    x_segment, h_segment : int
        First event of the input and of the own list in the value memories.
    column_words, column_rest : int
        Pairs of words of a column, and the cycles after it, where columns are sparse; else 0.
    """

    blocks: int
    weight_base: int
    accumulator_base: int
    h_base: int
    s_base: int
    x_segment: int
    h_segment: int
    column_words: int = 0
    column_rest: int = 0


@dataclass(frozen=True, kw_only=True)
class Placement:
    """A network's memory map.

    Parameters
    ----------
    layers : tuple of LayerPlacement
    bias_base : int
        Weight word where the biases start.
    weight_words, accumulator_words, state_words, values : int
        What is used of each memory.
    """

    layers: tuple[LayerPlacement, ...]
    bias_base: int
    weight_words: int
    accumulator_words: int
    state_words: int
    values: int

    @property
    def reset_words(self) -> int:
        """Words that a new sequence resets, one a cycle, list lengths included."""
        return max(self.accumulator_words, self.state_words, self.values, 4 * MAX_LAYERS)


def aligned(values: int, geometry: Geometry) -> int:
    """Room of a list: S values lie beside each other."""
    return round_up(values, geometry.pointwise_lanes)


def measure(network: Network, geometry: Geometry) -> Placement:
    """The memory map of ``network`` for these lanes, whatever the depths."""
    accumulator = 0
    biases = sum(
        ceil_div(layer.units, geometry.lanes) * len(layer.cell.passes) for layer in network.layers
    )
    bias_words = ceil_div(biases * geometry.beats, geometry.biases_per_word)
    weight = ceil_div(bias_words, 2) * geometry.sparse
    state, values = geometry.temporaries, aligned(network.inputs, geometry)
    x_segment = 0
    layers = []
    for layer, encoded in zip(network.layers, network.encoded, strict=True):
        blocks = ceil_div(layer.units, geometry.lanes)
        words = blocks * geometry.beats
        cell = layer.cell
        columns = {}
        if geometry.sparse:
            sparse = sparse_layer(layer, geometry.lanes, geometry.interleave)
            columns = {"column_words": sparse.words, "column_rest": sparse.rest}
        layers.append(
            LayerPlacement(
                blocks=blocks,
                weight_base=weight,
                accumulator_base=accumulator,
                h_base=state,
                s_base=state + words,
                x_segment=x_segment,
                h_segment=values if encoded else 0,
                **columns,
            )
        )
        if geometry.sparse:
            weight += sparse.words * (layer.hidden + layer.inputs)
        else:
            weight += blocks * sum(pass_columns(cell, layer.hidden, layer.inputs))
        accumulator += words * len(cell.passes)
        state += words * len(cell.persistent)
        x_segment = values
        values += aligned(layer.units, geometry) * encoded
    return Placement(
        layers=tuple(layers),
        bias_base=0 if geometry.sparse else weight,
        weight_words=2 * weight if geometry.sparse else weight + bias_words,
        accumulator_words=accumulator,
        state_words=state,
        values=values,
    )


def step_packets(network: Network, lanes: int) -> PacketBudget:
    """What a step of ``network`` sends over the link, with so many lanes."""
    outputs = network.layers[-1].units
    return PacketBudget(inputs=network.inputs, outputs=outputs, lanes=lanes)


def place(network: Network, geometry: Geometry) -> Placement:
    """`measure`, refusing what does not fit.

    Raises
    ------
    ValueError
        With the memory, what the network needs and what the accelerator has.
    """
    placement = measure(network, geometry)
    check(placement, network, geometry)
    return placement


def check(placement: Placement, network: Network, geometry: Geometry) -> None:
    """Refuse a memory map that exceeds an accelerator, see `place`."""
    for name in ("weight_bits", "value_bits"):
        if getattr(network, name) != getattr(geometry, name):
            raise ValueError(
                f"The network has {name} {getattr(network, name)}, the accelerator "
                f"{getattr(geometry, name)}"
            )
    packet = step_packets(network, geometry.lanes).longest
    limits = {
        "weight memory": (placement.weight_words, geometry.weight_depth, "weight words"),
        "delta memory": (placement.accumulator_words, geometry.accumulator_depth, "words"),
        "state memory": (placement.state_words, geometry.state_depth, "words"),
        "value memory": (placement.values, geometry.value_depth, "values"),
        "link": (packet, geometry.packet_bytes, "bytes per packet"),
    }
    for name, (needed, available, unit) in limits.items():
        if needed > available:
            raise ValueError(
                f"The network does not fit the {name}: it needs {needed} {unit}, the "
                f"accelerator with {geometry.lanes} lanes has {available}"
            )
