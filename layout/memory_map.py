"""Where a network lies in an accelerator's memories: the one description of it.

`thresh.layout.placement` makes it for a network, `thresh.layout.memories` writes it as a layer
table and reads it back.
"""

from dataclasses import dataclass

import numpy as np

from thresh.model.cells import CELLS, Cell
from thresh.model.network import MAX_LAYERS

from .geometry import Geometry
from .packet_budget import PacketBudget
from .sdram_chip import BURST_WORDS
from .sizes import ceil_div, round_up
from .weight_layout import lane_biases, layer_biases, pass_columns


@dataclass(frozen=True, kw_only=True)
class LayerMap:
    """One layer: its sizes, and its addresses in words of each memory.

    Parameters
    ----------
    geometry : Geometry
        Of the accelerator.
    kind : str
    shift, units, inputs, threshold_h : int
        As the `thresh.model.network.Layer`'s.
    encoded : bool
        Whether the output is delta encoded.
    weight_base, accumulator_base : int
        ``weight_base`` counts pairs of words where columns are sparse on the chip, and rows of an
        SDRAM.
    h_base, s_base : int
        State memory; ``s_base`` equals the word after h where the cell has no s.
    x_segment, h_segment : int
        First place of the input and of the own list in the value memories.
    column_words, column_rest : int
        Pairs of words of a column, and the cycles after it, where columns are sparse on the chip.
    bursts : int
        Of a column in SDRAM.
    sparse : bool
        Whether columns in SDRAM are.
    """

    geometry: Geometry
    kind: str
    shift: int
    units: int
    inputs: int
    threshold_h: int
    encoded: bool
    weight_base: int
    accumulator_base: int
    h_base: int
    s_base: int
    x_segment: int
    h_segment: int
    column_words: int = 0
    column_rest: int = 0
    bursts: int = 0
    sparse: bool = False

    @property
    def cell(self) -> Cell:
        """The layer's kind as data."""
        return CELLS[self.kind]

    @property
    def hidden(self) -> int:
        """Hidden columns."""
        return self.units * self.cell.recurrent

    @property
    def columns(self) -> int:
        """Columns: hidden ones, then those of inputs."""
        return self.hidden + self.inputs

    @property
    def blocks(self) -> int:
        """Groups of P units, the last one padded."""
        return ceil_div(self.units, self.geometry.lanes)

    @property
    def padded(self) -> int:
        """Units with the padding of the last block."""
        return self.blocks * self.geometry.lanes

    @property
    def words(self) -> int:
        """Words of S units."""
        return self.blocks * self.geometry.beats

    @property
    def accumulators(self) -> int:
        """Accumulators with padding."""
        return self.padded * len(self.cell.passes)

    @property
    def weight_words(self) -> int:
        """Words of the weight memory, those of the biases not counted; pairs where sparse.

        None where columns lie in SDRAM.
        """
        if self.geometry.columns == "sdram":
            return 0
        if self.geometry.sparse_memory:
            return self.column_words * self.columns
        return self.blocks * sum(pass_columns(self.cell, self.hidden, self.inputs))

    @property
    def event_cycles(self) -> tuple[int, int]:
        """Cycles in which the lanes work on an event of the hidden and of the input list."""
        passes = self.cell.passes
        counts = sum(pass_.hidden for pass_ in passes), sum(pass_.inputs for pass_ in passes)
        column = self.column_words or self.bursts * BURST_WORDS
        if column:
            return column * bool(counts[0]), column * bool(counts[1])
        return self.blocks * counts[0], self.blocks * counts[1]

    def events_of_passes(self, hidden: int, inputs: int) -> list[int]:
        """Events of each pass, from those of the two lists."""
        return pass_columns(self.cell, hidden, inputs)

    def pack_accumulators(self, m: np.ndarray) -> np.ndarray:
        """(K, H) to the order of the delta memory, flat, padded with 0."""
        return lane_biases(m, self.geometry.lanes, self.geometry.interleave)

    def unpack_accumulators(self, flat: np.ndarray) -> np.ndarray:
        """The inverse of `pack_accumulators`, shape (K, H)."""
        shape = self.geometry
        passes = len(self.cell.passes)
        return layer_biases(flat, passes, self.units, shape.lanes, shape.interleave)


@dataclass(frozen=True, kw_only=True)
class NetworkMap:
    """A network's memory map.

    Parameters
    ----------
    geometry : Geometry
    layers : tuple of LayerMap
    threshold_x : int
        The first layer's.
    bias_base : int
        Weight word where the biases start.
    """

    geometry: Geometry
    layers: tuple[LayerMap, ...]
    threshold_x: int
    bias_base: int

    @property
    def inputs(self) -> int:
        """Inputs per step."""
        return self.layers[0].inputs

    @property
    def outputs(self) -> int:
        """Outputs per step."""
        return self.layers[-1].units

    @property
    def packets(self) -> PacketBudget:
        """What a step sends over the link."""
        lanes = self.geometry.lanes
        return PacketBudget(inputs=self.inputs, outputs=self.outputs, lanes=lanes)

    @property
    def output_base(self) -> int:
        """First word of the outputs in the state memory."""
        return self.layers[-1].h_base

    @property
    def output_words(self) -> int:
        """Words of the outputs there."""
        return self.layers[-1].words

    @property
    def accumulator_words(self) -> int:
        """Words of the delta memory in use."""
        last = self.layers[-1]
        return last.accumulator_base + last.words * len(last.cell.passes)

    @property
    def bias_words(self) -> int:
        """Words of the weight memory that the biases fill."""
        return ceil_div(self.accumulator_words, self.geometry.biases_per_word)

    @property
    def weight_words(self) -> int:
        """Words of the weight memory in use."""
        last = self.layers[-1]
        if self.geometry.sparse_memory:
            return 2 * (last.weight_base + last.weight_words)
        return self.bias_base + self.bias_words

    @property
    def state_words(self) -> int:
        """Words of the state memory in use."""
        last = self.layers[-1]
        return last.h_base + last.words * len(last.cell.persistent)

    @property
    def values(self) -> int:
        """Values of the value memories in use."""
        last, lanes = self.layers[-1], self.geometry.pointwise_lanes
        if last.encoded:
            return last.h_segment + round_up(last.units, lanes)
        return last.x_segment + round_up(last.inputs, lanes)

    @property
    def reset_words(self) -> int:
        """Words that a new sequence resets, one a cycle, list lengths included."""
        return max(self.accumulator_words, self.state_words, self.values, 4 * MAX_LAYERS)
