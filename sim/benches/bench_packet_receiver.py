"""`PacketReceiver`: the packets that the link's description in Python sees, a byte a cycle."""

import cocotb
import numpy as np

from . import packet_receiver_script as packets
from .bench_support import SHAPE, play

LIMIT = SHAPE.get("packet_bytes", 64)


@cocotb.test()
@cocotb.parametrize(gaps=[False, True])
async def whole_damaged_and_overlong_packets(dut, gaps) -> None:
    """Payloads full of bytes that are escaped; bits turned over anywhere."""
    script = packets.mixture(LIMIT, np.random.default_rng(8), gaps=gaps, count=80)
    await play(dut, "packets", script)


@cocotb.test()
async def any_noise(dut) -> None:
    """A packet is received after it."""
    await play(dut, "packets", packets.noise(LIMIT, np.random.default_rng(9), 1500))


@cocotb.test()
async def the_longest_packet_exactly(dut) -> None:
    """A byte more is too long."""
    await play(dut, "packets", packets.longest(LIMIT))


@cocotb.test()
async def too_few_bytes_are_no_packet(dut) -> None:
    """Though their CRC is right."""
    await play(dut, "packets", packets.shortest(LIMIT))


@cocotb.test()
async def what_comes_while_a_packet_is_held_spoils_only_its_own_packet(dut) -> None:
    """The rest of a packet that began too early is no packet."""
    await play(dut, "packets", packets.too_early(LIMIT))
