"""`UartTransmitter` and `UartReceiver`: bytes over one wire, each way and back to back."""

import cocotb
import numpy as np

from . import uart_script as uart
from .bench_support import SHAPE, play

DIVISOR = SHAPE.get("divisor", 8)


@cocotb.test()
@cocotb.parametrize(gaps=[False, True])
async def transmits_every_byte(dut, gaps) -> None:
    """Ten whole bits a byte; without gaps a cycle comes between two."""
    random = np.random.default_rng(6)
    data = uart.data_of(random, 30)
    pauses = random.integers(1, 12 * DIVISOR, len(data)).tolist() if gaps else ()
    await play(dut, "transmitter", uart.transmit(data, DIVISOR, gaps=pauses))


@cocotb.test()
@cocotb.parametrize(gaps=[False, True], stalls=[False, True], error=[-0.03, 0.0, 0.03])
async def receives_every_byte(dut, gaps, stalls, error) -> None:
    """From a clock that is a little off, and into a sink that lets it wait."""
    random = np.random.default_rng(7)
    script = uart.received_bytes(DIVISOR, random, gaps=gaps, stalls=stalls, error=error)
    await play(dut, "receiver", script)


@cocotb.test()
async def drops_a_byte_without_a_stop_bit_and_recovers(dut) -> None:
    """Neither it nor what follows until the line is high is a byte."""
    await play(dut, "receiver", uart.without_stop_bit(DIVISOR))


@cocotb.test()
async def ignores_a_glitch(dut) -> None:
    """A start bit that ends before its middle."""
    await play(dut, "receiver", uart.glitch(DIVISOR))


@cocotb.test()
async def a_byte_that_is_not_taken_gives_way_to_the_next(dut) -> None:
    """The newest byte waits."""
    await play(dut, "receiver", uart.overrun(DIVISOR))


@cocotb.test()
@cocotb.parametrize(block=["transmitter", "receiver"])
async def every_byte_survives_the_wire_back_to_back(dut, block) -> None:
    """The transmitter's line is the receiver's."""
    data, line = range(256), uart.back_to_back(range(256), DIVISOR)
    if block == "transmitter":
        await play(dut, block, uart.transmit(data, DIVISOR))
    else:
        await play(dut, block, uart.receive(line, DIVISOR, data))
