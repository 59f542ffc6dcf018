"""The AXI shell under cocotbext-axi's masters: every integer, with both sides pausing."""

import itertools
import random

import cocotb
import numpy as np
from cocotb.triggers import ClockCycles, with_timeout
from cocotbext.axi import (
    AxiLiteBus,
    AxiLiteMaster,
    AxiResp,
    AxiStreamBus,
    AxiStreamFrame,
    AxiStreamSink,
    AxiStreamSource,
)
from exported.bus_bench import Registers, begin, reset, signed


def pauses(seed):
    """Cycles in which a side pauses."""
    generator = random.Random(seed)
    return (generator.random() < 0.4 for _ in itertools.count())


async def start(dut, pausing=True):
    """Masters on registers and inputs, a sink on the outputs."""
    valid = ("s_axi_awvalid", "s_axi_wvalid", "s_axi_arvalid", "s_axis_tvalid")
    await begin(dut, **dict.fromkeys((*valid, "s_axi_bready", "s_axi_rready", "m_axis_tready"), 0))
    master = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "s_axi"), dut.clk, dut.rst)
    source = AxiStreamSource(AxiStreamBus.from_prefix(dut, "s_axis"), dut.clk, dut.rst)
    sink = AxiStreamSink(AxiStreamBus.from_prefix(dut, "m_axis"), dut.clk, dut.rst)
    await ClockCycles(dut.clk, 2)
    if pausing:
        source.set_pause_generator(pauses(1))
        sink.set_pause_generator(pauses(2))
        write, read = master.write_if, master.read_if
        for number, channel in enumerate(
            (write.aw_channel, write.w_channel, write.b_channel, read.ar_channel, read.r_channel)
        ):
            channel.set_pause_generator(pauses(3 + number))

    async def read_at(address):
        result = await master.read(address, 4)
        return int.from_bytes(result.data, "little") if result.resp == AxiResp.OKAY else None

    async def write_at(address, data):
        result = await master.write(address, data.to_bytes(4, "little"))
        return 1 if result.resp == AxiResp.OKAY else None

    return Registers(dut, read_at, write_at, values=False), source, sink


def packed(values):
    return AxiStreamFrame((np.asarray(values) & 0xFFFF).astype("<u2").tobytes())


async def receive(sink):
    frame = await with_timeout(sink.recv(), 2, "ms")
    return np.frombuffer(bytes(frame.tdata), "<i2")


@cocotb.test()
async def clip_equals_the_golden_model(dut):
    """Load, every frame, memories, a reset in the middle, and every frame again."""
    registers, source, sink = await start(dut)
    await registers.check_identity()
    await registers.load()
    x, y = registers.clip()
    await registers.write("interrupt_enable", frame=1, refused=1, misplaced=1)
    for values in x:
        await source.send(packed(values))
    for wanted in y:
        np.testing.assert_array_equal(await receive(sink), wanted)
    assert await registers.read("interrupt", "frame") == 1
    assert await registers.read("interrupt", "misplaced") == 0
    assert dut.irq.value
    await registers.check_memories()
    source.send_nowait(packed(x[0]))
    await ClockCycles(dut.clk, random.randrange(20, 200))
    await reset(dut)
    await ClockCycles(dut.clk, 4)
    source.clear()
    sink.clear()
    await registers.write("control", loaded=1)
    for values in x:
        await source.send(packed(values))
    for wanted in y:
        np.testing.assert_array_equal(await receive(sink), wanted)


@cocotb.test()
async def wrong_accesses_are_said_and_change_nothing(dut):
    """No register, a frame of another length, two words at a time."""
    registers, source, sink = await start(dut, pausing=False)
    assert await registers.read_at(0x7C) is None
    assert await registers.write_at(0x18, 1) is None
    await registers.load()
    await registers.until("control", "busy", 0)
    x, y = registers.clip()
    await source.send(packed(x[0][:2]))
    await source.wait()
    await ClockCycles(dut.clk, 10)
    assert await registers.read("interrupt", "misplaced") == 1
    await registers.write("interrupt", misplaced=1)
    await registers.write("control", loaded=1, new_sequence=1)
    await source.send(packed(x[0]))
    np.testing.assert_array_equal(await receive(sink), y[0])
    assert await registers.read("interrupt", "misplaced") == 0
    assert signed(0xFFFF) == -1
