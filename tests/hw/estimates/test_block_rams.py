"""Block RAMs are counted as Yosys maps memories."""

import json
import random
import subprocess

import pytest
from amaranth.back import rtlil
from amaranth.hdl import Module, Signal
from amaranth.lib.memory import Memory

from thresh.gateware.lib.memory_shape import MemoryShape, queue_memory, rom_memory
from thresh.hw.estimates.block_rams import (
    BLOCK_MODES,
    LOGIC_ROM_BITS,
    LUT_RAM_WORDS,
    block_count,
    logic_pieces,
)  # fmt: skip
from thresh.hw.families import FAMILIES
from thresh.hw.flow.build import SHORT_MEMORIES
from thresh.tools.toolchain import find_tool

WRITTEN = {
    "ice40": [(16, 256), (24, 512), (9, 32), (8, 512), (32, 1024), (20, 16), (32, 4), (32, 8),
              (16, 4), (16, 5)],
    "ecp5": [(16, 256), (27, 2048), (32, 8), (64, 512), (11, 32), (83, 23), (16, 128), (8, 2048),
             (20, 16), (1, 16384)],
    "gowin": [(16, 256), (24, 512), (64, 512), (8, 512), (32, 128), (16, 129), (47, 23), (256, 4),
              (2, 8192), (1, 16384), (16, 1024), (8, 16)],
}  # fmt: skip
READ_ONLY = [(6, 64), (7, 128), (8, 256), (9, 512), (14, 1024)]
"""Bits and words; those that are read only are the tables of sigmoids of 8 to 16 bits."""

BLOCKS = {"SB_RAM40_4K", "DP16KD", "DPB", "DPX9B", "SDPB", "SDPX9B", "SP", "SPX9"}


def contents(bits, words):
    draw = random.Random(bits)
    return [0, (1 << bits) - 1, *(draw.getrandbits(bits) for _ in range(words - 2))]


def memory(bits, words, written):
    """A module with one memory, and its ports."""
    m, init = Module(), [] if written else contents(bits, words)
    m.submodules.memory = store = Memory(shape=bits, depth=words, init=init)
    read = store.read_port()
    ports = [read.addr, read.data]
    if written:
        write = store.write_port()
        ports += [write.addr, write.data, write.en]
    return m, ports


@pytest.mark.parametrize("family", FAMILIES)
def test_blocks_are_counted_as_they_are_synthesised(family, tmp_path):
    shapes = [(*shape, True) for shape in WRITTEN[family]]
    shapes += [(*shape, False) for shape in READ_ONLY]
    design, ports = Module(), []
    for number, shape in enumerate(shapes):
        design.submodules[f"part_{number}"], own = memory(*shape)
        for port, signal in enumerate(own):
            outside = Signal.like(signal, name=f"p{number}_{port}")
            design.d.comb += outside.eq(signal) if port == 1 else signal.eq(outside)
            ports.append(outside)
    (tmp_path / "top.il").write_text(rtlil.convert(design, ports=ports))
    synth = f"synth_{family} {FAMILIES[family].synth_options} -noflatten -top top"
    if family == "gowin":
        synth = f"{synth} -run begin:map_ram; {SHORT_MEMORIES}; {synth} -run map_ram:"
    script = (
        "read_rtlil top.il; setparam -set COLLISION_X_MASK 1'1 t:$memrd_v2 r:CLK_ENABLE=1 %i; "
        f"{synth}; write_json top.json"
    )
    subprocess.run(
        [*find_tool("yosys"), "-q", "-p", script], cwd=tmp_path, check=True, capture_output=True
    )
    modules = json.loads((tmp_path / "top.json").read_text())["modules"]
    for number, (bits, words, written) in enumerate(shapes):
        cells = [
            cell["type"] for name, module in modules.items() if f"part_{number}" in name.split(".")
            for cell in module["cells"].values()
        ]  # fmt: skip
        assert cells, (bits, words)
        shape = MemoryShape(bits=bits, words=words, written=written)
        assert block_count(family, shape) == sum(kind in BLOCKS for kind in cells), shape
        if family in LUT_RAM_WORDS:
            assert logic_pieces(family, shape) == cells.count("RAM16SDP4"), shape


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_in_no_block_ram_counts_none(family):
    width, depth = BLOCK_MODES[family][0]
    fields = {"bits": width, "words": depth}
    assert block_count(family, MemoryShape(**fields)) == 1
    assert block_count(family, MemoryShape(**fields, clocked=False)) == 0
    assert block_count(family, MemoryShape(**fields, place="SPRAM")) == 0
    words = LOGIC_ROM_BITS[family] // 8
    assert block_count(family, MemoryShape(bits=8, words=words, written=False)) == 0
    assert block_count(family, MemoryShape(bits=8, words=words + 1, written=False)) == 1


def test_a_table_has_the_bits_that_differ():
    assert rom_memory([0b1000, 0b1001, 0b1100]) == MemoryShape(bits=2, words=3, written=False)
    assert queue_memory(bits=5, depth=24) == MemoryShape(bits=5, words=23)
