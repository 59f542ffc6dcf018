"""Block RAMs that memories take, as Yosys maps them."""

from thresh.gateware.lib.memory_shape import MemoryShape
from thresh.layout.sizes import ceil_div

BLOCK_MODES = {
    "ice40": ((16, 256), (8, 512), (4, 1024), (2, 2048)),
    "ecp5": ((36, 512), (18, 1024), (9, 2048), (4, 4096), (2, 8192), (1, 16384)),
    "gowin": ((36, 512), (18, 1024), (9, 2048), (4, 4096), (2, 8192), (1, 16384)),
}
"""Shapes of one block RAM, bits by words."""

LUT_RAM = {"ecp5": 32, "gowin": 32}
"""Pieces of `LUT_RAM_SHAPE` that cost as much as a block RAM, to Yosys."""

LUT_RAM_WORDS = {"gowin": 128}
"""Words up to which a memory that is written is kept in logic cells, by the flow's own choice."""

LUT_RAM_SHAPE = (4, 16)
"""Bits by words that logic cells hold."""

REGISTER_BITS = 64
"""Bits in flip-flops that cost as much as a block RAM, to Yosys."""

LOGIC_ROM_BITS = {"ice40": 1056, "ecp5": 2048, "gowin": 2048}
"""What is only read is made of logic cells up to so many bits."""


def logic_pieces(family: str, shape: MemoryShape) -> int:
    """Pieces of `LUT_RAM_SHAPE` that hold a memory which the flow keeps in logic cells."""
    small = shape.written and shape.words <= LUT_RAM_WORDS.get(family, 0)
    return _pieces(shape) if small else 0


def block_count(family: str, shape: MemoryShape) -> int:
    """Block RAMs that hold a memory; 0 where something else does."""
    if not shape.clocked or shape.place != "block RAM":
        return 0
    if logic_pieces(family, shape):
        return 0
    bits = shape.bits * shape.words
    if not shape.written and bits <= LOGIC_ROM_BITS[family]:
        return 0
    blocks = min(
        ceil_div(shape.bits, width) * ceil_div(shape.words, depth)
        for width, depth in BLOCK_MODES[family]
    )
    cheaper = _pieces(shape) < LUT_RAM.get(family, 0) * blocks
    return 0 if cheaper or (shape.written and bits <= REGISTER_BITS * blocks) else blocks


def _pieces(shape: MemoryShape) -> int:
    width, depth = LUT_RAM_SHAPE
    return ceil_div(shape.bits, width) * ceil_div(shape.words, depth)
