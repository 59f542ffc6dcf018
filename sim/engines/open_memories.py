"""Memories inside a compiled simulation: noise at power-up, and bits that turn over."""

import ctypes
import re
from dataclasses import dataclass

DECLARED = re.compile(r"^( *reg \[\d+:0\] (?:\\\S+ )?\S* *\[\d+:0\]);", re.MULTILINE)
"""A memory in the Verilog of Yosys."""

LISTED = 1 << 16
"""Bytes of the list of memories, at most."""


def opened(verilog: str) -> str:
    """``verilog`` with its memories in sight of the harness."""
    return DECLARED.sub(r"\1 /*verilator public_flat_rw*/;", verilog)


@dataclass(frozen=True, kw_only=True)
class Memory:
    """A memory of the design.

    Parameters
    ----------
    name : str
        Path of the component and name in it, joined by dots.
    words, bits : int
        Depth, and bits of a word.
    zero : bool
        Every bit is zero at present.
    """

    name: str
    words: int
    bits: int
    zero: bool


class OpenMemories:
    """Memories of a simulation that was compiled with ``open_memories``; else there are none.

    Parameters
    ----------
    library : ctypes.CDLL
        Of a harness with ``memories.h``.
    prefix : str
        Of the harness's functions.
    handle : ctypes.c_void_p
    """

    def __init__(self, library: ctypes.CDLL, prefix: str, handle: ctypes.c_void_p) -> None:
        self._inside = {
            name: getattr(library, f"{prefix}_{name}") for name in ("memories", "flip", "scramble")
        }
        self._design = handle

    @property
    def inner_memories(self) -> list[Memory]:
        """Every memory, those of tables too, in order of their names."""
        text = ctypes.create_string_buffer(LISTED)
        size = self._inside["memories"](self._design, text, LISTED)
        assert size <= LISTED
        rows = [line.rsplit("\t", 3) for line in text.raw[:size].decode().splitlines()]
        return [
            Memory(name=name, words=int(words), bits=int(bits), zero=zero == "1")
            for name, words, bits, zero in rows
        ]

    def flip(self, name: str, word: int, bit: int) -> None:
        """Turn one bit over, between two cycles.

        Raises
        ------
        ValueError
            When there is no such bit.
        """
        if self._inside["flip"](self._design, name.encode(), word, bit) != 1:
            raise ValueError(f"There is no bit {bit} of word {word} in a memory {name!r}")

    def scramble(self, seed: int) -> None:
        """A power-up with noise in every memory; those that are not zero are tables and stay."""
        self._inside["scramble"](self._design, seed)
