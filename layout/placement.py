"""Where a network is put in an accelerator's memories, and whether it fits."""

from collections.abc import Sequence

from thresh.model.network import Network

from .geometry import Geometry
from .memory_map import LayerMap, NetworkMap
from .packet_budget import PacketBudget
from .sizes import ceil_div, round_up
from .sparse_columns import SparseLayer, sparse_layers


def aligned(values: int, geometry: Geometry) -> int:
    """Room of a list: S values lie beside each other."""
    return round_up(values, geometry.pointwise_lanes)


def measure(
    network: Network, geometry: Geometry, columns: Sequence[SparseLayer] | None = None
) -> NetworkMap:
    """The memory map of ``network`` for these lanes, whatever the depths.

    Parameters
    ----------
    network : Network
    geometry : Geometry
    columns : sequence of SparseLayer, optional
        Of every layer where columns are sparse, if they are at hand: `sparse_layers`.
    """
    columns = sparse_layers(network, geometry) if columns is None else columns
    biases = sum(
        ceil_div(layer.units, geometry.lanes) * len(layer.cell.passes) for layer in network.layers
    )
    bias_words = ceil_div(biases * geometry.beats, geometry.biases_per_word)
    # Sparse columns lie behind the biases, in pairs of words; others before them.
    weight = ceil_div(bias_words, 2) if geometry.sparse_memory else 0
    accumulator, x_segment = 0, 0
    state, values = geometry.temporaries, aligned(network.inputs, geometry)
    layers: list[LayerMap] = []
    for number, (layer, encoded) in enumerate(zip(network.layers, network.encoded, strict=True)):
        one = LayerMap(
            geometry=geometry,
            kind=layer.kind,
            shift=layer.shift,
            units=layer.units,
            inputs=layer.inputs,
            threshold_h=layer.threshold_h,
            encoded=encoded,
            weight_base=weight,
            accumulator_base=accumulator,
            h_base=state,
            s_base=state + ceil_div(layer.units, geometry.lanes) * geometry.beats,
            x_segment=x_segment,
            h_segment=values if encoded else 0,
            column_words=columns[number].words if columns else 0,
            column_rest=columns[number].rest if columns else 0,
        )
        layers.append(one)
        weight += one.weight_words
        accumulator += one.words * len(one.cell.passes)
        state += one.words * len(one.cell.persistent)
        x_segment = values
        values += aligned(layer.units, geometry) * encoded
    return NetworkMap(
        geometry=geometry,
        layers=tuple(layers),
        threshold_x=network.layers[0].threshold_x,
        bias_base=0 if geometry.sparse_memory else weight,
    )


def step_packets(network: Network, lanes: int) -> PacketBudget:
    """What a step of ``network`` sends over the link, with so many lanes."""
    outputs = network.layers[-1].units
    return PacketBudget(inputs=network.inputs, outputs=outputs, lanes=lanes)


def place(
    network: Network, geometry: Geometry, columns: Sequence[SparseLayer] | None = None
) -> NetworkMap:
    """`measure`, refusing what does not fit.

    Raises
    ------
    ValueError
        With the memory, what the network needs and what the accelerator has.
    """
    placement = measure(network, geometry, columns)
    check(placement, network, geometry)
    return placement


def memory_needs(placement: NetworkMap, geometry: Geometry) -> dict[str, tuple[int, int, str]]:
    """What a memory map takes of each memory, what an accelerator has, and the unit of both."""
    word = f"words of {geometry.weight_word_bits} bits"
    # The upper half of the addresses is a window on the SDRAM, where there is one.
    weight_depth = geometry.weight_depth // (2 if geometry.columns == "sdram" else 1)
    return {
        "weight memory": (placement.weight_words, weight_depth, word),
        "delta memory": (placement.accumulator_words, geometry.accumulator_depth, "words"),
        "state memory": (placement.state_words, geometry.state_depth, "words"),
        "value memory": (placement.values, geometry.value_depth, "values"),
        "link": (placement.packets.longest, geometry.packet_bytes, "bytes per packet"),
    }


def check(placement: NetworkMap, network: Network, geometry: Geometry) -> None:
    """Refuse a memory map that exceeds an accelerator, see `place`."""
    for name in ("weight_bits", "value_bits"):
        if getattr(network, name) != getattr(geometry, name):
            raise ValueError(
                f"The network has {name} {getattr(network, name)}, the accelerator "
                f"{getattr(geometry, name)}"
            )
    for name, (needed, available, unit) in memory_needs(placement, geometry).items():
        if needed > available:
            raise ValueError(
                f"The network does not fit the {name}: it needs {needed} {unit}, the "
                f"accelerator with {geometry.lanes} lanes has {available}"
            )
