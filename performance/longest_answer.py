"""The longest answer: in how many cycles a packet is answered, whatever it is."""

from thresh.layout.geometry import Geometry
from thresh.layout.link import (
    END_BYTES,
    MAX_READ_WORDS,
    PACKET_OVERHEAD,
    READ_LATENCY,
    VALUE_BYTES,
    Region,
    word_bytes,
)
from thresh.layout.packet_budget import most_outputs

from .longest_step import WAIT, longest_reset, longest_step

FETCH_CYCLES = 6
"""Of a byte of a packet, with its word's way into a memory or the core."""

PACKET_CYCLES = 40
"""Of a packet's check, of IDENTIFY's bytes, of a new sequence's start and a step's end."""

BYTE_CYCLES = 4
"""Of a byte of an answer: chosen, entered in the CRC, offered to the line, maybe escaped."""

BYTE_BITS = 10
"""Of a byte on the line, start and stop among them."""


def word_cycles(geometry: Geometry, region: Region) -> int:
    """Cycles in which a word of a region enters an answer."""
    return READ_LATENCY + 2 * word_bytes(region, geometry)


def executed(geometry: Geometry) -> int:
    """Cycles of any packet, but for those in which the core or the sender is waited for."""
    room = geometry.packet_bytes - PACKET_OVERHEAD
    read = max(
        word_cycles(geometry, region) * min(MAX_READ_WORDS, room // word_bytes(region, geometry))
        for region in Region
    )
    step = word_cycles(geometry, Region.COUNTERS)
    step += word_cycles(geometry, Region.STATE) * most_outputs(geometry)
    return FETCH_CYCLES * geometry.packet_bytes + max(read, step) + PACKET_CYCLES


def sent(geometry: Geometry) -> int:
    """Cycles of any answer in the sender, but for those in which the line is waited for."""
    return BYTE_CYCLES * (geometry.packet_bytes + 1)


def longest_answer(geometry: Geometry, bit_cycles: int) -> int:
    """Cycles from a packet's last byte until its answer has left, whatever it asks.

    Parameters
    ----------
    geometry : Geometry
    bit_cycles : int
        Of a bit on the line.
    """
    inputs = (geometry.packet_bytes - PACKET_OVERHEAD) // VALUE_BYTES
    core = max(longest_reset(geometry), inputs * WAIT + longest_step(geometry))
    line = (2 * geometry.packet_bytes + END_BYTES) * BYTE_BITS * bit_cycles
    return executed(geometry) + core + sent(geometry) + line
