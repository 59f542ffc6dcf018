"""The CRC register of the link, a byte per cycle.

`amaranth.lib.crc` has the same CRC, with a processor of its own. It may begin anew with a byte, and
shows the whole register where a sender needs it byte by byte: on iCE40 that takes 9 cells more in
the receiver and 26 in the sender.
"""

from amaranth import *

from thresh.layout.link import CRC_POLYNOMIAL


def crc16_step(crc, byte):
    """``crc`` (16 bits) after ``byte`` (8 bits), most significant bit first; an expression."""
    state = [crc[bit] for bit in range(16)]
    for bit in reversed(range(8)):
        feedback = state[15] ^ byte[bit]
        shifted = [C(0, 1), *state[:15]]
        state = [
            old ^ feedback if CRC_POLYNOMIAL >> place & 1 else old
            for place, old in enumerate(shifted)
        ]
    return Cat(state)
