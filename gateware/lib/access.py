"""Access from outside to memories while the blocks they belong to are idle."""

from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from thresh.layout.link import Region


def access_port(depth, width):
    """Signature of a slow port into a memory of ``depth`` words of ``width`` bits.

    While ``enable`` is high the block must be idle. ``read_data`` follows ``address`` after one
    cycle; ``write`` implies ``enable``.
    """
    return wiring.Signature(
        {
            "enable": Out(1),
            "address": Out(range(depth)),
            "write": Out(1),
            "write_data": Out(width),
            "read_data": In(width),
        }
    )


def region_port(word_bits):
    """Signature of the port to all memories, addressed by region and word.

    ``enable`` only while the core is not busy, and with its region a cycle before ``write``, which
    lasts one cycle; the word holds a cycle longer. ``read_data`` follows after
    `thresh.layout.link.READ_LATENCY` cycles.
    """
    return wiring.Signature(
        {
            "enable": Out(1),
            "region": Out(Region),
            "address": Out(16),
            "write": Out(1),
            "write_data": Out(word_bits),
            "read_data": In(word_bits),
        }
    )
