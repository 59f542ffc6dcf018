"""The Wishbone shell under cocotbext-wishbone's master, classic and pipelined."""

import random

import cocotb
import numpy as np
from cocotb.triggers import ClockCycles
from cocotbext.wishbone.driver import WBOp, WishboneMaster
from exported.bus_bench import Registers, begin, reset, signed

NAMES = {
    "cyc": "cyc", "stb": "stb", "we": "we", "adr": "adr", "datwr": "dat_w", "datrd": "dat_r",
    "ack": "ack", "sel": "sel", "err": "err",
}  # fmt: skip


async def registers_of(dut, pipelined):
    """A master on the bus."""
    await begin(dut, wb_pipelined=int(pipelined), wb_cyc=0, wb_stb=0, wb_we=0)
    names = NAMES | ({"stall": "stall"} if pipelined else {})
    master = WishboneMaster(dut, "wb", dut.clk, width=32, timeout=50, signals_dict=names)

    async def transfer(address, data=None):
        pause = random.randrange(3)
        (result,) = await master.send_cycle([WBOp(address >> 2, data, idle=pause)])
        return int(result.datrd) if result.ack == 1 else None

    registers = Registers(dut, transfer, transfer, values=True)
    registers.master = master
    return registers


async def send(registers, values):
    for value in values:
        await registers.write("x", value=int(value) & 0xFFFF)


async def receive(registers, outputs):
    """A frame, when the interrupt says that it is there."""
    while not registers.dut.irq.value:
        await ClockCycles(registers.dut.clk, 1)
    await registers.write("interrupt", frame=1)
    assert await registers.read("levels", "y_there") == outputs
    frame = []
    for number in range(outputs):
        word = await registers.read_at(registers.map["y"].address)
        assert word >> 31 == 1
        assert word >> 30 & 1 == (number == outputs - 1)
        frame.append(signed(word & 0xFFFF))
    return frame


@cocotb.test()
@cocotb.parametrize(pipelined=[False, True])
async def clip_equals_the_golden_model(dut, pipelined):
    """Load, every frame, memories, a reset in the middle, and every frame again."""
    registers = await registers_of(dut, pipelined)
    await registers.check_identity()
    assert await registers.read("identity", "loaded") == 0
    await registers.load()
    x, y = registers.clip()
    await registers.until("control", "busy", 0)
    assert await registers.read("shape", "outputs_minus_1") == y.shape[1] - 1
    await registers.write("interrupt_enable", frame=1)
    for values, wanted in zip(x, y, strict=True):
        await send(registers, values)
        np.testing.assert_array_equal(await receive(registers, len(wanted)), wanted)
    await registers.check_memories()
    await send(registers, x[0])
    await ClockCycles(dut.clk, random.randrange(20, 200))
    await reset(dut)
    assert await registers.read("control", "loaded") == 0
    await registers.write("control", loaded=1)
    await registers.write("interrupt_enable", frame=1)
    for values, wanted in zip(x, y, strict=True):
        await send(registers, values)
        np.testing.assert_array_equal(await receive(registers, len(wanted)), wanted)
    # A new sequence forgets what waits in the queue.
    await send(registers, x[0][:2])
    await registers.write("control", loaded=1, new_sequence=1)
    await send(registers, x[0])
    np.testing.assert_array_equal(await receive(registers, y.shape[1]), y[0])


@cocotb.test()
async def wrong_accesses_are_said_and_change_nothing(dut):
    """No register, no room, no output, two words at a time."""
    registers = await registers_of(dut, False)
    assert await registers.read_at(0x7C) is None
    assert await registers.write_at(0x7C, 1) is None
    assert await registers.write_at(0x80 + 4 * registers.words, 1) is None
    await registers.write("clock", kilohertz=5)
    assert await registers.read("clock", "kilohertz") > 5
    await registers.write("interrupt_enable", refused=1)
    room = await registers.read("levels", "x_room")
    await send(registers, [7] * room)
    assert await registers.read("levels", "x_room") == 0
    assert not dut.irq.value
    await send(registers, [8])
    assert await registers.read("interrupt", "refused") == 1
    assert dut.irq.value
    await registers.write("interrupt", refused=1)
    assert await registers.read("interrupt", "refused") == 0
    assert not dut.irq.value
    assert await registers.read("y", "valid") == 0
    assert await registers.read("interrupt", "refused") == 1
    (result,) = await registers.master.send_cycle(
        [WBOp(registers.map["memory_address"].address >> 2, 0x55AA, sel=1)]
    )
    assert result.ack == 1
    assert await registers.read("memory_address", "address") == 0xAA
