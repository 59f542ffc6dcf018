"""The memories of components, before anything is elaborated."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class MemoryShape:
    """A memory with one read port, and one write port where it is written.

    A component that makes memories lists them in ``memories(...)``, the components inside it
    included.

    Parameters
    ----------
    bits, words : int
        Of a memory that is never written, the bits that are not the same in every word.
    written : bool
        Else its contents are those at power-up.
    clocked : bool
        Reading takes a cycle: block RAM can hold it.
    place : str
        ``"block RAM"``, or another kind of memory of a device, of which it is one.
    """

    bits: int
    words: int
    written: bool = True
    clocked: bool = True
    place: str = "block RAM"


def queue_memory(*, bits, depth):
    """The memory of an `amaranth.lib.fifo.SyncFIFOBuffered`: one word waits behind it."""
    return MemoryShape(bits=bits, words=depth - 1)


def rom_memory(contents):
    """A memory that holds ``contents``, a sequence of numbers, for ever."""
    words = list(contents)
    differs = 0
    for word in words:
        differs |= word ^ words[0]
    return MemoryShape(bits=differs.bit_count(), words=len(words), written=False)
