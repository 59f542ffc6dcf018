"""Compiled devices with small networks in their flash, and what they must agree with."""

from functools import cache
from pathlib import Path

from link_bench import geometry

from thresh.audio.chain import read_features, read_microphone, read_spotter
from thresh.audio.decimator import Decimator
from thresh.gateware.verilog import device_verilog
from thresh.layout.device.image import device_body
from thresh.layout.device.shape import DeviceShape
from thresh.layout.flash_boot import replacement
from thresh.layout.flash_slots import FlashLayout
from thresh.sim.device.clocks import Clocks
from thresh.sim.device.compiled import CompiledDevice
from thresh.sim.device.trace import first_difference
from thresh.sim.engines.compiled import compile_verilog
from thresh.sim.flash_model import FlashModel

LAYOUT = FlashLayout(base=4096, slot_bytes=0x8000)

SLOW_BITS = {"audio_period": 5_000_000, "audio_spread": 500}
"""A bit every 5 us: a frame of few bits lasts as long as one of many."""

CLOCKS = (
    Clocks(**SLOW_BITS, core_period=41_667, phase=0, start=(0, 0), seed=1),
    Clocks(**SLOW_BITS, core_period=37_879, phase=17_001, start=(0, 100_000_000), seed=2),
    Clocks(**SLOW_BITS, core_period=90_909, phase=1_234_567, start=(90_000_000, 110_000_000)),
)
"""24 MHz at once; 26 MHz with random starts; 11 MHz with late ones."""


def shape_of(network, microphone=None):
    """A device for ``network`` with a small core."""
    front_end = read_features(network)
    return DeviceShape(
        geometry=geometry(),
        points=front_end.points,
        window=front_end.window,
        hop=front_end.hop,
        shift=read_spotter(network).shift,
        rate=front_end.rate,
        classes=4,
        microphone=microphone or read_microphone(network),
    )


@cache
def verilog(shape):
    """The text of a device."""
    return device_verilog(shape=shape, layout=LAYOUT, wake_cycles=5)


@cache
def library(shape):
    """A compiled device; every network of its shape runs in it."""
    return compile_verilog(verilog(shape), "thresh_device", Path("build/sim"))


def body(network, microphone=None):
    """What a slot holds of ``network``."""
    return device_body(network, shape_of(network, microphone), LAYOUT)


def flash_with(*bodies):
    """A flash in which one network replaced the other."""
    chip = FlashModel(LAYOUT.end)
    for one in bodies:
        chip.run(replacement(bytes(chip.array), LAYOUT, one))
    return bytes(chip.array)


def opened(network, *, flash=None, microphone=None, clocks=CLOCKS[0]):
    """A device at its power-up."""
    shape = shape_of(network, microphone)
    i2s = 0 if isinstance(shape.microphone, Decimator) else shape.microphone.bits
    flash = flash_with(body(network, microphone)) if flash is None else flash
    return CompiledDevice(library(shape), flash, clocks=clocks, i2s_bits=i2s)


def agree(device, network, microphone=None):
    """Compare every integer that passed since the start; the golden trace."""
    device.wait(20)
    device.rest()
    golden = device.golden(network, microphone=microphone)
    difference = first_difference(golden, device.trace(network))
    assert difference is None, difference
    return golden
