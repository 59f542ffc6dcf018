"""Gowin primitives against their behavioural twins, and what the tools are told of the device."""

import random

import pytest
from amaranth.back import rtlil
from block_bench import run_cycles

from bench.hardware.board_pins import Echo
from thresh.gateware.columns.column_memory import ColumnMemory
from thresh.hw.estimates.fit import device_needs
from thresh.hw.families import constraint_options, pack_arguments
from thresh.hw.flow.build import generate
from thresh.hw.gowin import BLOCK_RAMS, BsramColumnMemory, DspMacLane, banks
from thresh.hw.known_boards import BOARDS

TANG = BOARDS["tang-nano-20k"]
CYCLES = 400


@pytest.mark.parametrize("depth", [2, 512, 1024, 5120, 9216, 16384])
def test_banks_cover_every_word_once(depth):
    found, start = banks(depth), 0
    for first, words, bits in found:
        assert first == start
        assert (words, bits) in BLOCK_RAMS
        assert first % words == 0
        start += words
    assert depth <= start
    if depth >= 1024:
        assert sum(64 // bits for *_, bits in found) == 64 * depth // 16384


def test_the_board_s_weights_take_no_more_than_their_bits():
    depth = TANG.geometry.weight_depth
    shapes = BsramColumnMemory.memories(width=64, depth=depth)
    assert sum(shape.bits * shape.words for shape in shapes) == 64 * depth
    assert device_needs(TANG, TANG.geometry)["block RAM"].needed == 45


@pytest.mark.parametrize("depth", [16, 2048, 5120])
def test_column_memory_equals_twin(depth):
    draw = random.Random(3)
    edges = [0, depth - 1, depth // 2, max(0, depth - 1024), min(4095, depth - 1)]
    drive = []
    for _ in range(CYCLES):
        write, read = draw.sample(sorted({*edges, draw.randrange(depth), 7}), 2)
        drive.append(
            {
                "read_address": read,
                "write_address": write,
                "write_enable": int(draw.random() < 0.5),
                "write_data": draw.getrandbits(64),
            }
        )
    init = [n * 0x9E3779B97F4A7C15 >> 3 & (1 << 64) - 1 for n in range(min(depth, 64))]
    sizes = {"width": 64, "depth": depth, "init": init}
    late = BsramColumnMemory.latency - ColumnMemory.latency
    ours = run_cycles(BsramColumnMemory(**sizes), drive, "read_data")
    twin = run_cycles(ColumnMemory(**sizes), drive, "read_data")
    assert ours[BsramColumnMemory.latency + late :] == twin[BsramColumnMemory.latency : -late]


def test_multipliers_have_all_their_registers():
    text = rtlil.convert(DspMacLane(weight_bits=8, value_bits=16))
    for register in ("AREG", "BREG", "PIPE_REG", "OUT_REG"):
        assert f"parameter \\{register} 1'1" in text


def test_scripts_are_those_of_the_open_tools():
    files = generate(TANG, Echo())
    script = files["ys"]
    synth = "synth_gowin -family gw2a -nodsp -top thresh -run"
    order = [f"{synth} begin:map_ram", 'ram_style "distributed"', f"{synth} map_ram:", "write_json"]
    assert [script.index(text) for text in order] == sorted(map(script.index, order))
    assert 'IO_LOC "uart_0__rx__io" 70;' in files["cst"]
    assert "IO_TYPE=LVCMOS33" in files["cst"]
    assert "cell \\rPLL " in files["il"]
    assert constraint_options(TANG, "a.cst") == ["--vopt", "cst=a.cst"]
    assert pack_arguments(TANG, "a.pnr", "a.fs") == ["-d", "GW2A-18C", "-o", "a.fs", "a.pnr"]


def test_the_others_are_told_as_before():
    ulx3s, ice = BOARDS["ulx3s-12f"], BOARDS["icebreaker"]
    assert constraint_options(ulx3s, "a.lpf") == ["--lpf", "a.lpf"]
    assert pack_arguments(ulx3s, "a.config", "a.bit") == ["--compress", "a.config", "a.bit"]
    assert pack_arguments(ice, "a.asc", "a.bin") == ["a.asc", "a.bin"]
