"""A bench of one wire, for tests of what runs benches."""

import cocotb
from cocotb.triggers import Timer


@cocotb.test()
async def the_wire_follows(dut):
    for value in (1, 0, 1):
        dut.i.value = value
        await Timer(1, "ns")
        assert dut.o.value == value
