"""RIFF WAVE files as decoders want them: sizes that a pipe left open, truncated ones refused."""

import struct

OPEN_SIZES = 0x7FFF_F000
"""A data size from here on that the file does not hold is that of a writer that could not seek."""

RATES = (1000, 384_000)
"""Sample rates that are read, Hz."""

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
"""Codes of formats in which every sample has its own bytes."""


def closed(content: bytes, name: str) -> bytes:
    """The file with the sizes of what it holds.

    A writer to a pipe does not know its length and leaves 0, 0x7FFFFFFF or 0xFFFFFFFF (or near
    them); its data go to the end of the file.

    Parameters
    ----------
    content : bytes
        Beginning with a RIFF WAVE header.
    name : str
        For messages.

    Raises
    ------
    ValueError
        When a chunk holds less than it says, there are no data, or they end within a sample.
    """
    place, frame = 12, 0
    while place + 8 <= len(content):
        kind, size = content[place : place + 4], struct.unpack_from("<I", content, place + 4)[0]
        begin, have = place + 8, len(content) - place - 8
        if kind == b"data":
            if frame == 0:
                raise ValueError(f"{name} is not a valid WAV file: its data precede the format")
            if (size > have and size >= OPEN_SIZES) or (size == 0 and not _chunks(content, begin)):
                size = have - have % frame
                content = content[: begin + size]
                return b"".join(
                    (
                        content[:4], struct.pack("<I", len(content) - 8), content[8 : place + 4],
                        struct.pack("<I", size), content[begin:],
                    )
                )  # fmt: skip
        if size > have:
            label = kind.decode("latin-1").strip()
            raise ValueError(
                f"{name} is truncated: its {label} chunk should hold {size} bytes and has {have}"
            )
        if kind == b"fmt ":
            frame = _frame(content[begin : begin + size], name)
        elif kind == b"data":
            if size % frame:
                raise ValueError(f"{name} is truncated: its data end within a sample")
            return content
        place = begin + size + size % 2
    raise ValueError(f"{name} is truncated: it has no audio data")


def _frame(body: bytes, name: str) -> int:
    """Bytes of a sample of all channels; 1 where samples share bytes."""
    if len(body) < 16:
        raise ValueError(f"{name} is truncated: its format chunk should hold 16 bytes or more")
    code, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", body)
    if code == EXTENSIBLE and len(body) >= 26:
        code = struct.unpack_from("<H", body, 24)[0]
    if channels == 0 or not RATES[0] <= rate <= RATES[1]:
        raise ValueError(
            f"{name} must have a channel and a rate of {RATES[0]} to {RATES[1]} Hz, not "
            f"{channels} channels at {rate} Hz"
        )
    return max(1, channels * bits // 8) if code in (PCM, FLOAT) else 1


def _chunks(content: bytes, place: int) -> bool:
    """Nothing but whole chunks, or nothing at all, stands from ``place`` on."""
    while place < len(content):
        kind = content[place : place + 4]
        if len(content) - place < 8 or not all(32 <= letter < 127 for letter in kind):
            return False
        size = struct.unpack_from("<I", content, place + 4)[0]
        place += 8 + size + size % 2
    return place <= len(content) + 1
