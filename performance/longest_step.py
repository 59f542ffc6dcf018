"""The longest step and the longest reset: in how many cycles they end, whatever memories hold."""

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


SETTLE = 18
"""Cycles of a new sequence beside those of its words."""


def longest_reset(geometry: Geometry) -> int:
    """Cycles of a new sequence, whatever the header says is its last word."""
    depths = geometry.accumulator_depth, geometry.state_depth, geometry.value_depth
    return (1 << (2 * max(*depths, 4 * MAX_LAYERS) - 1).bit_length()) + SETTLE


def layer_pointwise(*, blocks: int, interleave: int, beats: int) -> int:
    """Cycles of a layer's program, but for waits: each instruction over each block.

    A program is run once more where its end works on the block before, and a last group of blocks
    takes the time of a whole one.
    """
    return (blocks + 2 * interleave) * INSTRUCTIONS * (beats + WAIT)


def layer_replays(*, blocks: int, lists: int) -> int:
    """Cycles of a layer's passes, each over ``lists`` events, from a memory on the chip."""
    return blocks * PASSES * (lists + WAIT)


def layer_columns(*, lists: int, words: int) -> int:
    """Cycles of a layer's columns, each event's of ``words`` cycles."""
    return lists * (words + WAIT)


def longest_step(geometry: Geometry) -> int:
    """Cycles from a step's last input in which its answer is there.

    No table takes longer: blocks, layers, passes, the events of a list and the words of a column
    are counted with as many bits as a network needs.
    """
    blocks, lists = geometry.state_depth // geometry.beats, 2 * geometry.value_depth
    pointwise = blocks * geometry.lanes + layer_pointwise(
        blocks=blocks, interleave=geometry.interleave, beats=geometry.beats
    )
    if geometry.columns == "sdram":
        words = WORD_CYCLES * BURST_WORDS << ULX3S_SDRAM.column_bits
        columns = layer_columns(lists=lists, words=words)
    elif geometry.sparse:
        columns = layer_columns(lists=lists, words=1 << REST_SHIFT)
    else:
        columns = layer_replays(blocks=blocks, lists=lists)
    return MAX_LAYERS * (columns + pointwise + WAIT)
