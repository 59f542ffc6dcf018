"""The dimensions of one accelerator: what a bitstream fixes and a network must fit."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from thresh.model.arithmetic import ACCUMULATOR_BITS
from thresh.model.cells import TEMPORARIES

from .sdram_chip import BURST_WORDS, WORD_BITS

COLUMNS = ("chip", "sdram")
"""Where columns may lie."""

PAIRED_BELOW = 8
"""Cycles of an instruction of one block below which blocks are taken in pairs."""

LANES = (4, 8, 16, 32, 64, 128)
"""Multiply-accumulate units that an accelerator may have."""

VALUE_BITS = range(8, 17)
"""Widths that values may have."""

PACKET_BYTES = (256, 512, 1024, 2048, 4096)
"""Room for a packet that an accelerator may have."""

NAMES_IN_FILES = {
    "pointwise_lanes": "serial", "packet_bytes": "frame_bytes", "sparse": "packed",
}  # fmt: skip
"""What image files call some fields: a format does not change because a word does."""


@dataclass(frozen=True, kw_only=True)
class Geometry:
    """Widths and depths of an accelerator.

    Parameters
    ----------
    lanes : int
        Multiply-accumulate units P, a power of two, 4 to 128.
    pointwise_lanes : int
        Units the pointwise stage treats per cycle S, a power of two that divides ``lanes``.
    weight_bits : int
        4 or 8.
    value_bits : int
        Width V of inputs, deltas and state, 8 to 16.
    weight_depth : int
        Words of P weights, biases included: a power of two or a multiple of 1024.
    accumulator_depth : int
        Words of S accumulators: a power of two, or a multiple of 128 where columns are dense on the
        chip.
    state_depth : int
        Words of S values: temporaries first, then each layer's state.
    value_depth : int
        Values that are delta encoded: the inputs and every encoded layer's units.
    packet_bytes : int
        Longest packet of the serial link, one of `PACKET_BYTES`.
    columns : str
        Where columns lie: on the ``"chip"``, or in ``"sdram"`` beside it.
    sparse : bool
        Columns are sparse: weights that are zero are left out (`thresh.layout.sparse_columns`); in
        SDRAM, those of the layers for which it is shorter.

    Raises
    ------
    ValueError
        Naming the field and what was wanted.
    """

    lanes: int
    pointwise_lanes: int = 1
    weight_bits: int = 8
    value_bits: int = 16
    weight_depth: int
    accumulator_depth: int
    state_depth: int
    value_depth: int
    packet_bytes: int = 512
    columns: str = "chip"
    sparse: bool = False

    def __post_init__(self) -> None:
        if self.columns not in COLUMNS:
            raise ValueError(f"columns must be {' or '.join(COLUMNS)}, not {self.columns!r}")
        if self.lanes not in LANES:
            raise ValueError(f"lanes must be 4, 8, 16, 32, 64 or 128, not {self.lanes!r}")
        if self.weight_bits not in (4, 8):
            raise ValueError(f"weight_bits must be 4 or 8, not {self.weight_bits!r}")
        if self.value_bits not in VALUE_BITS:
            raise ValueError(f"value_bits must be 8 to 16, not {self.value_bits!r}")
        widest = self.lanes * self.weight_bits // ACCUMULATOR_BITS
        if self.pointwise_lanes not in (1, 2, 4, 8, 16, 32) or self.pointwise_lanes > widest:
            raise ValueError(
                f"pointwise_lanes must be a power of two up to {widest} for {self.lanes} lanes of "
                f"{self.weight_bits}-bit weights, not {self.pointwise_lanes!r}"
            )
        for name in ("weight_depth", "accumulator_depth", "state_depth", "value_depth"):
            depth = getattr(self, name)
            bank = self._bank_words(name)
            if not 2 <= depth <= 65536 or (depth & (depth - 1) and (not bank or depth % bank)):
                multiple = f" or a multiple of {bank}" if bank else ""
                raise ValueError(
                    f"{name} must be a power of two{multiple} up to 65536, not {depth!r}"
                )
        if self.packet_bytes not in PACKET_BYTES:
            raise ValueError(
                f"packet_bytes must be a power of two from 256 to 4096, not {self.packet_bytes!r}"
            )

        if self.columns == "sdram":
            self._check_sdram()

    def _bank_words(self, name: str) -> int:
        """What a depth may be a multiple of; 0 where it must be a power of two."""
        dense = self.columns == "chip" and not self.sparse
        return {"weight_depth": 1024, "accumulator_depth": 128 * dense}.get(name, 0)

    def _check_sdram(self) -> None:
        """Refuse lanes that do not take a word of the SDRAM per cycle, and a burst per block."""
        units = WORD_BITS // self.weight_bits
        if self.pointwise_lanes != units:
            raise ValueError(
                f"SDRAM columns need pointwise_lanes = {units} for {self.weight_bits}-bit weights, "
                f"not {self.pointwise_lanes}"
            )
        if self.lanes != BURST_WORDS * units:
            raise ValueError(
                f"SDRAM columns need lanes = {BURST_WORDS * units} for {self.weight_bits}-bit "
                f"weights, not {self.lanes}"
            )

    @property
    def beats(self) -> int:
        """Cycles the pointwise stage needs for one instruction of one block: P / S."""
        return self.lanes // self.pointwise_lanes

    @property
    def interleave(self) -> int:
        """Blocks that take turns, pass by pass and instruction by instruction: 1, or 2.

        The second one hides the latency of the first one's instructions, where these are short.
        """
        return 2 if self.beats < PAIRED_BELOW else 1

    @property
    def sparse_memory(self) -> bool:
        """Whether the memory on the chip holds sparse columns."""
        return self.sparse and self.columns == "chip"

    @property
    def temporaries(self) -> int:
        """Words of the state memory that hold temporaries."""
        return len(TEMPORARIES) * self.interleave * self.beats

    @property
    def weight_word_bits(self) -> int:
        """Width of the weight memory."""
        return self.lanes * self.weight_bits

    @property
    def accumulator_word_bits(self) -> int:
        """Width of the delta memory."""
        return self.pointwise_lanes * ACCUMULATOR_BITS

    @property
    def biases_per_word(self) -> int:
        """Words of the delta memory that one weight word initialises."""
        return self.weight_word_bits // self.accumulator_word_bits

    def to_dict(self) -> dict[str, Any]:
        """Fields as JSON under the names of `NAMES_IN_FILES`; ``sparse`` only where it is true,
        ``columns`` where they are not on the chip."""
        usual = {"sparse": False, "columns": "chip"}
        kept = {name: value for name, value in asdict(self).items() if usual.get(name) != value}
        return {NAMES_IN_FILES.get(name, name): value for name, value in kept.items()}

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> "Geometry":
        """The inverse of `to_dict`.

        Raises
        ------
        ValueError, TypeError
            As the constructor does.
        """
        names = {kept: name for name, kept in NAMES_IN_FILES.items()}
        return cls(**{names.get(name, name): value for name, value in fields.items()})
