"""The receiver sees the same packets as the link's description in Python."""

import numpy as np
import pytest
from block_bench import play

from thresh.gateware.link.packet_receiver import PacketReceiver
from thresh.sim.benches import packet_receiver_script as packets

LIMIT = 32


def run(script):
    play(PacketReceiver(packet_bytes=LIMIT), script)


@pytest.mark.parametrize("gaps", [False, True])
def test_whole_damaged_and_overlong_packets(gaps):
    run(packets.mixture(LIMIT, np.random.default_rng(1), gaps=gaps, count=60))


def test_any_noise():
    run(packets.noise(LIMIT, np.random.default_rng(2), 600))


@pytest.mark.parametrize("case", [packets.longest, packets.shortest, packets.too_early])
def test_limits(case):
    run(case(LIMIT))


def test_a_packet_that_differs_is_found():
    script = packets.ReceiverScript(LIMIT)
    script.packet(packets.packet(1, 2)[1:-1])
    with pytest.raises(AssertionError, match="cycle 0: held is 0, not 1"):
        run(script)
