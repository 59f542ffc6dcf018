"""The longest step: in how many cycles a step ends, whatever the memories hold."""

from thresh.layout.geometry import Geometry
from thresh.layout.layer_table import REST_SHIFT
from thresh.layout.sdram_chip import BURST_WORDS, ULX3S_SDRAM
from thresh.model.cells import CELLS
from thresh.model.network import MAX_LAYERS

PASSES = max(len(cell.passes) for cell in CELLS.values())
INSTRUCTIONS = 8
"""Most of a cell's program."""

WAIT = 64
"""Cycles for which a pass, an instruction or a layer waits for another block at most."""

WORD_CYCLES = 2
"""Cycles of a word from SDRAM, with the opening of its row and refreshes."""


def longest_step(geometry: Geometry) -> int:
    """Cycles from a step's last input in which its answer is there.

    No table takes longer: blocks, layers, passes, the events of a list and the words of a column
    are counted with as many bits as a network needs.
    """
    blocks, lists = geometry.state_depth // geometry.beats, 2 * geometry.value_depth
    pointwise = blocks * INSTRUCTIONS * (geometry.beats + WAIT) + blocks * geometry.lanes
    if geometry.columns == "sdram":
        words = WORD_CYCLES * BURST_WORDS << ULX3S_SDRAM.column_bits
        columns = lists * (words + WAIT)
    elif geometry.sparse:
        columns = lists * ((1 << REST_SHIFT) + WAIT)
    else:
        columns = blocks * PASSES * (lists + WAIT)
    return MAX_LAYERS * (columns + pointwise + WAIT)
