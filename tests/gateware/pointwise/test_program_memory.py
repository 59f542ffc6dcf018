"""Instructions come back a cycle after their address."""

import pytest
from amaranth.hdl import Value
from block_bench import play

from thresh.gateware.pointwise.program import PROGRAM_LENGTH, program_words
from thresh.gateware.pointwise.program_memory import ProgramMemory
from thresh.sim.benches.script import Script


@pytest.mark.parametrize("read_latency", [1, 2])
def test_every_instruction_of_every_cell(read_latency):
    script, words = Script(), program_words(8, 14)
    for address, word in enumerate(words):
        number, code = address % PROGRAM_LENGTH, address // PROGRAM_LENGTH
        script.drive(address, number=number, code=code)
        script.want(address + 1, instruction=Value.cast(word).value)
    play(ProgramMemory(beats=8, distance=14, read_latency=read_latency), script)
    assert len({Value.cast(word).value for word in words}) > 10
