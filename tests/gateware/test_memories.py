"""The memories that components publish are those that they make."""

from collections import Counter
from dataclasses import replace

import pytest
from amaranth.hdl import Shape
from amaranth.hdl._ir import Fragment, Instance
from amaranth.hdl._mem import MemoryInstance
from board_twins import BOARDS, GEOMETRIES

from thresh.gateware.accelerator import Accelerator
from thresh.gateware.sdram.sdram_setup import SdramSetup
from thresh.hw.families import FAMILIES
from thresh.layout.geometry import Geometry
from thresh.layout.sdram_chip import ULX3S_SDRAM


def fragments(fragment):
    yield fragment
    for inner, *_ in fragment.subfragments:
        yield from fragments(inner)


def made(accelerator):
    """Bits, words and whether it is written of every memory, and how many SB_MAC16."""
    found, multipliers = Counter(), 0
    for part in fragments(Fragment.get(accelerator, None)):
        if isinstance(part, MemoryInstance) and part._attrs.get("rom_style") != "logic":
            data, written = part._data, bool(part._write_ports)
            width = Shape.cast(data.shape).width
            if not written:
                width = sum(len({word >> n & 1 for word in data.init}) > 1 for n in range(width))
            found[width, data.depth, written] += 1
        elif isinstance(part, Instance) and part.type == "SB_SPRAM256KA":
            found[16, 16384, True] += 1
        elif isinstance(part, Instance):
            multipliers += part.type == "SB_MAC16"
    return found, multipliers


def published(geometry, primitives):
    shapes = Accelerator.memories(geometry, primitives)
    return Counter((shape.bits, shape.words, shape.written) for shape in shapes)


SHAPES = [
    *((*case[:4], BOARDS[case[4]], {}) for case in GEOMETRIES[:7]),
    (8, 1, 8, 16, FAMILIES["ice40"].primitives, {"packet_bytes": 1024}),
    (8, 1, 8, 16, FAMILIES["ice40"].lean_primitives, {"accumulator_depth": 640}),
    (16, 1, 4, 8, FAMILIES["ice40"].primitives, {}),
    (16, 2, 4, 8, FAMILIES["ice40"].primitives, {}),
    (8, 1, 8, 16, BOARDS["default"], {"sparse": True}),
    (16, 4, 8, 12, BOARDS["ecp5"], {"sparse": True, "value_depth": 2048}),
    (16, 2, 8, 16, BOARDS["ecp5"], {"columns": "sdram", "weight_depth": 4096}),
]


@pytest.mark.parametrize("case", SHAPES, ids=lambda case: "-".join(map(str, case[:4])))
def test_a_published_memory_is_made_and_a_made_one_is_published(case):
    lanes, pointwise_lanes, weight_bits, value_bits, primitives, more = case
    fields = {"weight_depth": 2048, "accumulator_depth": 512, "state_depth": 256,
              "value_depth": 256}  # fmt: skip
    geometry = Geometry(
        lanes=lanes, pointwise_lanes=pointwise_lanes, weight_bits=weight_bits,
        value_bits=value_bits, **(fields | more),
    )  # fmt: skip
    setup = SdramSetup(chip=ULX3S_SDRAM, clock_hz=100e6) if geometry.columns == "sdram" else None
    accelerator = Accelerator(
        geometry=geometry, clock_hz=100e6, baud=1e6, primitives=primitives, sdram=setup
    )
    found, multipliers = made(accelerator)
    if primitives.mac_lane is FAMILIES["ice40"].primitives.mac_lane:
        assert Accelerator.multipliers(geometry, primitives) == multipliers
    assert published(geometry, primitives) == found
    wider = replace(geometry, packet_bytes=4096)
    assert published(wider, primitives) != found
