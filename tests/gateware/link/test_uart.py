"""Bytes over one wire, both ways."""

import numpy as np
import pytest
from block_bench import play

from thresh.gateware.link.uart import UartReceiver, UartTransmitter
from thresh.sim.benches import uart_script as uart


def transmit(divisor, data, **options):
    play(UartTransmitter(divisor=divisor), uart.transmit(data, divisor, **options))


@pytest.mark.parametrize("divisor", [3, 4, 5, 48])
@pytest.mark.parametrize("gap", [0, 1, 30])
def test_transmits_a_start_bit_eight_bits_and_a_stop_bit(divisor, gap):
    data = [*uart.EDGES, 0x37]
    transmit(divisor, data, gaps=[gap] * len(data))


@pytest.mark.parametrize(
    ("divisor", "error"), [(8, 0), (9, 0), (16, 0.03), (16, -0.03), (48, 0.04)]
)
@pytest.mark.parametrize("stalls", [False, True])
def test_receives_from_a_clock_that_is_a_little_off(divisor, error, stalls):
    random = np.random.default_rng(divisor)
    script = uart.received_bytes(divisor, random, gaps=stalls, stalls=stalls, error=error)
    play(UartReceiver(divisor=divisor), script)


@pytest.mark.parametrize("divisor", [8, 16])
@pytest.mark.parametrize("case", [uart.without_stop_bit, uart.glitch, uart.overrun])
def test_what_is_no_byte_and_what_is_lost(case, divisor):
    play(UartReceiver(divisor=divisor), case(divisor))


@pytest.mark.parametrize("divisor", [8, 9, 42])
@pytest.mark.parametrize("bits", [9.9, 12, 18.9, 20, 21, 40, 60])
def test_a_line_that_stays_low_is_a_break_after_two_bytes_time(divisor, bits):
    play(UartReceiver(divisor=divisor), uart.serial_break(divisor, bits))


def test_every_byte_survives_the_wire_back_to_back():
    """The transmitter's line is the receiver's."""
    transmit(8, range(256))
    line = uart.back_to_back(range(256), 8)
    play(UartReceiver(divisor=8), uart.receive(line, 8, range(256)))


def test_a_level_that_differs_is_found():
    script = uart.transmit([0x55], 8)
    script.want(20, tx=1)
    with pytest.raises(AssertionError, match="cycle 20: tx is 0, not 1"):
        play(UartTransmitter(divisor=8), script)


def test_a_receiver_refuses_bits_that_are_too_short():
    with pytest.raises(ValueError, match="A bit must last at least 8 clock cycles, not 7"):
        UartReceiver(divisor=7)


def test_a_transmitter_refuses_bits_that_are_too_short():
    with pytest.raises(ValueError, match="A bit must last at least 3 clock cycles, not 2"):
        UartTransmitter(divisor=2)
