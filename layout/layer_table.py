"""Words of the layer table and of its header: what a core reads of the network that is loaded.

A layer's entry has two halves, for the column walker and for the pointwise stage, which read at the
same time.
"""

from thresh.model.network import MAX_LAYERS

TABLE_WORDS = 16
"""16-bit words per layer in the layer table."""

HEADER_FIELDS = (
    "inputs_minus_1", "threshold_x", "bias_base", "reset_minus_1", "output_base",
    "output_words_minus_1",
)  # fmt: skip
"""16-bit words that describe the whole network, in order."""

HASH_WORD, HASH_WORDS = 6, 2
"""Header words that say which network is there, low one first; no component reads them."""

MAC_FIELDS = (
    "kind", "blocks_minus_1", "stride", "hidden", "weight_base", "h_segment", "x_segment",
)  # fmt: skip
"""First half of a layer's table entry: what the column walker reads."""

COLUMN_WORDS = len(MAC_FIELDS)
"""Word of a table entry that says how long a column is: its words and the cycles after it where
columns are sparse on the chip, its bursts where they lie in SDRAM, else 0."""

SDRAM_FIELDS = (*MAC_FIELDS, "bursts")
"""What the walker of whole columns reads; in SDRAM ``weight_base`` counts rows."""

POINTWISE_OFFSET = 8
POINTWISE_FIELDS = (
    "kind", "blocks_minus_1", "units_minus_1", "accumulator_base", "h_base", "s_base",
    "h_segment", "threshold_h",
)  # fmt: skip
"""Second half, from word `POINTWISE_OFFSET`: what the pointwise stage reads, the first two of which
it takes from the first half, where they are as well."""

LAST_LAYER = 1 << 8
"""Bit of ``kind``: no layer follows. Bits 0 to 3 are the cell's code, 4 to 7 the shift."""

ENCODED = 1 << 9
"""Bit of ``kind``: the layer's output is delta encoded."""

SPARSE = 1 << 10
"""Bit of ``kind``: the layer's columns in SDRAM are sparse."""

REST_SHIFT = 12
"""Bits of the word `COLUMN_WORDS` for a column's words; above them are the cycles after it."""

PAGE_WORD = (MAX_LAYERS - 1) * TABLE_WORDS + COLUMN_WORDS
"""Table word that chooses the page behind the upper half of the weight memory, while columns are
loaded into SDRAM: the last layer's, which is written afterwards if there is one."""

THRESHOLD_X_WORD = HEADER_FIELDS.index("threshold_x")
"""Header word of the first layer's ``threshold_x``."""


def threshold_h_word(layer: int) -> int:
    """Table word of ``threshold_h`` of ``layer``."""
    return layer * TABLE_WORDS + POINTWISE_OFFSET + POINTWISE_FIELDS.index("threshold_h")
