"""Access from outside to a block's memory while the block rests."""

from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


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
