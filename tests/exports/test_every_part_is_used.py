"""Whatever block a design makes becomes part of its circuit.

Amaranth warns of a block that was made and never elaborated when Python happens to collect it, in
whatever test that is. There it is ignored; here, where it is certain to be seen, it is looked for.
"""

import gc
import warnings

import pytest
from amaranth import *
from amaranth.hdl import Fragment, UnusedElaboratable
from door_cases import deciding
from hearing.devices import LAYOUT, shape_of
from hearing.networks import hearing_network

from thresh.audio.decimator import Decimator
from thresh.exports.shells import SHELLS
from thresh.gateware.device.observed_device import ObservedDevice
from thresh.gateware.lib.stream_register import StreamRegister
from thresh.hw.flow.board_accelerator import accelerator_of


def unused(make, **words):
    """What of the design that ``make`` returns no circuit holds."""
    gc.collect()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UnusedElaboratable)
        Fragment.get(make(**words), None)
        gc.collect()
    return [str(one.message) for one in caught if one.category is UnusedElaboratable]


class Forgetful(Elaboratable):
    """Makes a block and forgets it."""

    def elaborate(self, platform):
        StreamRegister(8)
        return Module()


def test_a_block_that_is_forgotten_is_found():
    assert [said.split()[0] for said in unused(Forgetful)] == [
        "<thresh.gateware.lib.stream_register.StreamRegister"
    ]


@pytest.mark.parametrize(
    ("board", "words"),
    [
        ("icebreaker", {}),
        ("ulx3s-85f", {"lanes": 32}),
        ("ulx3s-85f", {"lanes": 16, "sparse": True}),
        ("ulx3s-85f", {"columns": "sdram"}),
        ("ulx3s-85f", {"columns": "sdram", "sparse": True}),
    ],
)
def test_an_accelerator_uses_every_block(board, words):
    made = deciding().compile(board, **words)
    assert unused(accelerator_of, board=made.board, image=made.image) == []


@pytest.mark.parametrize("name", SHELLS)
def test_a_shell_uses_every_block(name):
    image = deciding().compile(lanes=8).image
    assert unused(SHELLS[name].component, image=image, preload=True, clock_hz=12e6, baud=1e6) == []


def test_a_device_uses_every_block():
    shape = shape_of(hearing_network(microphone=Decimator().to_dict()))
    assert unused(ObservedDevice, shape=shape, layout=LAYOUT, wake_cycles=5) == []
