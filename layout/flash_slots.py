"""Networks in a board's SPI flash: two slots, of which the newest whole one is loaded.

A slot begins at a sector. The last `HEADER_BYTES` of its first page are the header: magic,
sequence number and number of words, 3 bytes each. The words follow in the next pages, then the
CRC-32/BZIP2 of header and words. A body is a list of records: a word of region (bits 16 to 23) and
count (bits 0 to 15), then as many words for that region from its word 0. All is big endian, as the
line brings it; a word of a region that is narrower fills the lower bits.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from .image import Image
from .link import Region

SECTOR_BYTES, PAGE_BYTES = 4096, 256
"""What one erase and one page program reach."""

MAGIC = b"THF1"
MARK = b"THF"
"""Of a slot that is being written: the magic's bits that are cleared first."""

NUMBER_BYTES = 3
HEADER_BYTES = len(MAGIC) + 2 * NUMBER_BYTES
CRC_BYTES = 4
CRC_POLYNOMIAL = 0x04C11DB7
CRC_RESIDUE = 0xC704DD7B
"""What the register comes to over header, words and CRC."""

SLOTS = 2
LAST_SEQUENCE = (1 << 8 * NUMBER_BYTES) - 1
LAST_COUNT = 0xFFFF

_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class BootResult(IntEnum):
    """What came of a start.

    ``LOADED``: the newest network. ``FELL_BACK``: a whole network, and a slot was passed over that
    is broken or half-written. ``NONE``: no slot is whole.
    """

    NONE = 0
    LOADED = 1
    FELL_BACK = 2


def crc32(data: bytes) -> int:
    """CRC-32/BZIP2: the upper bit of a byte first."""
    mirrored = zlib.crc32(data.translate(_MIRRORED))
    return int(f"{mirrored:032b}"[::-1], 2)


@dataclass(frozen=True, kw_only=True)
class FlashLayout:
    """Where the slots lie.

    Parameters
    ----------
    base : int
        Address of slot 0, behind the bitstream.
    slot_bytes : int
        Bytes from one slot to the next.
    word_bytes : int
        Bytes of a word, at least 4 and as many as the widest region's.
    """

    base: int = 0x10_0000
    slot_bytes: int = 0x4_0000
    word_bytes: int = 8

    def __post_init__(self) -> None:
        if self.base < 0 or self.base % SECTOR_BYTES:
            raise ValueError(f"Slots begin at a multiple of {SECTOR_BYTES}, not at {self.base!r}")
        if self.slot_bytes <= 0 or self.slot_bytes % SECTOR_BYTES:
            raise ValueError(
                f"A slot has a multiple of {SECTOR_BYTES} bytes, not {self.slot_bytes!r}"
            )
        if self.base + SLOTS * self.slot_bytes > 1 << 24:
            raise ValueError(
                f"Slots of {self.slot_bytes} bytes from {self.base:#x} end behind 24 address bits"
            )
        if self.word_bytes < 4:
            raise ValueError(f"A word has at least 4 bytes, not {self.word_bytes!r}")

    @property
    def most_words(self) -> int:
        """Words that a slot has room for."""
        return (self.slot_bytes - PAGE_BYTES - CRC_BYTES) // self.word_bytes

    @property
    def length_bits(self) -> int:
        """Bits of the number of words that are looked at; the CRC vouches for the others."""
        return self.most_words.bit_length()

    @property
    def end(self) -> int:
        """First address behind the slots."""
        return self.base + SLOTS * self.slot_bytes

    def slot_address(self, slot: int) -> int:
        """Of its first sector."""
        return self.base + slot * self.slot_bytes

    def header_address(self, slot: int) -> int:
        """Of the magic; everything that is read follows."""
        return self.slot_address(slot) + PAGE_BYTES - HEADER_BYTES


def header_bytes(layout: FlashLayout, sequence: int, body: bytes) -> bytes:
    """The header of ``body``.

    Raises
    ------
    ValueError
        When the body is empty, has no whole words or does not fit; when the numbers are used up.
    """
    words, rest = divmod(len(body), layout.word_bytes)
    if rest or not words:
        raise ValueError(f"A body has whole words of {layout.word_bytes} bytes, not {len(body)}")
    if words > layout.most_words:
        raise ValueError(f"The network takes {words} words, a slot has {layout.most_words}")
    if not 0 <= sequence <= LAST_SEQUENCE:
        raise ValueError(f"Sequence numbers are 0 to {LAST_SEQUENCE}, not {sequence!r}")
    return MAGIC + b"".join(number.to_bytes(NUMBER_BYTES, "big") for number in (sequence, words))


def body_bytes(layout: FlashLayout, records: Sequence[tuple[int, Sequence[int]]]) -> bytes:
    """Records of (region, words) as they lie in a slot.

    Raises
    ------
    ValueError
        Naming the region whose words are none, too many or too wide.
    """
    out = []
    for region, words in records:
        if not 0 < len(words) <= LAST_COUNT:
            raise ValueError(f"Region {region} has {len(words)} words, not 1 to {LAST_COUNT}")
        for word in (region << 16 | len(words), *words):
            if not 0 <= word < 1 << 8 * layout.word_bytes:
                raise ValueError(
                    f"Region {region} has a word {word:#x} wider than {layout.word_bytes} bytes"
                )
            out.append(int(word).to_bytes(layout.word_bytes, "big"))
    return b"".join(out)


def image_records(image: Image) -> list[tuple[int, list[int]]]:
    """A network image as records, in the order in which the link writes it."""
    return [
        (Region.TABLE, image.table.ravel().tolist()),
        (Region.HEADER, [int(word) for word in image.header]),
        (Region.WEIGHTS, [int.from_bytes(word.tobytes(), "little") for word in image.weights]),
    ]
